"""What a file says, as plain rows with references as they are written there, and how they are kept as JSON."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any, TypeVar, get_args, get_type_hints
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
    goal: str
    made_at: datetime
    author: str | None = None
    author_name: str = ""
    note: str = ""
    note_format: str = ""
    progress: float | None = None
    confidence: str | None = None
    status: str | None = None


@dataclass(slots=True)
class TaskRow:
    """A task of a goal. `label` names it in the report: the goal's key and its place there."""

    key: str
    label: str
    goal: str
    title: str
    description: str | None = None
    owners: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    status: str | None = None
    closed_on: date | None = None


@dataclass(slots=True)
class SubjectRow:
    """What assignments speak of that is no goal."""

    key: str
    subject: str


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
    lesson: str | None = None
    began_on: date | None = None
    closed_on: date | None = None
    as_of: datetime | None = None
    updates: list[UpdateRow] = field(default_factory=list)
    tasks: list[TaskRow] = field(default_factory=list)


KEY_MAX = 255
Row = PersonRow | TeamRow | CycleSpec | GoalRow | UpdateRow | TaskRow | SubjectRow | AssignmentRow
Kept = TypeVar("Kept", PersonRow, TeamRow, CycleSpec, GoalRow, UpdateRow, TaskRow, SubjectRow, AssignmentRow)
Here = Callable[[str, Collection[str]], set[str]]
"""Which of these keys of a kind the file has had already, as same_key writes them."""
NESTED = ("updates", "tasks")
"""What of a goal is kept as rows of its own."""


def to_record(row: Row) -> dict[str, object]:
    """What a row says, as JSON can hold it; what it does not say is left out."""
    said = ((each.name, getattr(row, each.name)) for each in fields(row) if each.name not in NESTED)
    return {name: _plain(value) for name, value in said if value not in (None, "", [])}


def _plain(value: object) -> object:
    match value:
        case UUID() | date():
            return str(value) if isinstance(value, UUID) else value.isoformat()
        case MemberSpec() | TeamSpec():
            return asdict(value)
        case _:
            return value


def from_record(kind: type[Kept], data: Mapping[str, Any]) -> Kept:
    """The row that was kept so."""
    readers = READERS[kind]
    said: dict[str, Any] = {name: readers[name](value) if name in readers else value for name, value in data.items()}
    return kind(**said)


def _readers(kind: type) -> dict[str, Callable[[Any], object]]:
    """How fields are read that JSON has no kind for."""
    known: dict[object, Callable[[Any], object]] = {
        date: date.fromisoformat, datetime: datetime.fromisoformat, UUID: UUID,
        MemberSpec: lambda said: MemberSpec(**said), TeamSpec: lambda said: TeamSpec(**said),
    }  # fmt: skip
    found: dict[str, Callable[[object], object]] = {}
    for name, hint in get_type_hints(kind).items():
        for each in get_args(hint) or (hint,):
            if each in known:
                found[name] = known[each]
    return found


READERS: dict[type[Row], dict[str, Callable[[object], object]]] = {
    kind: _readers(kind)
    for kind in (PersonRow, TeamRow, CycleSpec, GoalRow, UpdateRow, TaskRow, SubjectRow, AssignmentRow)
}


def same_key(kind: str, key: str) -> str:
    """The key as rows of one kind are told apart by it: cycles by their name in any case."""
    return key.casefold()[:KEY_MAX] if kind == "cycles" else key
