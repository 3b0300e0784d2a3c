"""One goal as a line of a list: what every view of the list shows, read without making model instances."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.goals import access
from apps.goals.models import OPEN_STATUSES, ProgressSource, Status, Visibility
from apps.goals.models.progress import expected_progress
from apps.workspaces.models import Member

COLUMNS = (
    "id",
    "parent_id",
    "title",
    "team_id",
    "team__name",
    "owner_id",
    "owner__name",
    "status",
    "visibility",
    "confidence",
    "progress",
    "progress_source",
    "importance",
    "urgency",
    "starts_on",
    "due_on",
    "cycle__starts_on",
    "cycle__ends_on",
    "activated_at",
    "last_check_in_at",
    "check_in_due_on",
    "labels",
)


@dataclass(frozen=True)
class Owner:
    """Who is shown as the owner of a line."""

    id: UUID
    name: str


@dataclass
class GoalTableRow:
    """One line. `progress` is None where nothing measures it, or where the reader may not know."""

    id: UUID
    title: str
    href: str
    team: str
    team_id: UUID | None
    owner: Owner | None
    state: str
    state_words: str
    progress: float | None
    progress_source: str
    expected: float | None
    starts_on: date | None
    due_on: date | None
    silent_since: date | None
    ever_checked_in: bool
    importance: int | None
    urgency: int | None
    visibility: str
    labels: list[str]
    may_change: bool
    level: int = 0
    within: str = ""
    more: int = 0
    above: UUID | None = None
    below: UUID | None = None

    @property
    def visibility_icon(self) -> str:
        """A mark for goals that not everyone sees."""
        return {Visibility.PRIVATE.value: "lock", Visibility.TEAM.value: "users"}.get(self.visibility, "")

    @property
    def visibility_words(self) -> str:
        """The same in words."""
        return str(Visibility(self.visibility).label)


@dataclass(frozen=True)
class RowReader:
    """For whom the lines are made: the member, the day it is for them, and where goals have their pages."""

    member: Member
    today: date
    goal_path: str

    def href(self, pk: UUID) -> str:
        """The address of a goal's page; `goal_path` ends before the id, so that no line needs a look-up of its own."""
        return f"{self.goal_path}{pk}/"


def read_row(values: dict[str, Any], reader: RowReader) -> GoalTableRow:
    """A line from the values of COLUMNS and `may_change`."""
    starts_on = values["starts_on"] or values["cycle__starts_on"]
    due_on = values["due_on"] or values["cycle__ends_on"]
    status = values["status"]
    is_open = status in OPEN_STATUSES
    row = GoalTableRow(
        id=values["id"],
        title=values["title"],
        href=reader.href(values["id"]),
        team_id=values["team_id"],
        team=values["team__name"] or "",
        owner=Owner(values["owner_id"], values["owner__name"]) if values["owner_id"] else None,
        state=(values["confidence"] or "none") if status == Status.ACTIVE else status,
        state_words=_("Draft") if status == Status.DRAFT else "",
        progress=values["progress"],
        progress_source=values["progress_source"],
        expected=expected_progress(starts_on, due_on, reader.today) if status == Status.ACTIVE else None,
        starts_on=starts_on,
        due_on=due_on,
        silent_since=_silent_since(values, reader) if is_open else None,
        ever_checked_in=values["last_check_in_at"] is not None,
        importance=values["importance"],
        urgency=values["urgency"],
        visibility=values["visibility"],
        labels=values["labels"],
        may_change=values["may_change"],
    )
    if row.progress_source == ProgressSource.NONE or not access.shows_progress(reader.member, row):
        row.progress = row.expected = None
    return row


def _silent_since(values: dict[str, Any], reader: RowReader) -> date | None:
    """The day of the last check-in (or of becoming active), where the next one is overdue."""
    if values["check_in_due_on"] is None or values["check_in_due_on"] >= reader.today:
        return None
    last: datetime | None = values["last_check_in_at"] or values["activated_at"]
    return last.astimezone(reader.member.zone).date() if last else None


def read_rows(rows: Iterable[dict[str, Any]], reader: RowReader) -> list[GoalTableRow]:
    """Lines from the values of many goals."""
    return [read_row(values, reader) for values in rows]
