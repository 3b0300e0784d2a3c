"""What happened to the things that people are informed on, for digests: for many people at once.

The number of queries does not grow with the people, nor with the things.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.activity.models import Event
from apps.core.sql import one_of
from apps.goals.access import sees_goal
from apps.goals.models import Goal, Visibility
from apps.responsibilities.models import HELD, Assignment, AssignmentRole, Responsibility
from apps.tasks.models import Task, TaskStatus

GOAL_CLOSED, TASK_COMPLETED, RESPONSIBILITY_CHANGED = "goal_closed", "task_completed", "responsibility_changed"
CHANGES = ("responsibility.updated", "responsibility.archived", "responsibility.restored")
MOST = 5_000


@dataclass(frozen=True)
class InformedNews:
    """One thing that `member_id` is informed of: what happened (`kind`), to what, by whom (None: nobody known), when.

    `pk` and `title` are of the goal, the task or the responsibility; `outcome` is achieved, missed or dropped for a
    goal. What is private is not to be named in a mail.
    """

    member_id: UUID
    kind: str
    pk: UUID
    title: str
    outcome: str
    is_private: bool
    actor_id: UUID | None
    at: datetime


def informed_news(people: Collection[UUID], *, since: datetime, until: datetime) -> list[InformedNews]:
    """What others did, after `since` up to `until`, to things on which these people or their teams are informed.

    Goals that were closed (also those that a responsibility of theirs serves), tasks that were done on such a goal or
    responsibility, responsibilities that were changed; only what the person sees, each once, the newest first.
    """
    goals, tasks_of, responsibilities = _links(people, since=since, until=until)
    found = [
        *_closed_goals(goals, since=since, until=until),
        *_done_tasks(tasks_of, since=since, until=until),
        *_changed(responsibilities, since=since, until=until),
    ]
    others = {(each.member_id, each.kind, each.pk): each for each in found if each.actor_id != each.member_id}
    return sorted(others.values(), key=lambda each: (each.at, str(each.pk)), reverse=True)


Readers = dict[UUID, set[UUID]]
"""The people informed on each thing, by its id."""


def _links(people: Collection[UUID], *, since: datetime, until: datetime) -> tuple[Readers, Readers, Readers]:
    """Who is informed on which goals, on which things with tasks, on which responsibilities; only where they see it
    and something happened."""
    rows = _linked(people, since=since, until=until)
    goals: Readers = defaultdict(set)
    tasks_of: Readers = defaultdict(set)
    responsibilities: Readers = defaultdict(set)
    for reader_id, goal_id, responsibility_id, of_goal_id, seen, is_closed in rows:
        if is_closed and seen:
            goals[of_goal_id].add(reader_id)
        if responsibility_id:
            tasks_of[responsibility_id].add(reader_id)
            responsibilities[responsibility_id].add(reader_id)
        elif seen:
            tasks_of[goal_id].add(reader_id)
    return goals, tasks_of, responsibilities


def _linked(people: Collection[UUID], *, since: datetime, until: datetime) -> QuerySet[Assignment, Any]:
    """Reader, goal, responsibility, the goal behind either, whether they see that one, and whether it was closed."""
    rows: QuerySet[Assignment, object] = Assignment.objects.filter(role=AssignmentRole.INFORMED, status__in=HELD)
    rows = rows.annotate(
        reader_id=Coalesce("member_id", "team__memberships__member_id"),
        of_goal_id=Coalesce("goal_id", "responsibility__goal_id"),
    ).filter(one_of("reader_id", people))
    sees = sees_goal(member="reader_id", goal="of_goal_id")
    closed = Goal.objects.filter(pk=OuterRef("of_goal_id"), closed_at__gt=since, closed_at__lte=until)
    tasks = Task.objects.filter(status=TaskStatus.DONE, closed_at__gt=since, closed_at__lte=until)
    of_thing = Exists(tasks.filter(goal=OuterRef("goal_id"))) | Exists(
        tasks.filter(responsibility=OuterRef("responsibility_id"))
    )
    changed = Event.objects.filter(
        workspace_id=OuterRef("workspace_id"),
        subject_type="responsibility",
        subject_id=OuterRef("responsibility_id"),
        verb__in=CHANGES,
        at__gt=since,
        at__lte=until,
    )
    rows = rows.annotate(seen=sees, closed=Exists(closed), has_tasks=of_thing, changed=Exists(changed))
    rows = rows.filter(Q(closed=True, seen=True) | Q(has_tasks=True) | Q(changed=True))
    return rows.values_list("reader_id", "goal_id", "responsibility_id", "of_goal_id", "seen", "closed")[:MOST]


def _closed_goals(readers: Readers, *, since: datetime, until: datetime) -> list[InformedNews]:
    rows = Goal.objects.filter(pk__in=readers, closed_at__gt=since, closed_at__lte=until)
    columns = ("pk", "title", "status", "visibility", "closed_by_id", "closed_at")
    return [
        InformedNews(reader, GOAL_CLOSED, pk, title, status, visibility == Visibility.PRIVATE, by, at)
        for pk, title, status, visibility, by, at in rows.values_list(*columns)
        for reader in readers[pk]
        if at is not None
    ]


def _done_tasks(readers: Readers, *, since: datetime, until: datetime) -> list[InformedNews]:
    rows = Task.objects.filter(status=TaskStatus.DONE, closed_at__gt=since, closed_at__lte=until)
    rows = rows.filter(Q(goal_id__in=readers) | Q(responsibility_id__in=readers)).order_by("-closed_at", "pk")
    columns = ("pk", "title", "goal__visibility", "closed_by_id", "closed_at")
    rows = rows.annotate(of_thing_id=Coalesce("goal_id", "responsibility_id"))
    return [
        InformedNews(reader, TASK_COMPLETED, pk, title, "", visibility == Visibility.PRIVATE, by, at)
        for thing_id, pk, title, visibility, by, at in rows.values_list("of_thing_id", *columns)[:MOST]
        for reader in readers[thing_id]
    ]


def _changed(readers: Readers, *, since: datetime, until: datetime) -> list[InformedNews]:
    """The last change of each."""
    events = Event.objects.filter(subject_type="responsibility", subject_id__in=readers, verb__in=CHANGES)
    events = events.filter(at__gt=since, at__lte=until).order_by("subject_id", "-at", "-id").distinct("subject_id")
    last = {
        subject_id: (actor_id, at) for subject_id, actor_id, at in events.values_list("subject_id", "actor_id", "at")
    }
    titles = Responsibility.objects.filter(pk__in=last).values_list("pk", "title")
    return [
        InformedNews(reader, RESPONSIBILITY_CHANGED, pk, title, "", False, *last[pk])
        for pk, title in titles
        for reader in readers[pk]
    ]
