"""Goals from a file, without their parents (see parents.py) and without what is derived (see figures.py)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Max, Q, QuerySet

from apps.core.bulk import insert_many
from apps.core.models import new_id
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Cycle, Goal, GoalSupport, Status, Visibility
from apps.goals.services.closing import after_closing, after_reopening, set_closed, set_reopened
from apps.goals.services.dates import set_check_in_dates
from apps.goals.services.locks import lock_together
from apps.goals.services.ranking import GAP
from apps.workspaces.models import Member
from apps.workspaces.services.bulk import BATCH, BulkRun, BulkTally, apply_changes, batches, kept_by_hand

GOALS_AT_ONCE = BATCH // 2
FIELDS = (
    "title", "reason", "description", "cycle_id", "team_id", "owner_id", "labels", "url", "importance", "urgency",
    "visibility", "starts_on", "due_on",
)  # fmt: skip
STORED = [
    *(name.removesuffix("_id") for name in FIELDS),
    "status", "activated_at", "closed_at", "closed_by", "lesson", "rank", "updated_at",
]  # fmt: skip
CLOSINGS = {"achieved", "missed", "dropped", "reopened"}
ENDS = ("status", "activated_at", "closed_at", "closed_by", "lesson")
REFUSED = {"lesson": "needs_lesson", "without_answers": "waits_for_answers"}


@dataclass(slots=True)
class GoalSpec:
    """A goal as the file has it; None where it says nothing. References are ids of this workspace.

    `pk` names a goal of ours (an export says so), else `key` does, the external id. `as_of` is when the file's words
    were true of our goal: what people changed later stays. `began_on`, `closed_on` date a goal made active, closed;
    `lesson` is what was learned, without which no goal of ours is closed.
    """

    key: str
    pk: UUID | None = None
    title: str | None = None
    reason: str | None = None
    description: str | None = None
    cycle_id: UUID | None = None
    team_id: UUID | None = None
    owner_id: UUID | None = None
    labels: list[str] | None = None
    url: str | None = None
    importance: int | None = None
    urgency: int | None = None
    visibility: str | None = None
    starts_on: date | None = None
    due_on: date | None = None
    status: str | None = None
    lesson: str | None = None
    supporting_ids: list[UUID] = field(default_factory=list)
    began_on: date | None = None
    closed_on: date | None = None
    as_of: datetime | None = None


class _GoalBatch:
    """What one batch of goals needs to know, read in a fixed number of queries."""

    def __init__(self, rows: Sequence[GoalSpec], run: BulkRun, gone: Collection[UUID]) -> None:
        goals = Goal.objects.filter(workspace_id=run.by.workspace_id)
        named = Q(external_id__in=[row.key for row in rows if row.pk is None])
        named |= Q(pk__in=[row.pk for row in rows if row.pk])
        found = _found(goals.filter(named), run)
        self.by_pk = {goal.pk: goal for goal in found}
        self.by_key = {goal.external_id: goal for goal in found if goal.external_id}
        open_to_me = access.visible_goals(run.by).filter(access.changeable(run.by), pk__in=self.by_pk)
        self.changeable = set(open_to_me.values_list("pk", flat=True))
        self.gone = gone
        cycle_ids = {row.cycle_id for row in rows if row.cycle_id}
        self.cycles = {cycle.pk: cycle for cycle in Cycle.objects.filter(pk__in=cycle_ids)}
        support = GoalSupport.objects.filter(goal_id__in=self.by_pk).values_list("goal_id", "team_id")
        self.supports = set(support)
        self.closed: list[Goal] = []
        self.reopened: list[Goal] = []
        run.existing(self.by_pk)

    def find(self, row: GoalSpec) -> Goal | None:
        """The goal the row speaks of, whether or not the actor may know."""
        return self.by_pk.get(row.pk) if row.pk else self.by_key.get(row.key)

    def tell_ends(self, run: BulkRun) -> None:
        """What follows for goals that were closed or reopened, once they are stored; of a plan nothing does."""
        if run.plan:
            return
        for goal in self.reopened:
            after_reopening(goal, at=run.at)
        for goal in self.closed:
            after_closing(goal, by=run.by, at=run.at)


def _found(rows: QuerySet[Goal], run: BulkRun) -> list[Goal]:
    """These goals, locked in the order that everybody locks goals in."""
    if not run.plan:
        lock_together(rows.values_list("pk", flat=True))
    return list(rows)


class Ranks:
    """The next free rank of each cycle, behind the goals the actor sees; see services.ranking."""

    def __init__(self, by: Member) -> None:
        goals = access.visible_goals(by).order_by().values("cycle_id").annotate(last=Max("rank"))
        self.last: dict[UUID | None, int] = dict(goals.values_list("cycle_id", "last"))

    def take(self, cycle_id: UUID | None) -> int:
        """A rank behind all others."""
        self.last[cycle_id] = self.last.get(cycle_id, 0) + GAP
        return self.last[cycle_id]


def upsert_goals(rows: Iterable[GoalSpec], run: BulkRun, *, gone: Collection[UUID], ranks: Ranks) -> BulkTally:
    """Make or change goals. `gone` are deactivated people, who are given nothing new.

    What is derived is right for goals that are made; for those that changed it is refresh_figures'.

    A goal that the actor does not see or may not change is left out, and so is a row that names one that is not there:
    the report says the same of both.
    """
    tally = BulkTally()
    for batch in batches(rows, GOALS_AT_ONCE):
        known = _GoalBatch(batch, run, gone)
        new, changed, supports = [], [], []
        for row in batch:
            goal = known.find(row)
            if (goal is None and row.pk) or (goal is not None and goal.pk not in known.changeable):
                run.tell("goals", row.key, "left_out")
                continue
            if goal is None:
                goal = _new_goal(row, known, ranks, run)
                if goal is None:
                    continue
                new.append(goal)
                tally.created.add(goal.pk)
            elif _update_goal(goal, row, known, ranks, run):
                changed.append(goal)
                tally.touch(goal.pk)
            tally.ids[row.key] = goal.pk
            supports += _new_supports(goal, row, known, tally, run)
        insert_many(new)
        run.update(changed, STORED, made=tally.created)
        insert_many(supports)
        known.tell_ends(run)
    return tally


def _new_goal(row: GoalSpec, known: _GoalBatch, ranks: Ranks, run: BulkRun) -> Goal | None:
    goal = Goal(workspace_id=run.by.workspace_id, external_id=row.key, created_at=run.at)
    wanted = _wanted(goal, row, known, run)
    if row.visibility not in (None, goal.visibility) and "visibility" not in wanted:
        return None  # shown to fewer people than it could be here: better not at all than to all
    for name, value in wanted.items():
        setattr(goal, name, value)
    goal.rank = ranks.take(goal.cycle_id)
    cycle = known.cycles.get(goal.cycle_id) if goal.cycle_id else None
    _begin(goal, row, cycle, run)
    run.record("goal.created", goal, {"title": goal.title})
    return goal


def _begin(goal: Goal, row: GoalSpec, cycle: Cycle | None, run: BulkRun) -> None:
    """Set the status with its dates; where the file says nothing a goal is active, as every new one."""
    goal.status = row.status or Status.ACTIVE
    if goal.status != Status.DRAFT:
        began_on = row.began_on or (cycle.starts_on if cycle else None)
        goal.activated_at = _at_noon(began_on, run)
    if goal.status not in OPEN_STATUSES:
        goal.closed_at, goal.lesson = _at_noon(row.closed_on, run), (row.lesson or "").strip()
        run.tell("goals", row.key, "closed_as_history", "status", goal.status)
    set_check_in_dates(goal, workspace=run.by.workspace)
    if goal.check_in_due_on and goal.check_in_due_on <= run.at.astimezone(run.by.workspace.zone).date():
        goal.remind_on = None  # nobody is reminded of a past that was imported


def _at_noon(day: date | None, run: BulkRun) -> datetime:
    """Noon of the day where the workspace is, or now where there is no day or it has not come."""
    moment = datetime.combine(day, time(12), run.by.workspace.zone) if day else run.at
    return min(moment, run.at)


def _update_goal(goal: Goal, row: GoalSpec, known: _GoalBatch, ranks: Ranks, run: BulkRun) -> bool:
    differing = _wanted(goal, row, known, run)
    kept = kept_by_hand("goal", goal.pk, _words(differing), run, since=row.as_of) if differing else set()
    for name in list(differing):
        if name.removesuffix("_id") in kept:
            run.tell("goals", row.key, "kept_by_hand", name.removesuffix("_id"), str(differing.pop(name)))
    moved = _move_status(goal, row, known, run)
    if "cycle_id" in differing:
        goal.rank = ranks.take(differing["cycle_id"])
    return apply_changes(goal, differing, "goal.updated", run) or moved


def _words(differing: Mapping[str, Any]) -> set[str]:
    return {name.removesuffix("_id") for name in differing}


def _move_status(goal: Goal, row: GoalSpec, known: _GoalBatch, run: BulkRun) -> bool:
    """Move the goal between draft, active and closed as the file asks, under the rules of page and API."""
    if row.status is None or row.status == goal.status:
        return False
    if kept_by_hand("goal", goal.pk, {"status", *CLOSINGS}, run, since=row.as_of):
        run.tell("goals", row.key, "kept_by_hand", "status", row.status)
        return False
    if row.status not in OPEN_STATUSES:
        return _close(goal, row, known, run)
    if row.status == Status.DRAFT and goal.last_check_in_at:
        run.tell("goals", row.key, "no_draft_with_check_ins", "status", row.status)
        return False
    if goal.is_closed:
        _reopen(goal, known, run)
    if row.status == goal.status:
        return True
    activated_at = _at_noon(row.began_on, run) if row.status == Status.ACTIVE else None
    return apply_changes(goal, {"status": row.status, "activated_at": activated_at}, "goal.updated", run)


def _close(goal: Goal, row: GoalSpec, known: _GoalBatch, run: BulkRun) -> bool:
    """Close it if the file says what was learned and nobody is to be asked first; else it stays, and that is told.

    One that is closed with another outcome is reopened for it.
    """
    before = {name: getattr(goal, name) for name in ENDS}
    was_closed = set_reopened(goal, at=run.at) if goal.is_closed else None
    try:
        data = set_closed(goal, outcome=row.status or "", lesson=row.lesson or "", by=run.by, at=run.at)
    except ValidationError as error:
        for name, value in before.items():
            setattr(goal, name, value)
        run.tell("goals", row.key, next(reason for name, reason in REFUSED.items() if name in error.error_dict))
        return False
    if was_closed:
        run.record("goal.reopened", goal, was_closed)
        known.reopened.append(goal)
    goal.closed_at, goal.updated_at = _at_noon(row.closed_on, run), run.at
    goal.activated_at = before["activated_at"] or _at_noon(row.began_on, run)
    run.record(f"goal.{goal.status}", goal, data)
    known.closed.append(goal)
    return True


def _reopen(goal: Goal, known: _GoalBatch, run: BulkRun) -> None:
    run.record("goal.reopened", goal, set_reopened(goal, at=run.at))
    goal.updated_at = run.at
    known.reopened.append(goal)


def _wanted(goal: Goal, row: GoalSpec, known: _GoalBatch, run: BulkRun) -> dict[str, Any]:
    """What the file says other than the goal does, after what the rules refuse is told and left out."""
    wanted = {name: getattr(row, name) for name in FIELDS if getattr(row, name) is not None}
    wanted = {name: value for name, value in wanted.items() if not _same(value, getattr(goal, name))}
    refusals = (
        ("owner_id", "person_left", wanted.get("owner_id") in known.gone),
        ("cycle_id", "cycle_closed", "cycle_id" in wanted and known.cycles[wanted["cycle_id"]].is_closed),
        ("due_on", "ends_before_start", _is_reversed(goal, wanted)),
    )
    for name, reason, refused in refusals:
        if refused:
            run.tell("goals", row.key, reason, name.removesuffix("_id"), str(wanted.pop(name, "")))
    if _is_reversed(goal, wanted):
        wanted.pop("starts_on", None)
    if reason := _refuse_visibility(goal, wanted, run):
        run.tell("goals", row.key, reason, "visibility", str(wanted.pop("visibility", "")))
    return wanted


def _same(value: object, current: object) -> bool:
    """Equal, but for the line ends and blanks around a text that programs change on the way."""
    if isinstance(value, str) and isinstance(current, str):
        return value.replace("\r\n", "\n").strip() == current.replace("\r\n", "\n").strip()
    return bool(value == current)


def _is_reversed(goal: Goal, wanted: Mapping[str, Any]) -> bool:
    starts_on, due_on = wanted.get("starts_on", goal.starts_on), wanted.get("due_on", goal.due_on)
    return bool(starts_on and due_on and due_on < starts_on)


def _refuse_visibility(goal: Goal, wanted: Mapping[str, object], run: BulkRun) -> str:
    """Why the goal cannot be shown to these people: a team's goal names its team, a private one is its owner's own."""
    visibility = wanted.get("visibility", goal.visibility)
    if visibility == Visibility.TEAM and wanted.get("team_id", goal.team_id) is None:
        return "team_goal_without_team"
    if Visibility.PRIVATE in (visibility, goal.visibility) and "visibility" in wanted:
        owner_id = goal.owner_id or wanted.get("owner_id")
        return "" if owner_id == run.by.pk else "private_is_the_owners"
    return ""


def _new_supports(goal: Goal, row: GoalSpec, known: _GoalBatch, tally: BulkTally, run: BulkRun) -> list[GoalSupport]:
    missing = [pk for pk in row.supporting_ids if pk != goal.team_id and (goal.pk, pk) not in known.supports]
    if not missing:
        return []
    if goal.pk not in tally.created and kept_by_hand("goal", goal.pk, ["supporting_teams"], run, since=row.as_of):
        run.tell("goals", row.key, "kept_by_hand", "supporting_teams")
        return []
    tally.touch(goal.pk)
    return [
        GoalSupport(id=new_id(), workspace_id=goal.workspace_id, goal_id=goal.pk, team_id=pk, created_at=run.at)
        for pk in dict.fromkeys(missing)
    ]
