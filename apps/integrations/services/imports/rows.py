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


@dataclass
class ParsedFile:
    """All a file says. `by_names`: references are addresses, names, paths and titles, not only keys."""

    people: list[PersonRow] = field(default_factory=list)
    teams: list[TeamRow] = field(default_factory=list)
    cycles: list[CycleSpec] = field(default_factory=list)
    goals: list[GoalRow] = field(default_factory=list)
    by_names: bool = False

    def total(self) -> int:
        """How many rows there are, for the progress bar."""
        check_ins = sum(len(goal.updates) for goal in self.goals)
        return len(self.people) + len(self.teams) + len(self.cycles) + len(self.goals) + check_ins
