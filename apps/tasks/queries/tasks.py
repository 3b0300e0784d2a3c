"""Tasks as the pages show them: as a list, as a board, on the priority map, on their own page, beneath their thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import pgettext

from apps.activity.access import visible_events
from apps.activity.models import Event
from apps.core.pagination import Keyset, Page
from apps.core.sql import Rule
from apps.core.urls import reverse_in
from apps.goals.models import Goal, Visibility
from apps.goals.queries.rows import Owner
from apps.responsibilities.models import Responsibility
from apps.tasks import access
from apps.tasks.models import OPEN_TASK_STATUSES, Consultation, Task, TaskStatus
from apps.tasks.queries.filters import with_status
from apps.workspaces.models import Member, Team

SORTS = {
    "due": ("due_on", "id"),
    "importance": ("-importance", "-id"),
    "newest": ("-created_at", "-id"),
    "title": ("title", "id"),
}
COLUMN_MOST = 12
MAP_MOST = 60  # a point weighs about 80 bytes gzipped with its line in the list
UNPLACED_MOST = 20
BENEATH_MOST = 12
HISTORY_MOST = 20
COLUMNS = (
    "id",
    "title",
    "status",
    "assignee_id",
    "assignee__name",
    "goal_id",
    "goal__title",
    "goal__visibility",
    "responsibility_id",
    "responsibility__title",
    "importance",
    "urgency",
    "due_on",
    "hours",
    "labels",
    "created_at",
)


@dataclass(frozen=True)
class TaskListRow:
    """One line or card."""

    id: UUID
    title: str
    href: str
    status: str
    assignee: Owner | None
    thing: str
    thing_href: str
    thing_icon: str
    is_hidden_from_some: bool
    importance: int | None
    urgency: int | None
    due_on: date | None
    is_overdue: bool
    hours: object
    labels: Sequence[str]
    may_work: bool

    @property
    def status_words(self) -> str:
        """The state in words."""
        return str(TaskStatus(self.status).label)

    @property
    def is_closed(self) -> bool:
        """Done or dropped."""
        return self.status not in OPEN_TASK_STATUSES


@dataclass(frozen=True)
class Counts:
    """How many tasks are in each state, and of those to do how many have a place on the map."""

    open: int
    doing: int
    done: int
    dropped: int
    placed: int

    @property
    def total(self) -> int:
        """All."""
        return self.open + self.doing + self.done + self.dropped


@dataclass(frozen=True)
class BoardColumn:
    """One state on the board: its first tasks, and how many there are."""

    status: str
    label: str
    rows: list[TaskListRow]
    total: int


@dataclass(frozen=True)
class Paths:
    """Where tasks, goals and responsibilities have their pages: each path before the id, so that no row looks it up."""

    tasks: str
    goals: str
    responsibilities: str


def paths_of(member: Member) -> Paths:
    """Where tasks, goals and responsibilities have their pages for the member."""
    tasks = reverse_in(member.workspace, "tasks:task_list")
    within = tasks.removesuffix("tasks/")
    return Paths(tasks, f"{within}goals/", f"{within}responsibilities/")


@dataclass
class TaskPage:
    """What the page of a task shows beside the task."""

    may_change: bool
    may_work: bool
    helpers: list[Member] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)


def task_counts(tasks: QuerySet[Task]) -> Counts:
    """Of these tasks, in one query."""
    by_status = {status.value: Count("pk", filter=Q(status=status)) for status in TaskStatus}
    placed = Q(importance__isnull=False, urgency__isnull=False, status__in=OPEN_TASK_STATUSES)
    return Counts(**tasks.order_by().aggregate(**by_status, placed=Count("pk", filter=placed)))


def task_list(
    tasks: QuerySet[Task], member: Member, paths: Paths, *, sort: str, cursor: str, today: date
) -> Page[TaskListRow]:
    """A page of these tasks in one of SORTS; the first where the cursor is of no page of it."""
    keyset = Keyset(*SORTS[sort])
    rows = _values(tasks, access.workable(member))
    try:
        page = keyset.page(rows, cursor=cursor)
    except ValidationError:
        page = keyset.page(rows)
    return Page(read_rows(page.rows, paths, today), page.previous, page.next)


def task_board(
    tasks: QuerySet[Task], counts: Counts, member: Member, paths: Paths, *, today: date
) -> list[BoardColumn]:
    """The columns: what is to do by its day, what is over by when it ended; COLUMN_MOST of each, in one query."""
    place = Window(
        RowNumber(),
        partition_by=F("status"),
        order_by=[F("closed_at").desc(nulls_last=True), F("due_on").asc(nulls_last=True), "id"],
    )
    values = (
        _values(tasks, access.workable(member)).annotate(place=place).filter(place__lte=COLUMN_MOST).order_by("place")
    )
    rows = read_rows(values, paths, today)
    return [
        BoardColumn(
            status=status.value,
            label=str(status.label),
            rows=[row for row in rows if row.status == status],
            total=getattr(counts, status.value),
        )
        for status in TaskStatus
    ]


def task_map(
    tasks: QuerySet[Task], member: Member, paths: Paths, *, today: date
) -> tuple[list[TaskListRow], list[TaskListRow]]:
    """Of the tasks to do: the most important with a place on the map, and some without one.

    Here `may_work` says whether the member may change their place.
    """
    to_do = _values(tasks.filter(with_status("todo")), access.alterable(member))
    placed = to_do.filter(importance__isnull=False, urgency__isnull=False)
    placed = placed.order_by("-importance", "-urgency", "due_on", "id")[:MAP_MOST]
    unplaced = to_do.filter(Q(importance=None) | Q(urgency=None)).order_by("due_on", "id")[:UNPLACED_MOST]
    return read_rows(placed, paths, today), read_rows(unplaced, paths, today)


def tasks_of(
    thing: Goal | Responsibility, member: Member, paths: Paths, *, today: date
) -> tuple[list[TaskListRow], Counts]:
    """The first tasks to do of something the member sees, and how many it has in each state; in one query."""
    tasks = access.visible_tasks(member)
    tasks = tasks.filter(goal_id=thing.pk) if isinstance(thing, Goal) else tasks.filter(responsibility_id=thing.pk)
    order = (F("closed_at").asc(nulls_first=True), F("due_on").asc(nulls_last=True), "status", "id")
    sizes = {f"all_{status.value}": Window(Count("pk", filter=Q(status=status))) for status in TaskStatus}
    values = list(_values(tasks, access.workable(member)).annotate(**sizes).order_by(*order)[:BENEATH_MOST])
    counts = {status.value: values[0][f"all_{status.value}"] if values else 0 for status in TaskStatus}
    rows = [row for row in read_rows(values, paths, today) if not row.is_closed]
    return rows, Counts(**counts, placed=0)


def task_for_page(member: Member) -> QuerySet[Task]:
    """The tasks the member sees, with all that the page of one names."""
    return access.visible_tasks(member).select_related(
        "goal__team", "goal__owner", "responsibility__team", "assignee", "created_by", "closed_by", "workspace"
    )


def task_page(task: Task, member: Member) -> TaskPage:
    """What the page shows beside the task."""
    may_change = access.can_change_task(member, task)
    return TaskPage(
        may_change=may_change,
        may_work=may_change or access.can_work_on_task(member, task),
        helpers=list(task.helpers.order_by("name", "pk")),
        teams=list(task.teams.order_by("name", "pk")),
    )


def task_history(task: Task, member: Member) -> list[tuple[Event, str]]:
    """The newest lines of its log, each with what was done, to stand behind a name."""
    words = _history_words()
    events = visible_events(member, subject_type="task", subject_id=task.pk).order_by("-at", "-id")[:HISTORY_MOST]
    return [(event, words[event.verb]) for event in events if event.verb in words]


def _history_words() -> dict[str, str]:
    return {
        "task.created": pgettext("task history", "wrote it"),
        "task.imported": pgettext("task history", "imported it"),
        "task.updated": pgettext("task history", "changed it"),
        "task.started": pgettext("task history", "began it"),
        "task.put_back": pgettext("task history", "put it back"),
        "task.completed": pgettext("task history", "said it is done"),
        "task.dropped": pgettext("task history", "dropped it"),
        "task.reopened": pgettext("task history", "opened it again"),
        "task.handed_over": pgettext("task history", "handed it over"),
        "task.consulted": pgettext("task history", "asked those who are consulted"),
        "task.consultation_answered": pgettext("task history", "said what they think about closing it"),
    }


def answers_on(thing: Goal | Task, member: Member) -> list[Consultation]:
    """What those consulted said about closing it, newest first, also before earlier closings."""
    rows = access.visible_consultations(member).filter(answered_at__isnull=False).select_related("member", "asked_by")
    rows = rows.filter(goal_id=thing.pk) if isinstance(thing, Goal) else rows.filter(task_id=thing.pk)
    return list(rows.order_by("-answered_at", "-pk")[:BENEATH_MOST])


def _values(tasks: QuerySet[Task], may: Rule) -> QuerySet[Task, dict[str, Any]]:
    values: QuerySet[Task, dict[str, Any]] = tasks.annotate(may_work=may).values(*COLUMNS, "may_work")
    return values


def read_rows(values: Iterable[dict[str, Any]], paths: Paths, today: date) -> list[TaskListRow]:
    """Lines from the values of COLUMNS and `may_work`."""
    return [_row(each, paths, today) for each in values]


def _row(values: dict[str, Any], paths: Paths, today: date) -> TaskListRow:
    on_goal = values["goal_id"] is not None
    thing_id = values["goal_id"] or values["responsibility_id"]
    due_on, status = values["due_on"], values["status"]
    return TaskListRow(
        id=values["id"],
        title=values["title"],
        href=f"{paths.tasks}{values['id']}/",
        status=status,
        assignee=Owner(values["assignee_id"], values["assignee__name"]) if values["assignee_id"] else None,
        thing=values["goal__title"] if on_goal else values["responsibility__title"],
        thing_href=f"{paths.goals if on_goal else paths.responsibilities}{thing_id}/",
        thing_icon="target" if on_goal else "clipboard-list",
        is_hidden_from_some=on_goal and values["goal__visibility"] != Visibility.WORKSPACE,
        importance=values["importance"],
        urgency=values["urgency"],
        due_on=due_on,
        is_overdue=due_on is not None and due_on < today and status in OPEN_TASK_STATUSES,
        hours=values["hours"],
        labels=values["labels"],
        may_work=values["may_work"],
    )
