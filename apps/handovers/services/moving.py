"""What one person holds on a thing becomes another's: roles, hours and tasks, none lost and none doubled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.activity import services as activity
from apps.goals.models import Goal
from apps.goals.services import added, hand_over_goal, holds_goal
from apps.notifications.services import settle
from apps.responsibilities.models import HELD, Assignment, AssignmentStatus
from apps.responsibilities.services.locks import Thing
from apps.responsibilities.services.notices import settle_offers
from apps.tasks.models import Task, TaskHelper
from apps.tasks.services.notices import TASK_ASSIGNED, TASK_DUE
from apps.workspaces.models import Member


@dataclass(frozen=True)
class Moved:
    """What passed from one person to another: how many roles and tasks, and whether a goal's ownership or hours did."""

    roles: int = 0
    tasks: int = 0
    goal: bool = False

    def __bool__(self) -> bool:
        return bool(self.roles or self.tasks or self.goal)


def on(thing: Thing) -> Q:
    """Rows that hang on the thing."""
    return Q(goal_id=thing.pk) if isinstance(thing, Goal) else Q(responsibility_id=thing.pk)


def open_tasks(thing: Thing, member: Member) -> QuerySet[Task]:
    """The member's open tasks there."""
    rows: QuerySet[Task] = Task.objects.open().filter(on(thing), assignee_id=member.pk)
    return rows.order_by("due_on", "pk")


def holds_something(thing: Thing, member: Member) -> bool:
    """Whether the member holds a role there, owns the goal or gives it time, or has an open task of it."""
    if Assignment.objects.filter(on(thing), member_id=member.pk, status__in=HELD).exists():
        return True
    return (isinstance(thing, Goal) and holds_goal(thing, member)) or open_tasks(thing, member).exists()


def move_all(thing: Thing, *, of: Member, to: Member, tasks: Collection[UUID], by: Member, at: datetime) -> Moved:
    """Give everything of a locked thing to another in the caller's transaction, of the tasks those named.

    Raises ValidationError where a goal is closed, or hidden to the receiver.
    """
    passed = isinstance(thing, Goal) and hand_over_goal(thing, of=of, to=to, by=by, at=at)
    return Moved(
        roles=move_assignments(thing, of=of, to=to, at=at),
        tasks=move_tasks(open_tasks(thing, of).filter(pk__in=tasks), of=of, to=to, by=by, at=at),
        goal=passed,
    )


def move_assignments(thing: Thing, *, of: Member, to: Member | None, at: datetime) -> int:
    """Give one person's held roles on a locked thing to another, or to nobody; gives back how many roles.

    A role that both hold becomes one, with the hours of both. What the receiver takes over they have accepted: also
    what was only offered to them, or what they declined before. What the giver declined stays as it was.
    """
    rows = Assignment.objects.select_for_update(of=("self",)).filter(on(thing), member_id=of.pk, status__in=HELD)
    given = list(rows.order_by("role", "-status", "created_at", "pk"))
    settle_offers([row.pk for row in given], at=at)
    if to is None:
        Assignment.objects.filter(pk__in=[row.pk for row in given]).delete()
        return len({row.role for row in given})
    theirs = Assignment.objects.select_for_update(of=("self",)).filter(on(thing), member_id=to.pk)
    kept: dict[str, Assignment] = {}
    for row in theirs.order_by("-status", "created_at", "pk"):
        if row.role not in kept or row.is_held:
            kept[row.role] = row
    for row in given:
        _take_over(row, kept.get(row.role), to=to, at=at)
        kept.setdefault(row.role, row)
    return len({row.role for row in given})


def _take_over(given: Assignment, own: Assignment | None, *, to: Member, at: datetime) -> None:
    """One role: the giver's row becomes the receiver's, or goes into the one they have."""
    row = own or given
    if own is not None:
        hours = own.hours_per_week if own.is_held else None
        own.hours_per_week = added(hours, given.hours_per_week)
        given_id = given.external_id
        given.delete()
        own.external_id = own.external_id or given_id
    row.member = to
    row.status, row.decline_reason = AssignmentStatus.ACCEPTED, ""
    row.answered_by, row.answered_at = to, at
    row.save()


def move_tasks(tasks: QuerySet[Task], *, of: Member, to: Member | None, by: Member, at: datetime) -> int:
    """Give open tasks to another, or to nobody; gives back how many. Who takes one over no longer helps with it."""
    rows = list(tasks.select_for_update(of=("self",)).filter(assignee_id=of.pk))
    ids = [row.pk for row in rows]
    if not rows:
        return 0
    settle([TASK_ASSIGNED, TASK_DUE], ids, at=at)
    if to is not None:
        TaskHelper.objects.filter(task_id__in=ids, member_id=to.pk).delete()
    Task.objects.filter(pk__in=ids).update(assignee=to, updated_at=at)
    changes = {"changes": {"assignee": [of.pk, to.pk if to else None]}}
    activity.record_many([("task.updated", row, changes) for row in rows], by=by, at=at, workspace_id=of.workspace_id)
    return len(rows)
