"""Tasks of many people: what is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from apps.core.sql import one_of
from apps.goals.access import sees_goal
from apps.goals.models import Visibility
from apps.routines.queries.goals import DUE_WITHIN
from apps.tasks.models import Task


@dataclass(frozen=True)
class DueTask:
    """A task that is near its date or beyond it; `of_all` is how many such tasks its assignee has."""

    pk: UUID
    member_id: UUID
    title: str
    is_private: bool
    due_on: date
    of_all: int


def due_tasks(people: Collection[UUID], *, today: date, most: int) -> list[DueTask]:
    """The open tasks of these people that are overdue or due within DUE_WITHIN, the longest first: `most` of each.

    In one query. A task of a goal is left out where its assignee does not see the goal (any more); one of a
    responsibility opens that to them.
    """
    rows = _due_of(people, today + DUE_WITHIN, most)
    return [
        DueTask(pk, member_id, title, visibility == Visibility.PRIVATE, due_on, of_all)
        for pk, member_id, title, visibility, due_on, of_all in rows
        if due_on is not None
    ]


def _due_of(people: Collection[UUID], near: date, most: int) -> QuerySet[Task, Any]:
    tasks = Task.objects.open().filter(one_of("assignee_id", people), due_on__lte=near)
    seen = tasks.filter(goal=None) | tasks.filter(sees_goal(member="assignee_id", goal="goal_id"))
    order = ["due_on", "pk"]
    return (
        seen.annotate(
            place=Window(RowNumber(), partition_by=F("assignee_id"), order_by=order),
            of_all=Window(Count("pk"), partition_by=F("assignee_id")),
        )
        .filter(place__lte=most)
        .order_by("due_on", "pk")
        .values_list("pk", "assignee_id", "title", "goal__visibility", "due_on", "of_all")
    )
