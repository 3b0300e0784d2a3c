"""Goals of many people: what is due, what was said, what matters most."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from apps.core.sql import one_of
from apps.goals.access import sees_goal
from apps.goals.models import CheckIn, Goal, NoteFormat, StandIn, Status, Visibility

DUE_WITHIN = timedelta(days=3)
FOCUS = 3


@dataclass(frozen=True)
class DueGoal:
    """A goal with a check-in that is due, or whose own date is near or over; the other date is None.

    `member_id` is whom it waits for: its owner, or who covers for the owner, whose name then stands in `instead_of`.
    """

    pk: UUID
    member_id: UUID
    title: str
    is_private: bool
    check_in_due_on: date | None
    due_on: date | None
    instead_of: str = ""


@dataclass(frozen=True)
class NewCheckIn:
    """What somebody else said about a goal that `member_id` owns or contributes to."""

    member_id: UUID
    goal_id: UUID
    title: str
    is_private: bool
    author: str
    note: str
    confidence: str | None
    made_at: datetime


@dataclass(frozen=True)
class FocusGoal:
    """One of the goals that matter most to its owner."""

    pk: UUID
    owner_id: UUID
    title: str
    is_private: bool
    confidence: str | None


def due_goals(owners: Collection[UUID], *, today: date) -> list[DueGoal]:
    """The active goals of these people whose check-in is due, or which are due within DUE_WITHIN, the longest first."""
    near = today + DUE_WITHIN
    rows = (
        Goal.objects.active()
        .filter(one_of("owner_id", owners), Q(check_in_due_on__lte=today) | Q(due_on__lte=near))
        .order_by("check_in_due_on", "due_on", "pk")
        .values_list("pk", "owner_id", "title", "visibility", "check_in_due_on", "due_on")
    )
    return [
        DueGoal(
            pk=pk,
            member_id=owner_id,
            title=title,
            is_private=visibility == Visibility.PRIVATE,
            check_in_due_on=check_in_due_on if check_in_due_on and check_in_due_on <= today else None,
            due_on=due_on if due_on and due_on <= near else None,
        )
        for pk, owner_id, title, visibility, check_in_due_on, due_on in rows
    ]


def covered_goals(people: Collection[UUID], *, today: date) -> list[DueGoal]:
    """The active goals whose check-in is due and falls to these people, who cover for the owner, the longest first.

    As for reminders, only who stands in for the owner is asked; and only while they see the goal.
    """
    columns = ("goal_id", "member_id", "goal__title", "goal__visibility", "goal__check_in_due_on", "absent__name")
    rows = (
        StandIn.objects.filter(one_of("member_id", people), sees_goal(member="member_id", goal="goal_id"))
        .filter(absent_id=F("goal__owner_id"), goal__status=Status.ACTIVE, goal__check_in_due_on__lte=today)
        .order_by("goal__check_in_due_on", "pk")
        .values_list(*columns)
    )
    return [
        DueGoal(pk, member_id, title, visibility == Visibility.PRIVATE, due_on, None, instead_of)
        for pk, member_id, title, visibility, due_on, instead_of in rows
    ]


def new_check_ins(people: Collection[UUID], *, since: datetime, until: datetime) -> list[NewCheckIn]:
    """What others said since a moment about goals these people own or contribute to, the newest first."""
    found: list[NewCheckIn] = []
    for named in ("goal__owner_id", "goal__contributions__member_id"):
        rows = _of_others(named, people, since=since, until=until)
        for member_id, note_format, goal_id, title, visibility, author, note, confidence, made_at in rows:
            is_private = visibility == Visibility.PRIVATE
            said_plainly = note if note_format == NoteFormat.MARKDOWN else ""
            found.append(NewCheckIn(member_id, goal_id, title, is_private, author, said_plainly, confidence, made_at))
    return sorted(found, key=lambda row: row.made_at, reverse=True)


def _of_others(named: str, people: Collection[UUID], *, since: datetime, until: datetime) -> QuerySet[CheckIn, Any]:
    """Check-ins on goals on which the reader is named in this way, with the reader."""
    # Named once: each mention of a contribution in a filter could mean another one of the goal's.
    rows = CheckIn.objects.filter(made_at__gt=since, made_at__lte=until)
    rows = rows.annotate(reader=F(named)).filter(one_of("reader", people))
    others = rows.exclude(author_id=F("reader"))
    others = others.exclude(ask_to_id=F("reader"), answered_at=None)  # an ask stands among what waits for them
    columns = ("goal_id", "goal__title", "goal__visibility", "author_name", "note", "confidence", "made_at")
    return others.values_list("reader", "note_format", *columns)


def focus_goals(owners: Collection[UUID]) -> list[FocusGoal]:
    """The FOCUS active goals of each that matter most: by importance, then urgency, then their place in the cycle."""
    order: list[Any] = [F("importance").desc(nulls_last=True), F("urgency").desc(nulls_last=True), "rank", "pk"]
    rows = (
        Goal.objects.active()
        .filter(one_of("owner_id", owners))
        .annotate(place=Window(RowNumber(), partition_by=F("owner_id"), order_by=order))
        .filter(place__lte=FOCUS)
        .order_by("owner_id", "place")
        .values_list("pk", "owner_id", "title", "visibility", "confidence")
    )
    return [
        FocusGoal(pk, owner_id, title, visibility == Visibility.PRIVATE, confidence)
        for pk, owner_id, title, visibility, confidence in rows
    ]
