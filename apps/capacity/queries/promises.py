"""The rows that load is made of: promises, covers and absences, as far as a reader sees what they are about.

They have the same columns, so that one query reads all three (see time_rows).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    DateField,
    DecimalField,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least, TruncDate

from apps.capacity.queries.capacity import Carried, HoursSubject, Promise
from apps.core.sql import Rule
from apps.core.urls import reverse_in
from apps.goals.access import SEES
from apps.goals.models import Contributor, Status
from apps.handovers.access import visible_handovers
from apps.handovers.models import Handover, HandoverKind, HandoverStatus
from apps.responsibilities.access import visible_assignments
from apps.responsibilities.models import HELD
from apps.workspaces.access import visible_absences
from apps.workspaces.models import Member, Workspace

CARRYING = (HandoverStatus.ACCEPTED, HandoverStatus.DONE)
"""A cover that was accepted carries hours, also after its days are over and it is done."""

COLUMNS = ("row_kind", "member_id", "taker_id", "amount", "of_goal", "of_responsibility", "called", "begins", "ends")


class PromiseKind(StrEnum):
    """What a row says: hours of a contributor or of an assignment, who does it in whose place, or who is away."""

    CONTRIBUTION = "contribution"
    ASSIGNMENT = "assignment"
    COVER = "cover"
    ABSENCE = "absence"


Rows = QuerySet[Model, dict[str, object]]
NOBODY = Cast(Value(None), UUIDField())
NO_HOURS = Cast(Value(None), DecimalField(max_digits=5, decimal_places=2))


def _said(text: str) -> object:
    return Cast(Value(text), CharField())


@dataclass(frozen=True)
class ThingWords:
    """What a thing is called, and where its page is."""

    title: str
    url: str


@dataclass(frozen=True)
class TimeRows:
    """What some people promised, with the days: rows of COLUMNS; the covers by or of them, the earliest first; and
    their absences (first day, last day).
    """

    promises: list[dict[str, object]]
    covers: list[Carried]
    absences: Mapping[UUID, list[tuple[date, date]]]


def time_rows(
    ids: Collection[UUID], span: tuple[date, date], viewer: Member, *, without: UUID | None = None
) -> TimeRows:
    """All that the load of these people in these days is made of, in one query.

    Promises are their own with hours, and those of whom they cover on the things they cover; `without` is the id of an
    assignment that does not count.
    """
    covers = _carrying(visible_handovers(viewer), span).filter(Q(from_member_id__in=ids) | Q(to_member_id__in=ids))
    # A promise that is read is on something visible, and so is its cover: that is not asked again.
    every = Handover.objects.filter(workspace_id=viewer.workspace_id, to_member_id__in=ids)
    by_others = _carrying(every, span).exclude(from_member_id__in=ids)
    of_others = Q(member_id__in=by_others.values("from_member_id"))  # finds the people first, then what they promised
    covered_goals = _covered(by_others, "goal_id")
    contributed, assigned = of_contributors(viewer).filter(amount__gt=0), of_assignees(viewer).filter(amount__gt=0)
    if without is not None:
        assigned = assigned.exclude(pk=without)
    parts: list[Rows] = [
        contributed.filter(member_id__in=ids),
        contributed.filter(of_others, covered_goals),
        assigned.filter(member_id__in=ids),
        assigned.filter(of_others, covered_goals | _covered(by_others, "responsibility_id")),
    ]
    promised: list[Any] = [part.filter(_takes_hours(span)) for part in parts]
    found = promised[0].union(*promised[1:], _as_rows(covers, viewer), _absences(ids, span, viewer), all=True)
    promises, carried, absences = [], [], defaultdict(list)
    for row in found:
        if row["row_kind"] == PromiseKind.COVER:
            carried.append(Carried(row["member_id"], row["taker_id"], thing_of(row), row["begins"], row["ends"]))
        elif row["row_kind"] == PromiseKind.ABSENCE:
            absences[row["member_id"]].append((row["begins"], row["ends"]))
        else:
            promises.append(row)
    carried.sort(key=lambda cover: (cover.first, cover.taker_id))
    return TimeRows(promises, carried, absences)


def held_rows(person: Member, span: tuple[date, date], viewer: Member) -> list[dict[str, Any]]:
    """What the person contributes to or holds in these days, also without saying how much time it takes."""
    parts = [
        rows.filter(_takes_hours(span), member_id=person.pk) for rows in (of_contributors(viewer), of_assignees(viewer))
    ]
    return list(parts[0].union(parts[1], all=True))


def _takes_hours(span: tuple[date, date]) -> Q:
    """Promises on what is no draft, within the days."""
    no_draft = Q(goal=None) | ~Q(goal__status=Status.DRAFT)
    return no_draft & Q(begins__lt=span[1]) & (Q(ends=None) | Q(ends__gte=span[0]))


def _carrying(handovers: QuerySet[Handover], span: tuple[date, date]) -> QuerySet[Handover]:
    return handovers.filter(kind=HandoverKind.COVER, status__in=CARRYING, starts_on__lt=span[1], ends_on__gte=span[0])


def _covered(covers: QuerySet[Handover], column: str) -> Q:
    """Promises of the giver of one of these covers on the thing that it is about."""
    return Q(Exists(covers.filter(from_member_id=OuterRef("member_id"), **{column: OuterRef(column)})))


def _as_rows(covers: QuerySet[Handover], viewer: Member) -> object:
    columns = {
        "row_kind": _said(PromiseKind.COVER),
        "member_id": F("from_member_id"),
        "taker_id": F("to_member_id"),
        "amount": NO_HOURS,
        "of_goal": F("goal_id"),
        "of_responsibility": F("responsibility_id"),
        "called": _said(""),
        "begins": F("starts_on"),
        "ends": Least("ends_on", TruncDate("done_at", tzinfo=viewer.workspace.zone)),
    }
    return covers.order_by().annotate(**columns).values(*COLUMNS)


def _absences(ids: Collection[UUID], span: tuple[date, date], viewer: Member) -> object:
    absent = visible_absences(viewer).filter(member_id__in=ids).between(*span)  # type: ignore[attr-defined]
    columns = {
        "row_kind": _said(PromiseKind.ABSENCE),
        "taker_id": NOBODY,
        "amount": NO_HOURS,
        "of_goal": NOBODY,
        "of_responsibility": NOBODY,
        "called": _said(""),
        "begins": F("starts_on"),
        "ends": F("ends_on"),
    }
    return absent.order_by().annotate(**columns).values(*COLUMNS)


def _days_of_goal(workspace: Workspace) -> tuple[object, object]:
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
    # The rule is asked of the goals of the people meant: that a goal is among all that are seen takes reading all.
    seen = Rule(SEES, {"goal": F("goal__workspace_id"), "member": viewer.pk})
    contributors = Contributor.objects.filter(seen, workspace_id=viewer.workspace_id)
    rows: Rows = contributors.annotate(
        row_kind=_said(PromiseKind.CONTRIBUTION),
        taker_id=NOBODY,
        amount=F("hours_per_week"),
        of_goal=F("goal_id"),
        of_responsibility=NOBODY,
        called=Cast(F("goal__title"), CharField()),
        begins=begins,
        ends=ends,
    ).values(*COLUMNS)
    return rows


def of_assignees(viewer: Member) -> Rows:
    """What people hold, offered or accepted: on a responsibility until it is archived, on a goal within its days."""
    zone = viewer.workspace.zone
    begins, ends = _days_of_goal(viewer.workspace)
    offered = TruncDate("offered_at", tzinfo=zone)
    archived = TruncDate("responsibility__archived_at", tzinfo=zone)
    held = visible_assignments(viewer).filter(member__isnull=False, status__in=HELD)
    rows: Rows = held.annotate(
        row_kind=_said(PromiseKind.ASSIGNMENT),
        taker_id=NOBODY,
        amount=F("hours_per_week"),
        of_goal=F("goal_id"),
        of_responsibility=F("responsibility_id"),
        called=Cast(Coalesce("goal__title", "responsibility__title"), CharField()),
        begins=Greatest(offered, begins, output_field=DateField()),
        ends=Coalesce(ends, archived),
    ).values(*COLUMNS)
    return rows


def _named(goal_id: UUID | None, responsibility_id: UUID | None) -> HoursSubject:
    return HoursSubject("goal", goal_id) if goal_id else HoursSubject("responsibility", responsibility_id)  # type: ignore[arg-type]


def thing_of(row: Mapping[str, Any]) -> HoursSubject:
    """What a row of COLUMNS is about."""
    return _named(row["of_goal"], row["of_responsibility"])


def promise_of(row: Mapping[str, Any]) -> Promise:
    """A row of COLUMNS as a promise; without hours as one of none."""
    hours, is_contribution = row["amount"] or Decimal(0), row["row_kind"] == PromiseKind.CONTRIBUTION
    return Promise(row["member_id"], thing_of(row), hours, row["begins"], row["ends"], is_contribution)


def thing_url(thing: HoursSubject, workspace: Workspace) -> str:
    """The address of a thing's page."""
    name = "goals:goal_detail" if thing.kind == "goal" else "responsibilities:responsibility_detail"
    return reverse_in(workspace, name, thing.pk)


def words_of(row: Mapping[str, Any], workspace: Workspace) -> ThingWords:
    """What a row's thing is called, and its page."""
    return ThingWords(row["called"], thing_url(thing_of(row), workspace))
