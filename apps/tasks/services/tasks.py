"""Writing, changing, giving away and deleting tasks, and moving them between their states."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals.models import Goal
from apps.goals.services.locks import lock_idempotency_key
from apps.responsibilities.models import Responsibility
from apps.tasks import access
from apps.tasks.models import OPEN_TASK_STATUSES, Task, TaskStatus
from apps.tasks.services.consultations import end_round, reason_to_wait
from apps.tasks.services.fields import OF_WORK, RELATED, TaskFields, assign, check_whole, set_related
from apps.tasks.services.notices import tell_assigned, tell_closed, tell_reopened, tell_withdrawn
from apps.workspaces.models import Member


@transaction.atomic
def create_task(fields: TaskFields, *, by: Member, at: datetime, key: UUID | None = None) -> Task:
    """A new open task on a goal or a responsibility.

    `key` decides its id, so that a form sent twice makes one task. Raises PermissionDenied, ValidationError by field.
    """
    pk = lock_idempotency_key(key, by=by)
    if pk and (existing := Task.objects.filter(pk=pk).first()):
        found: Task = existing
        return found
    thing = fields.get("goal") or fields.get("responsibility")
    if thing is not None:
        _hold_thing(thing)
    task = Task(workspace=by.workspace, created_by=by, created_at=at, **({"id": pk} if pk else {}))
    assign(task, fields, by=by)
    check_whole(task)
    task.save(force_insert=True)
    set_related(task, fields, by=by)
    activity.record("task.created", task, by=by, at=at, workspace_id=task.workspace_id, data={"title": task.title})
    tell_assigned(task, by=by, at=at)
    return task


@transaction.atomic
def update_task(task: Task, fields: TaskFields, *, by: Member, at: datetime) -> Task:
    """Change what `fields` names; where nothing differs nothing is written. Its state moves with move_task.

    The assignee may say how long it takes and hand it back. Raises PermissionDenied, ValidationError by field.
    """
    task = lock(task)
    _refuse_unless_allowed(task, fields, by=by)
    before = _snapshot(task, fields)
    assign(task, fields, by=by)
    check_whole(task)
    set_related(task, fields, by=by)
    changed = activity.changes(before, _snapshot(task, fields))
    if not changed:
        return task
    task.save()
    activity.record("task.updated", task, by=by, at=at, workspace_id=task.workspace_id, data={"changes": changed})
    if "assignee" in changed or "due_on" in changed:
        tell_withdrawn(task, due_only="assignee" not in changed, at=at)
    if "assignee" in changed:
        tell_assigned(task, by=by, at=at)
    return task


@transaction.atomic
def move_task(task: Task, status: str, *, by: Member, at: datetime, without_answers: str = "", was: str = "") -> Task:
    """Put a task into another state: open, doing, done or dropped; the one it is in already changes nothing.

    Before it is done or dropped, those consulted on its responsibility are heard: see consultations.reason_to_wait.
    `without_answers` says why they are not waited for; `was` is the state that the actor saw, which somebody else's
    step may have ended. Raises PermissionDenied, ValidationError by field.
    """
    task = lock(task)
    if not access.can_work_on_task(by, task):
        raise PermissionDenied(_("Only its assignee and those who may change what it belongs to can do this."))
    if status not in TaskStatus.values:
        raise ValidationError({"status": _("Choose open, in progress, done or dropped.")})
    if status == task.status:
        return task
    _check_unmoved(task, was)
    was_closed = task.is_closed
    data = {"was": task.status}
    if status in OPEN_TASK_STATUSES:
        task.closed_at = task.closed_by = None
    else:
        if not was_closed:
            data |= _heard(task, without_answers, by=by, at=at)
        task.closed_at, task.closed_by = at, by
    task.status = TaskStatus(status)
    task.save()
    activity.record(_verb(task, was_closed), task, by=by, at=at, workspace_id=task.workspace_id, data=data)
    _tell_moved(task, was_closed, by=by, at=at)
    return task


def _check_unmoved(task: Task, was: str) -> None:
    if was and was != task.status:
        raise ValidationError(
            _("Somebody moved “%(task)s” in the meantime. It is now: %(state)s. Please look again.")
            % {"task": task.title, "state": task.get_status_display()}
        )


def complete_task(task: Task, *, by: Member, at: datetime, without_answers: str = "") -> Task:
    """The task is done. Raises as move_task."""
    return move_task(task, TaskStatus.DONE, by=by, at=at, without_answers=without_answers)


def drop_task(task: Task, *, by: Member, at: datetime, without_answers: str = "") -> Task:
    """Nobody will do the task. Raises as move_task."""
    return move_task(task, TaskStatus.DROPPED, by=by, at=at, without_answers=without_answers)


@transaction.atomic
def reopen_task(task: Task, *, by: Member, at: datetime) -> Task:
    """Take back that a task was done or dropped. Raises as move_task, and ValidationError where it is open."""
    task = lock(task)
    if access.can_work_on_task(by, task) and not task.is_closed:
        raise ValidationError(_("This task is not closed."))
    return move_task(task, TaskStatus.OPEN, by=by, at=at)


@transaction.atomic
def delete_task(task: Task, *, by: Member, at: datetime) -> None:
    """Delete a task for good; the log keeps its title. Raises PermissionDenied."""
    task = lock(task)
    access.can_delete_task.demand(by, task)
    tell_withdrawn(task, at=at)
    end_round(task, at=at)
    activity.record("task.deleted", task, by=by, at=at, workspace_id=task.workspace_id, data={"title": task.title})
    task.delete()


def lock(task: Task) -> Task:
    """The task as it is now, locked until the transaction ends, with what it hangs on and its assignee.

    ValidationError where it is gone.
    """
    rows = Task.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("goal__team", "goal__owner", "responsibility__team", "assignee")
    found: Task | None = rows.filter(pk=task.pk).first()
    if found is None:
        raise ValidationError(_("This task was deleted a moment ago."))
    return found


def _hold_thing(thing: Goal | Responsibility) -> None:
    """Read anew, and keep as it is until the end, what the task is added to: it may have been closed meanwhile."""
    rows = type(thing).objects.select_for_update(no_key=True).filter(pk=thing.pk)
    name = "closed_at" if isinstance(thing, Goal) else "archived_at"
    for now in rows.only("pk", name):
        setattr(thing, name, getattr(now, name))


def _refuse_unless_allowed(task: Task, fields: TaskFields, *, by: Member) -> None:
    if access.can_change_task(by, task):
        return
    hands_back = "assignee" not in fields or fields["assignee"] is None
    if not access.can_work_on_task(by, task) or not (set(fields) <= OF_WORK and hands_back):
        raise access.can_change_task.refused()


def _snapshot(task: Task, fields: TaskFields) -> dict[str, object]:
    names = {*fields, *({"goal", "responsibility"} if {"goal", "responsibility"} & set(fields) else ())}
    return {
        name: sorted(str(pk) for pk in getattr(task, name).values_list("pk", flat=True))
        if name in RELATED
        else activity.plain(getattr(task, name))
        for name in names
    }


def _heard(task: Task, without_answers: str, *, by: Member, at: datetime) -> dict[str, str]:
    """What the log keeps of the consulting. Raises ValidationError where answers are to be waited for."""
    words, reason = reason_to_wait(task, by=by, at=at), without_answers.strip()
    if words and not reason:
        raise ValidationError({"without_answers": ValidationError(words, code="waits_for_answers")})
    return {"without_answers": reason} if words else {}


def _verb(task: Task, was_closed: bool) -> str:
    if task.is_closed:
        return "task.completed" if task.status == TaskStatus.DONE else "task.dropped"
    if was_closed:
        return "task.reopened"
    return "task.started" if task.status == TaskStatus.DOING else "task.put_back"


def _tell_moved(task: Task, was_closed: bool, *, by: Member, at: datetime) -> None:
    if task.is_closed:
        end_round(task, at=at)
        tell_closed(task, by=by, at=at)
    elif was_closed:
        tell_reopened(task, by=by, at=at)
