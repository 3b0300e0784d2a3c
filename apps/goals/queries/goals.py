"""Everything the page of one goal shows, in a bounded number of queries whatever hangs on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    CharField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, JSONObject

from apps.core.registries import Hook
from apps.goals import access
from apps.goals.models import (
    OPEN_STATUSES,
    CheckIn,
    Contributor,
    Cycle,
    Goal,
    GoalSupport,
    GoalValue,
    KeyResult,
    ProgressSource,
    Reading,
    Status,
)
from apps.goals.models.clarity import ClarityCheck, clarity, regularity
from apps.workspaces.access import visible_values
from apps.workspaces.models import Member

READINGS_SHOWN = 60
CHECK_INS_SHOWN = 6
CHILDREN_SHOWN = 50
PEOPLE_SHOWN = 200
RANKED_MAX = 1_000
WEEKS_SHOWN = 26


PAGE_COLUMNS: Hook[[Member, datetime], Mapping[str, object]] = Hook(
    "PAGE_COLUMNS",
    "called with (reader, at); what a goal's page reads with the goal in the same query (expressions by name)",
)


@dataclass(frozen=True)
class Named:
    """A row of which only the name is shown; people who give time may have said how much, of how much they have."""

    pk: UUID
    name: str
    hours: Decimal | None = None
    weekly_hours: Decimal = Decimal(0)


@dataclass(frozen=True)
class Point:
    """A key result's value at a check-in, and the value before it."""

    key_result: KeyResult
    value: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        """What it moved by."""
        return self.value - self.before

    @property
    def size(self) -> Decimal:
        """The same without its sign."""
        return abs(self.change)

    @property
    def is_better(self) -> bool:
        """Whether it moved towards the target."""
        return self.change < 0 if self.key_result.falls else self.change > 0


@dataclass
class KeyResultLine:
    """A key result with what its chart draws."""

    key_result: KeyResult
    starts_on: date | None
    due_on: date | None
    readings: list[tuple[date, Decimal]] = field(default_factory=list)


@dataclass
class CheckInLine:
    """A check-in with its readings."""

    check_in: CheckIn
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True)
class ChildLine:
    """A goal beneath, with what the reader may know of it."""

    goal: Goal
    progress: float | None

    @property
    def state(self) -> str:
        """Its outcome once it is closed, else the confidence."""
        return self.goal.status if self.goal.is_closed else self.goal.confidence or ""


@dataclass(frozen=True)
class GoalRank:
    """The goal's rank among those the reader sees, and how many these are; 0 where they are too many to count."""

    rank: int
    of: int


@dataclass
class GoalPage:
    """What the page shows."""

    goal: Goal
    parent: Goal | None
    children: list[ChildLine]
    has_more_children: bool
    key_results: list[KeyResultLine]
    check_ins: list[CheckInLine]
    has_more_check_ins: bool
    people: list[Named]
    supporting_teams: list[Named]
    values: list[Named]
    weeks: list[dict[str, Any]]
    clarity: list[ClarityCheck]
    place: GoalRank | None
    progress: float | None
    expected: float | None
    may_change: bool
    may_check_in: bool
    takes_progress: bool

    @property
    def due_outside(self) -> bool:
        """Whether there is a date, though outside the cycle."""
        return self.goal.span()[1] is not None

    @property
    def asks_earlier(self) -> bool:
        """Whether a check-in before the last one asks something that nobody answered."""
        return any(line.check_in.ask and not line.check_in.answer for line in self.check_ins[1:])

    @property
    def clear(self) -> int:
        """How many of the clarity checks are met."""
        return sum(check.met for check in self.clarity)


def goals_for_page(member: Member, *, at: datetime) -> QuerySet[Goal]:
    """The goals the member sees, each with what its page needs of its own: names, rhythm, place, what one may do."""
    since = at - timedelta(weeks=WEEKS_SHOWN)
    people = Contributor.objects.filter(goal=OuterRef("pk")).order_by("member__name", "member_id")
    teams = GoalSupport.objects.filter(goal=OuterRef("pk")).order_by("team__name", "team_id")
    values = GoalValue.objects.filter(goal=OuterRef("pk"), value__in=visible_values(member)).order_by("value__name")
    said = CheckIn.objects.filter(goal=OuterRef("pk"), made_at__gte=since).order_by("made_at")
    person = JSONObject(
        pk="member_id", name="member__name", hours="hours_per_week", weekly_hours="member__weekly_hours"
    )
    rows = (
        access.visible_goals(member)
        .select_related("cycle", "team", "owner", "closed_by", "carried_from")
        .defer("search")
        .annotate(
            may_change=access.changeable(member),
            takes_part=access.takes_part(member),
            hides_progress=access.hides_progress(member),
            people=ArraySubquery(people.values(each=person)[:PEOPLE_SHOWN]),
            teams=ArraySubquery(teams.values(each=JSONObject(pk="team_id", name="team__name"))[:PEOPLE_SHOWN]),
            served=ArraySubquery(values.values(each=JSONObject(pk="value_id", name="value__name"))[:PEOPLE_SHOWN]),
            said_at=ArraySubquery(said.values("made_at")[:500]),
            **_ranked(member),
        )
    )
    for columns in PAGE_COLUMNS(member, at):
        rows = rows.annotate(**columns)
    return rows


