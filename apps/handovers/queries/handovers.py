"""Handovers and covers as pages show them: lists, and the brief for whoever takes something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from apps.core.pagination import Page, keyset_page
from apps.goals import access as goals
from apps.goals.models import OPEN_STATUSES, CheckIn, Contributor, Goal, KeyResult
from apps.handovers import access
from apps.handovers.models import Handover, HandoverTask
from apps.responsibilities.access import visible_responsibilities
from apps.responsibilities.models import HELD, Assignment, Responsibility
from apps.tasks.access import visible_tasks
from apps.tasks.models import Task
from apps.workspaces.models import Member

Thing = Responsibility | Goal
PAGE = 25
CHECK_INS = 3
SHOWN = 100
RELATED = ("goal", "responsibility", "from_member", "to_member", "absence")


@dataclass(frozen=True)
class KeyDate:
    """A day to know of, and what it is."""

    day: date
    words: str
    kind: str


@dataclass(frozen=True)
class Brief:
    """What whoever takes over or covers needs to know: the last check-ins, the open tasks, the dates to come."""

    goal: Goal | None
    roles: list[Assignment]
    check_ins: list[CheckIn]
    tasks: list[Task]
    dates: list[KeyDate]


def handovers_page(viewer: Member, place: Mapping[str, str], *, only_mine: bool) -> Page[Handover]:
    """A page of handovers and covers, the newest first; only those one gives or takes, or all one sees."""
    rows = access.visible_handovers(viewer).select_related(*RELATED)
    if only_mine:
        rows = rows.filter(access.hands_something_over(viewer))
    return keyset_page(rows, place, order=("created_at", "pk"), descending=True, size=PAGE)


def waiting_handovers(viewer: Member) -> list[Handover]:
    """What the viewer is asked to take over or cover, the next first."""
    rows = access.visible_handovers(viewer).filter(access.waits_for(viewer)).select_related(*RELATED)
    return list(rows.order_by("starts_on", "pk")[:SHOWN])


def brief_of(handover: Handover, viewer: Member) -> Brief:
    """The brief of a visible handover or cover, of what the viewer sees.

    On a responsibility that serves a goal, the goal's check-ins; none where the goal is hidden to the viewer. A task
    that was chosen may belong to something else by now, which is hidden to them.
    """
    responsibility = handover.responsibility
    goal = handover.goal
    if responsibility is not None and responsibility.goal_id:
        goal = goals.visible_goals(viewer).filter(pk=responsibility.goal_id).first()
    moves = HandoverTask.objects.filter(handover=handover, task__in=visible_tasks(viewer))
    tasks = [row.task for row in moves.select_related("task").order_by("task__due_on", "pk")[:SHOWN]]
    return Brief(
        goal=goal,
        roles=list(_roles(handover)),
        check_ins=_last_check_ins(goal),
        tasks=tasks,
        dates=_dates(responsibility, goal, tasks),
    )


def _roles(handover: Handover) -> QuerySet[Assignment]:
    on = Q(goal_id=handover.goal_id) if handover.goal_id else Q(responsibility_id=handover.responsibility_id)
    rows: QuerySet[Assignment] = Assignment.objects.filter(on, member_id=handover.from_member_id, status__in=HELD)
    return rows.order_by("role", "pk")


def _last_check_ins(goal: Goal | None) -> list[CheckIn]:
    if goal is None:
        return []
    return list(CheckIn.objects.filter(goal=goal).select_related("author").order_by("-made_at", "-pk")[:CHECK_INS])


def _dates(responsibility: Responsibility | None, goal: Goal | None, tasks: Sequence[Task]) -> list[KeyDate]:
    found: list[tuple[Any, str, str]] = [(task.due_on, task.title, "task") for task in tasks]
    if responsibility is not None:
        found.append((responsibility.review_on, responsibility.title, "review"))
    if goal is not None:
        found += [(goal.due_on, goal.title, "goal"), (goal.check_in_due_on, goal.title, "check_in")]
        measures = KeyResult.objects.filter(goal=goal, due_on__isnull=False).order_by("due_on", "pk")[:SHOWN]
        found += [(each.due_on, each.title, "key_result") for each in measures]
    return sorted((KeyDate(*each) for each in found if each[0]), key=lambda each: (each.day, each.words))


def held_things(viewer: Member) -> list[Thing]:
    """What the viewer holds and could hand over: responsibilities, then goals."""
    held = Assignment.objects.filter(member_id=viewer.pk, status__in=HELD)
    tasked = Task.objects.filter(assignee_id=viewer.pk)
    responsibilities = visible_responsibilities(viewer).filter(
        Q(pk__in=held.values("responsibility_id")) | Q(pk__in=tasked.values("responsibility_id")), archived_at=None
    )
    contributed = Contributor.objects.filter(member_id=viewer.pk).values("goal_id")
    theirs = (
        Q(owner_id=viewer.pk)
        | Q(pk__in=contributed)
        | Q(pk__in=held.values("goal_id"))
        | Q(pk__in=tasked.values("goal_id"))
    )
    found = goals.visible_goals(viewer).filter(theirs, status__in=OPEN_STATUSES).order_by("title", "pk")
    return [*responsibilities.order_by("title", "pk")[:SHOWN], *found[:SHOWN]]


def givers_on(thing: Thing, viewer: Member) -> list[Member]:
    """Who holds something on a thing that could be handed over, the viewer first."""
    on = Q(goal_id=thing.pk) if isinstance(thing, Goal) else Q(responsibility_id=thing.pk)
    people = Q(pk__in=Assignment.objects.filter(on, member__isnull=False, status__in=HELD).values("member_id"))
    people |= Q(pk__in=Task.objects.open().filter(on, assignee__isnull=False).values("assignee_id"))
    if isinstance(thing, Goal):
        people |= Q(pk=thing.owner_id) | Q(contributions__goal_id=thing.pk)
    rows = Member.objects.filter(people, workspace_id=viewer.workspace_id, deactivated_at=None).distinct()
    return sorted(rows.order_by("name", "pk")[:SHOWN], key=lambda each: each.pk != viewer.pk)


def open_tasks_of(thing: Thing, member: Member) -> list[Task]:
    """The member's open tasks there, the next due first."""
    on = Q(goal_id=thing.pk) if isinstance(thing, Goal) else Q(responsibility_id=thing.pk)
    return list(Task.objects.open().filter(on, assignee_id=member.pk).order_by("due_on", "pk")[:SHOWN])
