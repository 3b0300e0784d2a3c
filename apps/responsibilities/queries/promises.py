"""The rows that load is made of: promises, covers and absences, as far as a reader sees what they are about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, CharField, DateField, F, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Least, TruncDate

from apps.core.urls import reverse_in
from apps.goals.access import visible_goals
from apps.goals.models import Contributor, Status
from apps.responsibilities import access
from apps.responsibilities.models import HELD, HandoverKind, HandoverStatus
from apps.responsibilities.queries.capacity import Carried, Promise, Thing
from apps.workspaces.access import visible_absences
from apps.workspaces.models import Member, Workspace

CARRYING = (HandoverStatus.ACCEPTED, HandoverStatus.DONE)
"""A cover that was accepted carries hours, also after its days are over and it is done."""

COLUMNS = ("member_id", "amount", "of_goal", "of_responsibility", "called", "begins", "ends", "is_contribution")

Rows = QuerySet[Any, dict[str, Any]]


@dataclass(frozen=True)
class ThingWords:
    """What a thing is called, and where its page is."""

    title: str
    url: str


def covers_of(ids: Collection[UUID], span: tuple[date, date], viewer: Member) -> list[Carried]:
    """The covers by or of these people; the earliest first."""
    rows = (
        access.visible_handovers(viewer)
        .filter(Q(from_member_id__in=ids) | Q(to_member_id__in=ids))
        .filter(kind=HandoverKind.COVER, status__in=CARRYING, starts_on__lt=span[1], ends_on__gte=span[0])
        .order_by("starts_on", "pk")
        .annotate(until=Least("ends_on", TruncDate("done_at", tzinfo=viewer.workspace.zone)))
        .values_list("from_member_id", "to_member_id", "goal_id", "responsibility_id", "starts_on", "until")
    )
    return [
        Carried(giver, taker, _named(goal, responsibility), first, last)
        for giver, taker, goal, responsibility, first, last in rows
    ]


def promise_rows(
    ids: Collection[UUID], covers: Iterable[Carried], span: tuple[date, date], viewer: Member, *, timed: bool = True
) -> list[dict[str, Any]]:
    """The promises of these people, and of those they cover on the things they cover; `timed`: with hours only."""
    by_kind: dict[str, Any] = defaultdict(list)
    for cover in covers:
        by_kind[cover.thing.kind].append(cover)
    no_draft = Q(goal=None) | ~Q(goal__status=Status.DRAFT)
    contributed: Any = of_contributors(viewer).filter(no_draft)
    assigned: Any = of_assignees(viewer).filter(no_draft)
    if timed:
        contributed, assigned = contributed.filter(amount__gt=0), assigned.filter(amount__gt=0)
    goals = _whose(by_kind["goal"], "goal_id")
    contributed = contributed.filter(Q(member_id__in=ids) | goals)
    assigned = assigned.filter(Q(member_id__in=ids) | goals | _whose(by_kind["responsibility"], "responsibility_id"))
    during = Q(begins__lt=span[1]) & (Q(ends=None) | Q(ends__gte=span[0]))
    return list(contributed.filter(during).union(assigned.filter(during), all=True))


def _whose(covers: Sequence[Carried], column: str) -> Q:
    people = [cover.giver_id for cover in covers]
    return Q(**{"member_id__in": people, f"{column}__in": [cover.thing.pk for cover in covers]})


def _days_of_goal(workspace: Workspace) -> tuple[Any, Any]:
    """From when to when a goal takes hours: its own dates, else its cycle's; from when it became active where neither
    says, and never beyond its closing.
    """
    since = TruncDate(Coalesce("goal__activated_at", "goal__created_at"), tzinfo=workspace.zone)
    closed = TruncDate("goal__closed_at", tzinfo=workspace.zone)
    return (
        Coalesce("goal__starts_on", "goal__cycle__starts_on", since),
        Least(Coalesce("goal__due_on", "goal__cycle__ends_on"), closed),
    )


def of_contributors(viewer: Member) -> Rows:
    """What people contribute to goals; `amount` is None where nobody said how much."""
    begins, ends = _days_of_goal(viewer.workspace)
    contributors = Contributor.objects.filter(workspace_id=viewer.workspace_id, goal__in=visible_goals(viewer))
    rows: Rows = contributors.annotate(
        amount=F("hours_per_week"),
        of_goal=F("goal_id"),
        of_responsibility=Cast(Value(None), UUIDField()),
        called=Cast(F("goal__title"), CharField()),
        begins=begins,
        ends=ends,
        is_contribution=Value(True, output_field=BooleanField()),
    ).values(*COLUMNS)
    return rows


def of_assignees(viewer: Member) -> Rows:
    """What people hold, offered or accepted: on a responsibility until it is archived, on a goal within its days."""
    zone = viewer.workspace.zone
    begins, ends = _days_of_goal(viewer.workspace)
    offered = TruncDate("offered_at", tzinfo=zone)
    archived = TruncDate("responsibility__archived_at", tzinfo=zone)
    held = access.visible_assignments(viewer).filter(member__isnull=False, status__in=HELD)
    rows: Rows = held.annotate(
        amount=F("hours_per_week"),
        of_goal=F("goal_id"),
        of_responsibility=F("responsibility_id"),
        called=Cast(Coalesce("goal__title", "responsibility__title"), CharField()),
        begins=Greatest(offered, begins, output_field=DateField()),
        ends=Coalesce(ends, archived),
        is_contribution=Value(False, output_field=BooleanField()),
    ).values(*COLUMNS)
    return rows


def absences_of(
    ids: Collection[UUID], span: tuple[date, date], viewer: Member
) -> Mapping[UUID, list[tuple[date, date]]]:
    """The absences (first day, last day) of these people that touch the span."""
    found: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    rows = visible_absences(viewer).filter(member_id__in=ids).between(*span)  # type: ignore[attr-defined]
    for member_id, first, last in rows.values_list("member_id", "starts_on", "ends_on"):
        found[member_id].append((first, last))
    return found


def _named(goal_id: UUID | None, responsibility_id: UUID | None) -> Thing:
    return Thing("goal", goal_id) if goal_id else Thing("responsibility", responsibility_id)  # type: ignore[arg-type]


def thing_of(row: Mapping[str, Any]) -> Thing:
    """What a row of COLUMNS is about."""
    return _named(row["of_goal"], row["of_responsibility"])


def promise_of(row: Mapping[str, Any]) -> Promise:
    """A row of COLUMNS as a promise; without hours as one of none."""
    hours = row["amount"] or Decimal(0)
    return Promise(row["member_id"], thing_of(row), hours, row["begins"], row["ends"], row["is_contribution"])


def thing_url(thing: Thing, workspace: Workspace) -> str:
    """The address of a thing's page."""
    name = "goals:goal_detail" if thing.kind == "goal" else "responsibilities:responsibility_detail"
    return reverse_in(workspace, name, thing.pk)


def words_of(row: Mapping[str, Any], workspace: Workspace) -> ThingWords:
    """What a row's thing is called, and its page."""
    return ThingWords(row["called"], thing_url(thing_of(row), workspace))
