"""What people are told about tasks: the kinds of news, and what each says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.access import sees_goal
from apps.goals.models import Goal
from apps.goals.services.reminder_mail import TITLE_MAX, day_words, shortened
from apps.goals.services.topics import Topic, is_private, said_about
from apps.notifications.models import Notice, Reach
from apps.notifications.services import News, NoticeKind, NoticeWords, notify, notify_many, settle, subjects_of
from apps.tasks.models import OPEN_TASK_STATUSES, Consultation, Task, TaskStatus
from apps.workspaces.models import Member

Row = TypeVar("Row")
TASK_ASSIGNED, TASK_DUE, TASK_COMPLETED = "task_assigned", "task_due", "task_completed"
DUE_DAYS = (1, 0)
"""So many days before its due date a task's assignee is told of it."""
GROUP_TASKS = gettext_lazy("Tasks and consultations")


def read_assigned(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Task]:
    """Tasks given to somebody, while they are open and theirs."""
    return _tasks(notices, lambda notice, task: task.assignee_id == notice.recipient_id, status__in=OPEN_TASK_STATUSES)


def say_assigned(_notice: Notice, task: Task) -> NoticeWords:
    """What it belongs to, and when it is due."""
    return said_about(
        _topic(task),
        title=_("%(task)s is yours now"),
        outside=_("A task of a private goal is yours now"),
        text=_due_words(task),
        action=_("Open the task"),
        reason=_("You get this because somebody gave you the task. You can hand it back on its page."),
    )


def read_due(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Task]:
    """Tasks whose day is near, while they are open, theirs, and the day did not move."""
    return _tasks(
        notices,
        lambda notice, task: task.assignee_id == notice.recipient_id and str(task.due_on) == notice.data.get("due_on"),
        status__in=OPEN_TASK_STATUSES,
    )


def say_due(_notice: Notice, task: Task) -> NoticeWords:
    """When it is due, and what to do."""
    return said_about(
        _topic(task),
        title=_("%(task)s is due on %(day)s"),
        outside=_("A task of a private goal is due on %(day)s"),
        words={"day": day_words(task.due_on)},
        text=_("Say that it is done, or give it another date."),
        action=_("Open the task"),
        reason=_("You get this because the task is yours. You are told the day before, and on the day."),
    )


def read_completed(notices: Sequence[Notice], _at: datetime) -> dict[UUID, Task]:
    """Tasks somebody wrote that others have done, while they stay done."""
    return _tasks(notices, lambda notice, task: task.created_by_id == notice.recipient_id, status=TaskStatus.DONE)


def say_completed(_notice: Notice, task: Task) -> NoticeWords:
    """Who said that it is done."""
    return said_about(
        _topic(task),
        title=_("%(task)s is done"),
        outside=_("A task of a private goal is done"),
        text=_("%(name)s said so.") % {"name": task.closed_by.name} if task.closed_by else "",
        action=_("Open the task"),
        reason=_("You get this because you wrote the task."),
    )


# ---- telling, called by the services in their transaction ----


def tell_assigned(task: Task, *, by: Member, at: datetime) -> None:
    """Tell whose task it is now, if it is still to be done."""
    if task.assignee is None or task.is_closed:
        return
    dedupe_key = f"{task.pk}:{task.assignee_id}:{at.isoformat()}"
    people = [task.assignee]
    notify(TASK_ASSIGNED, recipients=people, subject_id=task.pk, about_id=task.pk, dedupe_key=dedupe_key, by=by, at=at)


def tell_withdrawn(task: Task, *, at: datetime, due_only: bool = False) -> None:
    """The task is another's, or due on another day: what was told of it is no longer so."""
    settle([TASK_DUE] if due_only else [TASK_ASSIGNED, TASK_DUE], [task.pk], at=at)


def tell_closed(task: Task, *, by: Member, at: datetime) -> None:
    """Nobody is reminded of it any more; who wrote it is told that it is done."""
    settle([TASK_ASSIGNED, TASK_DUE, TASK_COMPLETED], [task.pk], at=at)
    if task.status == TaskStatus.DONE and task.created_by is not None:
        people, dedupe_key = [task.created_by], f"{task.pk}:{at.isoformat()}"
        notify(
            TASK_COMPLETED, recipients=people, subject_id=task.pk, about_id=task.pk, dedupe_key=dedupe_key, by=by, at=at
        )


