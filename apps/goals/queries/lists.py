"""The goals of a list: their summary, the table and the priority map. The tree is in queries.tree."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import (
    Case,
    Count,
    F,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Coalesce, Lower

from apps.core.pagination import PAGE_SIZE, Keyset, KeysetPosition, Page
from apps.core.statements import FixedNumber
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Confidence, Cycle, Goal, ProgressSource, Status
from apps.goals.models.progress import expected_progress
from apps.goals.queries.filters import silent
from apps.goals.queries.listed import Listed, ListQuestion
from apps.goals.queries.rows import COLUMNS, GoalTableRow, RowReader, read_rows
from apps.workspaces.models import Member

PLACED_MAX = 60  # a point weighs about 80 bytes gzipped with its line in the list
UNPLACED_MAX = 20

SORTS: dict[str, tuple[object, type]] = {
    "rank": (F("rank"), int),
    "title": (Lower("title"), str),
    "team": (Lower("team__name"), str),
    "owner": (Lower("owner__name"), str),
    "due": (Coalesce("due_on", "cycle__ends_on"), date.fromisoformat),  # type: ignore[dict-item]
    "importance": (F("importance"), int),
    "confidence": (
        Case(
            When(~Q(status=Status.ACTIVE), then=None),
            When(confidence=Confidence.OFF_TRACK, then=FixedNumber(0)),
            When(confidence=Confidence.AT_RISK, then=FixedNumber(1)),
            When(confidence=Confidence.ON_TRACK, then=FixedNumber(2)),
            default=None,
            output_field=IntegerField(),
        ),
        int,
    ),
    "progress": (None, float),
}


@dataclass(frozen=True)
class Summary:
    """How many goals are listed and how they stand; all of them goals the reader sees."""

    total: int
    on_track: int
    at_risk: int
    off_track: int
    unsaid: int
    silent: int
    drafts: int
    closed: int
    placed: int
    unplaced: int


def goal_summary(listed: Listed) -> Summary:
    """Counts over the whole list, in one query."""
    found = listed.rows("summary", _counted)  # no row where nothing can fit
    return Summary(**{each.name: found[0][each.name] if found else 0 for each in fields(Summary)})


def _counted(asked: ListQuestion) -> QuerySet[Goal, Any]:
    active = Q(status=Status.ACTIVE)
    is_open = Q(status__in=OPEN_STATUSES)
    placed = Q(importance__isnull=False, urgency__isnull=False)
    # Grouped by a constant, which makes one row of all, as aggregate() would; of that there is no queryset.
    together = asked.goals.order_by().annotate(all=FixedNumber(1)).values("all")
    counts = together.annotate(
        total=Count("pk"),
        on_track=Count("pk", filter=active & Q(confidence=Confidence.ON_TRACK)),
        at_risk=Count("pk", filter=active & Q(confidence=Confidence.AT_RISK)),
        off_track=Count("pk", filter=active & Q(confidence=Confidence.OFF_TRACK)),
        unsaid=Count("pk", filter=active & Q(confidence=None)),
        silent=Count("pk", filter=silent(asked.today)),
        drafts=Count("pk", filter=Q(status=Status.DRAFT)),
        closed=Count("pk", filter=~is_open),
        placed=Count("pk", filter=placed),
        unplaced=Count("pk", filter=~placed & is_open),
    )
    return cast("QuerySet[Goal, Any]", counts)


def time_gone(cycle: Cycle | None, today: date) -> float | None:
    """The share of a cycle's days that have passed; None without dates."""
    return expected_progress(cycle.starts_on, cycle.ends_on, today) if cycle else None


def goal_table(listed: Listed, reader: RowReader, *, sort: str, descending: bool, cursor: str) -> Page[GoalTableRow]:
    """A page of the list in the order of one column. An unreadable cursor gives the first page."""
    expression, kind = SORTS[sort]
    keyset = Keyset("-sort_key" if descending else "sort_key", "-id" if descending else "id", types={"sort_key": kind})
    try:
        place = keyset.place(Goal, cursor)
    except ValidationError:
        place = KeysetPosition()

    def build(asked: ListQuestion, values: list[Any] | None) -> QuerySet[Goal, dict[str, object]]:
        key = _readable_progress(asked.who) if expression is None else expression
        rows = _valued(asked.goals.annotate(sort_key=key), asked.who, "sort_key")
        return keyset.cut(rows, KeysetPosition(place.backwards, values), PAGE_SIZE)

    rows = listed.rows(("table", sort, descending, place.backwards), build, place.values)
    page = keyset.gathered(rows, place, PAGE_SIZE)
    return Page(read_rows(page.rows, reader), page.previous, page.next)


def _readable_progress(member: Member) -> Case:
    """The progress as far as the reader may know it: sorting must not tell what the line does not."""
    unknown = Q(progress_source=ProgressSource.NONE) | access.hides_progress(member)
    return Case(When(unknown, then=None), default=F("progress"), output_field=FloatField())


def _valued(goals: QuerySet[Goal], member: Member, *more: str) -> QuerySet[Goal, dict[str, Any]]:
    may = access.changeable(member)
    valued: QuerySet[Goal, dict[str, object]] = goals.annotate(may_change=may).values(*COLUMNS, "may_change", *more)
    return valued


@dataclass(frozen=True)
class PriorityMap:
    """The goals that have a place on the map, most important first, and some of those that still need one."""

    placed: list[GoalTableRow]
    unplaced: list[GoalTableRow]


def priority_map(listed: Listed, reader: RowReader) -> PriorityMap:
    """At most PLACED_MAX goals with both importance and urgency and UNPLACED_MAX open ones without, in one query."""
    rows = listed.rows("map", _placed)
    return PriorityMap(
        placed=read_rows((row for row in rows if row["kind"]), reader),
        unplaced=read_rows((row for row in rows if not row["kind"]), reader),
    )


def _placed(asked: ListQuestion) -> QuerySet[Goal, dict[str, Any]]:
    placed = Q(importance__isnull=False, urgency__isnull=False)
    kind = FixedNumber(1)
    none = FixedNumber(0)
    those = asked.goals.filter(placed).annotate(kind=kind).order_by("-importance", "-urgency", "rank", "id")
    others = asked.goals.filter(~placed, status__in=OPEN_STATUSES).annotate(kind=none).order_by("rank", "id")
    first, rest = _valued(those, asked.who, "kind"), _valued(others, asked.who, "kind")
    return first[:PLACED_MAX].union(rest[:UNPLACED_MAX], all=True)


def ranked_neighbour(member: Any, goal: Goal, pk: Any) -> Goal | None:
    """Another goal of the same cycle that the member sees, to move a goal beside; None where there is none."""
    if pk is None:
        return None
    return access.visible_goals(member).filter(Q(cycle=goal.cycle_id), pk=pk).exclude(pk=goal.pk).first()
