"""What a file says, as plain rows with references as they are written there."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from apps.goals.services.bulk import CycleSpec
from apps.workspaces.services.bulk import MemberSpec, TeamSpec


@dataclass(slots=True)
class PersonRow:
    """A person, with whom they report to."""

    spec: MemberSpec
    manager: str | None = None


@dataclass(slots=True)
class TeamRow:
    """A team, with its place and people."""

    spec: TeamSpec
    parent: str | None = None
    leads: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)


@dataclass(slots=True)
class UpdateRow:
    """What was said of a goal on a day. `label` names it in the report: the goal's key and its place there."""

    key: str
    label: str
    made_at: datetime
    author: str | None
    author_name: str
    note: str
    note_format: str
    progress: float | None
    confidence: str | None
    status: str | None


@dataclass(slots=True)
class TaskRow:
    """A task of a goal. `label` names it in the report: the goal's key and its place there."""

    key: str
    label: str
    title: str
    description: str | None = None
    owners: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    status: str | None = None


@dataclass(slots=True)
class AssignmentRow:
    """A person or a team in a role on a goal, or on what a subject names. `label` names it in the report."""

    key: str
    label: str
    role: str
    goal: str | None = None
    subject: str | None = None
    person: str | None = None
    team: str | None = None
    note: str = ""


@dataclass(slots=True)
class GoalRow:
    """A goal; None and empty lists where the file says nothing."""

    key: str
    pk: UUID | None = None
    title: str | None = None
    reason: str | None = None
    description: str | None = None
    cycle: str | None = None
    team: str | None = None
    supporting: list[str] = field(default_factory=list)
    owner: str | None = None
    parent: str | None = None
    labels: list[str] = field(default_factory=list)
    url: str | None = None
    importance: int | None = None
    urgency: int | None = None
    visibility: str | None = None
    starts_on: date | None = None
    due_on: date | None = None
    status: str | None = None
    began_on: date | None = None
    closed_on: date | None = None
    as_of: datetime | None = None
    updates: list[UpdateRow] = field(default_factory=list)
    tasks: list[TaskRow] = field(default_factory=list)


@dataclass
class ParsedFile:
    """All a file says. `by_names`: references are addresses, names, paths and titles, not only keys."""

    people: list[PersonRow] = field(default_factory=list)
    teams: list[TeamRow] = field(default_factory=list)
    cycles: list[CycleSpec] = field(default_factory=list)
    goals: list[GoalRow] = field(default_factory=list)
    assignments: list[AssignmentRow] = field(default_factory=list)
    by_names: bool = False

    def total(self) -> int:
        """How many rows there are, for the progress bar."""
        on_goals = sum(len(goal.updates) + len(goal.tasks) for goal in self.goals)
        rows = (self.people, self.teams, self.cycles, self.goals, self.assignments)
        return sum(len(kind) for kind in rows) + on_goals