def tell_reopened(task: Task, *, by: Member, at: datetime) -> None:
    """It is to be done again, by whose it is."""
    settle([TASK_COMPLETED], [task.pk], at=at)
    tell_assigned(task, by=by, at=at)


def tell_of_tasks_due(today: date, *, at: datetime, limit: int = 5_000) -> int:
    """Tell assignees of open tasks that are due today or tomorrow; how many were told of one for the first time.

    `today` is the day by UTC; a day more or less for those far off is near enough for a date.
    """
    told = 0
    for days in DUE_DAYS:
        day = today + timedelta(days=days)
        tasks = Task.objects.open().filter(due_on=day, assignee__isnull=False).select_related("assignee").order_by("pk")
        news = [
            News(task.assignee, task.pk, task.pk, f"{task.pk}:{task.assignee_id}:{day}:{days}", data={"due_on": day})
            for task in tasks[:limit]
            if task.assignee is not None
        ]
        told += notify_many(TASK_DUE, news, at=at)
    return told


# ---- reading ----


def where_seen(
    notices: Iterable[Notice], found: Mapping[UUID, Row], thing_of: Callable[[Row], Goal | Task]
) -> dict[UUID, Row]:
    """Of what notices speak of, by their ids, that whose goal or task their recipients see; one query at the most.

    The rule of visible_tasks from the other side: a task of a goal is seen with the goal, one of a responsibility by
    all members, and by a guest only while it is theirs. A notice's subject is the task, or a consultation.
    """
    seen: set[UUID] = set()
    of_goals: list[UUID] = []
    for notice in notices:
        if notice.pk not in found:
            continue
        thing = thing_of(found[notice.pk])
        if isinstance(thing, Goal) or thing.goal_id is not None:
            of_goals.append(notice.pk)
        elif _sees_of_responsibility(notice.recipient, thing):
            seen.add(notice.pk)
    seen |= _seen_of_goals(of_goals)
    return {pk: row for pk, row in found.items() if pk in seen}


def _seen_of_goals(ids: Sequence[UUID]) -> set[UUID]:
    of_task = Task.objects.filter(pk=OuterRef("subject_id")).values("goal_id")[:1]
    asked = Consultation.objects.filter(pk=OuterRef("subject_id"))
    of_consultation = asked.values(about=Coalesce("goal_id", "task__goal_id"))[:1]
    rows = Notice.objects.filter(pk__in=ids)
    rows = rows.annotate(of_goal_id=Coalesce(Subquery(of_task), Subquery(of_consultation)))
    rows = rows.filter(sees_goal(member="recipient_id", goal="of_goal_id"))
    return set(rows.values_list("pk", flat=True))


def _sees_of_responsibility(reader: Member, task: Task) -> bool:
    return reader.is_active and (not reader.is_guest or task.assignee_id == reader.pk)


def _tasks(notices: Sequence[Notice], holds: Callable[[Notice, Task], bool], **only: object) -> dict[UUID, Task]:
    """The tasks the notices speak of, where their recipients see them: by the notice's id."""
    rows = Task.objects.filter(**only).select_related("goal", "responsibility", "closed_by", "workspace")
    return where_seen(notices, subjects_of(notices, rows, holds), lambda task: task)


def _due_words(task: Task) -> str:
    about = _("It belongs to “%(title)s”.") % {"title": shortened(task.thing.title, TITLE_MAX)}
    return about + (" " + _("It is due on %(day)s.") % {"day": day_words(task.due_on)} if task.due_on else "")


def _topic(task: Task) -> Topic:
    page = reverse_in(task.workspace, "tasks:task_detail", task.pk)
    return Topic("task", task.title, page, is_private(task.goal))


TASK_KINDS = (
    NoticeKind(
        name=TASK_ASSIGNED,
        label=gettext_lazy("A task was given to me"),
        group=GROUP_TASKS,
        default=Reach.DIGEST,
        read=read_assigned,
        say=say_assigned,
    ),
    NoticeKind(
        name=TASK_DUE,
        label=gettext_lazy("A task of mine is due"),
        group=GROUP_TASKS,
        default=Reach.DIGEST,
        read=read_due,
        say=say_due,
        help=gettext_lazy("The day before, and on the day."),
    ),
    NoticeKind(
        name=TASK_COMPLETED,
        label=gettext_lazy("A task I wrote is done"),
        group=GROUP_TASKS,
        default=Reach.INBOX,
        read=read_completed,
        say=say_completed,
    ),
)
