"""Check-ins from a file: what was said of goals in the past, by whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.activity.services import plain
from apps.core.bulk import insert_many
from apps.goals.models import CheckIn, CheckInRevision, Goal, NoteFormat
from apps.workspaces.services.bulk import BulkRun, BulkTally, batches

FIELDS = ("author_id", "author_name", "made_at", "progress", "confidence", "note", "note_format")
STORED = [*(name.removesuffix("_id") for name in FIELDS), "updated_at"]


@dataclass(slots=True)
class CheckInSpec:
    """A check-in as the file has it, known by its key and called `label` in the report.

    The author is a member where one is meant, else only a name.
    """

    key: str
    label: str
    goal_id: UUID
    made_at: datetime
    author_id: UUID | None = None
    author_name: str = ""
    note: str = ""
    note_format: str = NoteFormat.MARKDOWN
    progress: float | None = None
    confidence: str | None = None


def upsert_check_ins(rows: Iterable[CheckInSpec], run: BulkRun) -> tuple[BulkTally, set[UUID]]:
    """Make or change check-ins; gives back their tally and the goals they stand on.

    One that its author has edited here stays as it is. What another says differently is changed, and what it said
    before is kept as a revision.
    """
    tally, goals = BulkTally(), set[UUID]()
    for batch in batches(rows):
        keys = [row.key for row in batch]
        here = CheckIn.objects.filter(workspace_id=run.by.workspace_id, external_id__in=keys)
        known = {check_in.external_id: check_in for check_in in run.locked(here)}
        new, changed, revisions = [], [], []
        for row in batch:
            check_in = known.get(row.key)
            if check_in is None:
                check_in = _new_check_in(row, run)
                new.append(check_in)
                tally.created.add(check_in.pk)
            elif before := _update_check_in(check_in, row, run):
                changed.append(check_in)
                tally.touch(check_in.pk)
                revisions.append(_revision(check_in, before, run))
            tally.ids[row.key] = check_in.pk
        goals.update(check_in.goal_id for check_in in [*new, *changed])
        insert_many(new)
        run.update(changed, STORED, made=tally.created)
        if not run.plan:
            insert_many(revisions)
    _record(goals, tally, run)
    return tally, goals


def _new_check_in(row: CheckInSpec, run: BulkRun) -> CheckIn:
    fields = {name: getattr(row, name) for name in FIELDS}
    return CheckIn(
        workspace_id=run.by.workspace_id, goal_id=row.goal_id, external_id=row.key, created_at=run.at, **fields
    )


def _update_check_in(check_in: CheckIn, row: CheckInSpec, run: BulkRun) -> dict[str, object]:
    """Set what differs (not saved); what stood there before, or nothing where it stays."""
    zone = run.by.workspace.zone
    wanted = {name: getattr(row, name) for name in FIELDS}
    stated = {name: value for name, value in wanted.items() if value not in (None, "")}
    if row.author_id is not None and row.author_id == check_in.author_id:
        stated.pop("author_name", None)  # people change their names; who it was stays
    if row.made_at.astimezone(zone).date() == check_in.made_at.astimezone(zone).date():
        stated.pop("made_at")  # the file knows the day, not the hour
    differing = {name: value for name, value in stated.items() if value != getattr(check_in, name)}
    reason = ""
    if check_in.goal_id != row.goal_id:
        reason = "left_out"
    elif differing and check_in.edited_at is not None:
        reason = "kept_by_hand"
    if reason:
        run.tell("check_ins", row.label, reason)
        return {}
    before = {name: getattr(check_in, name) for name in differing}
    for name, value in differing.items():
        setattr(check_in, name, value)
    check_in.updated_at = run.at
    return before


def _revision(check_in: CheckIn, before: dict[str, object], run: BulkRun) -> CheckInRevision:
    return CheckInRevision(
        workspace_id=check_in.workspace_id, check_in=check_in, edited_by=run.by, edited_at=run.at, created_at=run.at,
        before=plain(before),
    )  # fmt: skip


def _record(goals: set[UUID], tally: BulkTally, run: BulkRun) -> None:
    """One event a goal, not one a check-in: the check-ins themselves are its history."""
    if not tally.created and not tally.updated:
        return
    for batch in batches(sorted(goals)):
        for goal in Goal.objects.filter(pk__in=batch).only("pk"):
            run.record("goal.check_ins_imported", goal, {})