def _as_boolean(condition: Q) -> object:
    return ExpressionWrapper(condition, output_field=BooleanField())


def goal_page(goal: Any, member: Member, *, at: datetime) -> GoalPage:
    """The whole page of a goal from goals_for_page, as the member may see it."""
    today = member.today(at)
    parent, children = _relatives(goal, member)
    key_results = _key_results(goal)
    check_ins = list(
        CheckIn.objects.filter(goal_id=goal.pk)
        .select_related("author", "ask_to")
        .order_by("-made_at", "-id")[: CHECK_INS_SHOWN + 1]
    )
    lines, points = _readings(goal, key_results, member)
    is_shown = goal.is_measured and not goal.hides_progress
    may_check_in = goal.may_change or goal.takes_part
    return GoalPage(
        goal=goal,
        parent=parent,
        children=[_child(each) for each in children[:CHILDREN_SHOWN]],
        has_more_children=len(children) > CHILDREN_SHOWN,
        key_results=lines,
        check_ins=[CheckInLine(each, points.get(each.pk, [])) for each in check_ins[:CHECK_INS_SHOWN]],
        has_more_check_ins=len(check_ins) > CHECK_INS_SHOWN,
        people=[_named(each) for each in goal.people],
        supporting_teams=[_named(each) for each in goal.teams],
        values=[_named(each) for each in goal.served],
        weeks=_weeks(goal, member, today),
        clarity=_clarity(goal, key_results),
        place=_place(goal),
        progress=goal.progress if is_shown else None,
        expected=goal.expected_on(today) if is_shown and not goal.is_closed else None,
        may_change=goal.may_change,
        may_check_in=may_check_in,
        takes_progress=_takes_progress(goal, hidden=goal.hides_progress),
    )


def _child(goal: Any) -> ChildLine:
    is_shown = goal.is_measured and not goal.hides_progress
    return ChildLine(goal, goal.progress if is_shown else None)


def current_cycle(member: Member, today: date) -> Cycle | None:
    """The open cycle that runs today (the one that began last), else the newest open one."""
    cycles = access.visible_cycles(member).filter(closed_at=None)
    running = cycles.filter(Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gte=today))
    found: Cycle | None = running.order_by("-starts_on", "pk").first()
    return found or cycles.order_by(F("starts_on").desc(nulls_last=True), "pk").first()


def takes_progress(goal: Goal, member: Member) -> bool:
    """Whether a check-in itself says how far the goal is: only where neither key results nor goals beneath it do.

    It follows from what the progress is drawn from, not from the children there are: hidden ones must not show. Who may
    not read a roll-up is asked as if there were none, since a missing box would tell of the goals beneath.
    """
    return _takes_progress(goal, hidden=not access.shows_progress(member, goal))


def _takes_progress(goal: Goal, *, hidden: bool) -> bool:
    return hidden or goal.progress_source in {ProgressSource.NONE, ProgressSource.CHECK_IN}


def last_check_in(goal: Goal, member: Member) -> CheckInLine | None:
    """What stands beside the form of the next one."""
    newest = (
        CheckIn.objects.filter(goal_id=goal.pk).select_related("author", "ask_to").order_by("-made_at", "-id").first()
    )
    if newest is None:
        return None
    _lines, points = _readings(goal, _key_results(goal), member)
    return CheckInLine(newest, points.get(newest.pk, []))


def with_points(check_ins: list[CheckIn]) -> list[CheckInLine]:
    """Some check-ins of a goal, each with its readings and what these were before, in one query."""
    rows = (
        Reading.objects.filter(check_in__in=check_ins)
        .select_related("key_result")
        .annotate(before=ArraySubquery(_earlier_values()[:1]))
        .order_by("key_result__position", "key_result_id")
    )
    points: dict[UUID, list[Point]] = {}
    for row in rows:
        before = row.before[0] if row.before else row.key_result.start_value
        points.setdefault(row.check_in_id, []).append(Point(row.key_result, row.value, before))
    return [CheckInLine(each, points.get(each.pk, [])) for each in check_ins]


def _earlier_values() -> Any:
    earlier = Q(check_in__made_at__lt=OuterRef("check_in__made_at")) | Q(
        check_in__made_at=OuterRef("check_in__made_at"), check_in_id__lt=OuterRef("check_in_id")
    )
    rows = Reading.objects.filter(earlier, key_result=OuterRef("key_result"))
    return rows.order_by("-check_in__made_at", "-check_in_id").values("value")


