"""Tasks from a file."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from apps.core.bulk import insert_many
from apps.core.models import new_id
from apps.responsibilities.services.bulk.known import Known
from apps.tasks import access
from apps.tasks.models import OPEN_TASK_STATUSES, Task, TaskHelper, TaskStatus, TaskTeam
from apps.workspaces.services.bulk import BulkRun, BulkTally, apply_changes, batches, kept_by_hand

FIELDS = ("title", "description", "assignee_id", "labels")
STORED = [*(name.removesuffix("_id") for name in FIELDS), "status", "closed_at", "closed_by", "updated_at"]
MOVES = {"status", "started", "put_back", "completed", "dropped", "reopened"}
"""The words of the log, fields and deeds, that say somebody chose the state."""


@dataclass(slots=True)
class TaskSpec:
    """A task as the file has it, on a goal that the actor may change; None where it says nothing.

    `label` names it in the report. `closed_on` dates one that is done or dropped, else it is now.
    """

    key: str
    label: str
    goal_id: UUID
    title: str
    description: str | None = None
    assignee_id: UUID | None = None
    helper_ids: list[UUID] = field(default_factory=list)
    team_ids: list[UUID] = field(default_factory=list)
    labels: list[str] | None = None
    status: str | None = None
    closed_on: date | None = None


class _TaskBatch:
    """What one batch of tasks needs to know, read in a fixed number of queries."""

    def __init__(self, rows: Sequence[TaskSpec], run: BulkRun, gone: Collection[UUID]) -> None:
        self.known = Known(Task, rows, run)
        self.gone = gone
        ids = list(self.known.by_pk)
        theirs = access.visible_tasks(run.by).filter(access.alterable(run.by), pk__in=ids)
        self.alterable = set(theirs.values_list("pk", flat=True)) if ids else set()
        self.helpers = set(TaskHelper.objects.filter(task_id__in=ids).values_list("task_id", "member_id"))
        self.teams = set(TaskTeam.objects.filter(task_id__in=ids).values_list("task_id", "team_id"))

    def refuse(self, row: TaskSpec, found: Task | None) -> str:
        """Why a row is not taken at all."""
        if found is None:
            return "kept_by_hand" if self.known.was_removed(row.key) else ""
        return "" if found.pk in self.alterable else "left_out"


def upsert_tasks(rows: Iterable[TaskSpec], run: BulkRun, *, gone: Collection[UUID]) -> BulkTally:
    """Make or change tasks by their key (external id). `gone` are deactivated people, who are given nothing new.

    A task that somebody moved to another goal stays there; people and teams are added and never taken off.
    """
    tally = BulkTally()
    for batch in batches(rows):
        now = _TaskBatch(batch, run, gone)
        new: list[Task] = []
        changed: list[Task] = []
        on_it: list[TaskHelper] = []
        asked: list[TaskTeam] = []
        for row in batch:
            task = now.known.find(row.key)
            if reason := now.refuse(row, task):
                run.tell("tasks", row.label, reason)
                continue
            if task is None:
                task = _new_task(row, now, run)
                new.append(task)
                tally.created.add(task.pk)
            elif _update_task(task, row, now, run):
                changed.append(task)
                tally.touch(task.pk)
            tally.ids[row.key] = task.pk
            on_it += _new_helpers(task, row, now, tally, run)
            asked += _new_teams(task, row, now, tally, run)
        insert_many(new)
        run.update(changed, STORED, made=tally.created)
        insert_many(on_it)
        insert_many(asked)
    return tally


def _new_task(row: TaskSpec, now: _TaskBatch, run: BulkRun) -> Task:
    status = row.status or TaskStatus.OPEN
    task = Task(
        id=now.known.ids[row.key], workspace_id=run.by.workspace_id, external_id=row.key, goal_id=row.goal_id,
        status=status, closed_at=_closed_at(row, status, run), created_at=run.at,
    )  # fmt: skip
    for name, value in _wanted(task, row, now, run).items():
        setattr(task, name, value)
    run.record("task.created", task, {"title": task.title})
    return task


def _closed_at(row: TaskSpec, status: str, run: BulkRun) -> datetime | None:
    """Noon of the day where the workspace is, or now where there is no day or it has not come; None while open."""
    if status in OPEN_TASK_STATUSES:
        return None
    moment = datetime.combine(row.closed_on, time(12), run.by.workspace.zone) if row.closed_on else run.at
    return min(moment, run.at)


def _wanted(task: Task, row: TaskSpec, now: _TaskBatch, run: BulkRun) -> dict[str, Any]:
    """What the file says other than the task does, without people who left."""
    wanted: dict[str, object] = {name: getattr(row, name) for name in FIELDS}
    differing = {name: value for name, value in wanted.items() if value not in (None, "", getattr(task, name))}
    if differing.get("assignee_id") in now.gone:
        run.tell("tasks", row.label, "person_left", "assignee", str(differing.pop("assignee_id")))
    return differing


def _update_task(task: Task, row: TaskSpec, now: _TaskBatch, run: BulkRun) -> bool:
    differing = _wanted(task, row, now, run)
    words = {name.removesuffix("_id"): name for name in differing}
    for word in kept_by_hand("task", task.pk, words, run) if words else ():
        run.tell("tasks", row.label, "kept_by_hand", word, str(differing.pop(words[word])))
    if row.status not in (None, task.status):
        if kept_by_hand("task", task.pk, MOVES, run):
            run.tell("tasks", row.label, "kept_by_hand", "status", str(row.status))
        else:
            closed_at = _closed_at(row, str(row.status), run)
            differing |= {"status": row.status, "closed_at": closed_at, "closed_by_id": None}
    return apply_changes(task, differing, "task.updated", run)


def _new_helpers(task: Task, row: TaskSpec, now: _TaskBatch, tally: BulkTally, run: BulkRun) -> list[TaskHelper]:
    missing = [pk for pk in row.helper_ids if pk != task.assignee_id and (task.pk, pk) not in now.helpers]
    left = [pk for pk in missing if pk in now.gone]
    if left:
        run.tell("tasks", row.label, "person_left", "helpers")
    missing = _unless_by_hand([pk for pk in missing if pk not in left], "helpers", task, row, tally, run)
    return [
        TaskHelper(id=new_id(), workspace_id=task.workspace_id, task_id=task.pk, member_id=pk, created_at=run.at)
        for pk in missing
    ]


def _new_teams(task: Task, row: TaskSpec, now: _TaskBatch, tally: BulkTally, run: BulkRun) -> list[TaskTeam]:
    missing = [pk for pk in row.team_ids if (task.pk, pk) not in now.teams]
    return [
        TaskTeam(id=new_id(), workspace_id=task.workspace_id, task_id=task.pk, team_id=pk, created_at=run.at)
        for pk in _unless_by_hand(missing, "teams", task, row, tally, run)
    ]


def _unless_by_hand(
    missing: list[UUID], name: str, task: Task, row: TaskSpec, tally: BulkTally, run: BulkRun
) -> list[UUID]:
    """What is to be added, each once; nothing where somebody chose these by hand."""
    if missing and task.pk not in tally.created and kept_by_hand("task", task.pk, [name], run):
        run.tell("tasks", row.label, "kept_by_hand", name)
        return []
    if missing:
        tally.touch(task.pk)
    return list(dict.fromkeys(missing))