def _named(each: dict[str, Any]) -> Named:
    hours = each.get("hours")
    return Named(
        UUID(each["pk"]),
        each["name"],
        None if hours is None else Decimal(str(hours)),
        Decimal(str(each.get("weekly_hours", 0))),
    )


def _relatives(goal: Goal, member: Member) -> tuple[Goal | None, list[Goal]]:
    """The parent, if the member sees it, and the first goals beneath."""
    above = Q(pk=goal.parent_id)
    rows = (
        access.visible_goals(member)
        .filter(Q(parent_id=goal.pk) | above if goal.parent_id else Q(parent_id=goal.pk))
        .select_related("owner")
        .defer("search", "reason", "description")
        .annotate(is_above=_as_boolean(above), hides_progress=access.hides_progress(member))
        .order_by("-is_above", "rank", "pk")
    )
    found = list(rows[: CHILDREN_SHOWN + 2])
    parent = next((each for each in found if each.pk == goal.parent_id), None)
    return parent, [each for each in found if each is not parent]


def _key_results(goal: Goal) -> list[Any]:
    """The goal's key results in their order, each with its `newest` readings, at most READINGS_SHOWN."""
    readings = Reading.objects.filter(key_result=OuterRef("pk")).order_by("-check_in__made_at", "-check_in_id")
    each = JSONObject(check_in="check_in_id", made_at="check_in__made_at", value=Cast("value", CharField()))
    newest = ArraySubquery(readings.values(each=each)[:READINGS_SHOWN])
    return list(KeyResult.objects.filter(goal_id=goal.pk).annotate(newest=newest).order_by("position", "id"))


def _readings(
    goal: Goal, key_results: list[Any], member: Member
) -> tuple[list[KeyResultLine], dict[UUID, list[Point]]]:
    """The lines of the key results with their points, and the same points by check-in."""
    starts_on, due_on = goal.span()
    lines: list[KeyResultLine] = []
    points: dict[UUID, list[Point]] = {}
    for key_result in key_results:
        line = KeyResultLine(key_result, starts_on, key_result.due_on or due_on)
        before = key_result.start_value
        for each in reversed(key_result.newest):
            made_at, value = datetime.fromisoformat(each["made_at"]), Decimal(each["value"])
            line.readings.append((made_at.astimezone(member.zone).date(), value))
            points.setdefault(UUID(each["check_in"]), []).append(Point(key_result, value, before))
            before = value
        lines.append(line)
    return lines, points


def _weeks(goal: Any, member: Member, today: date) -> list[dict[str, object]]:
    since = goal.activated_at or goal.created_at
    first = min([since, *goal.said_at])
    if goal.status == Status.DRAFT:
        return []
    closed_on = goal.closed_at.astimezone(member.zone).date() if goal.closed_at else today
    weeks = regularity(
        {moment.astimezone(member.zone).date() for moment in goal.said_at},
        since=first.astimezone(member.zone).date(),
        until=max(closed_on, first.astimezone(member.zone).date()),
        cadence_days=member.workspace.cadence,
        weeks=WEEKS_SHOWN,
    )
    return [{"on": week.on, "state": week.state} for week in weeks]


def _clarity(goal: Goal, key_results: list[KeyResult]) -> list[ClarityCheck]:
    cycle = goal.cycle
    return clarity(
        has_owner=goal.owner_id is not None,
        reason=goal.reason,
        kinds=[each.kind for each in key_results],
        ends_on=goal.span()[1],
        cycle=(cycle.starts_on, cycle.ends_on) if cycle else (None, None),
    )


class _CountOf(Subquery):
    """How many rows a query has that ends at its limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _ranked(member: Member) -> dict[str, _CountOf]:
    """Of the open goals of the cycle that the member sees: how many there are, and how many stand before the goal."""
    ranked = access.visible_goals(member).filter(cycle_id=OuterRef("cycle_id"), status__in=OPEN_STATUSES)
    before = ranked.filter(Q(rank__lt=OuterRef("rank")) | Q(rank=OuterRef("rank"), pk__lt=OuterRef("pk")))
    return {
        "ranked": _CountOf(ranked.order_by().values("pk")[:RANKED_MAX]),
        "ranked_before": _CountOf(before.order_by().values("pk")[:RANKED_MAX]),
    }


def _place(goal: Any) -> GoalRank | None:
    """The rank among the open goals of the cycle that the reader sees; none for closed goals or without a cycle."""
    if goal.cycle_id is None or goal.is_closed or goal.ranked_before >= RANKED_MAX:
        return None
    return GoalRank(goal.ranked_before + 1, goal.ranked if goal.ranked < RANKED_MAX else 0)
