"""Tasks in the API."""

from typing import cast

from django.db.models import Q, QuerySet

from apps.core.api_schema import describe, row_action
from apps.core.filters import (
    Filter,
    FilterSet,
    by_choice,
    by_date,
    by_flag,
    by_id,
    by_number,
    by_text,
    by_time,
    full_text,
)
from apps.core.viewsets import ResourceViewSet
from apps.tasks import access, services
from apps.tasks.models import OPEN_TASK_STATUSES, Task, TaskStatus
from apps.tasks.serializers.tasks import TaskCloseGiven, TaskCloseSerializer, TaskGiven, TaskSerializer
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member


@describe("task", "tasks", "One piece of work on a goal or on a responsibility; exactly one of the two.")
class TaskViewSet(ResourceViewSet[Task, TaskGiven]):
    """Tasks."""

    scope_family = "responsibilities"
    serializer_class = TaskSerializer
    filterset = FilterSet(
        filters={
            "external_id": by_text("external_id"),
            "updated_since": by_time("updated_at__gte"),
            "goal": by_id("goal"),
            "responsibility": by_id("responsibility"),
            "assignee": by_id("assignee", of=visible_members),
            "helper": by_id("helps__member", of=visible_members),
            "team": by_id("team_asks__team", "Tasks for which this team is named.", of=visible_teams),
            "status": by_choice("status", list(TaskStatus.values)),
            "is_closed": by_flag(
                lambda value: ~Q(status__in=OPEN_TASK_STATUSES) if value else Q(status__in=OPEN_TASK_STATUSES)
            ),
            "importance": by_number("importance", 1, 5),
            "urgency": by_number("urgency", 1, 5),
            "label": Filter(str, lambda value: Q(labels__contains=[value]), {"type": "string"}),
            "due_before": by_date("due_on__lt"),
            "due_after": by_date("due_on__gt"),
        },
        orderings={
            "created_at": "created_at",
            "updated_at": "updated_at",
            "title": "title",
            "due_on": "due_on",
            "importance": "importance",
            "closed_at": "closed_at",
        },
        search=full_text,
    )

    def visible(self, member: Member) -> QuerySet[Task]:
        """As on the pages."""
        return access.visible_tasks(member)

    def create_row(self, fields: TaskGiven) -> Task:
        """services.create_task, then move_task where it is to begin in another state."""
        status, without = fields.pop("status", TaskStatus.OPEN), fields.pop("without_answers", "")
        task = services.create_task(self._fields(fields), by=self.member, at=self.now())
        if status == task.status:
            return task
        return services.move_task(task, status, by=self.member, at=self.now(), without_answers=without)

    def update_row(self, row: Task, fields: TaskGiven) -> Task:
        """services.move_task as the status says, and update_task; in this order: who hands it back may no more."""
        status, without = fields.pop("status", None), fields.pop("without_answers", "")
        if status is not None:
            row = services.move_task(row, status, by=self.member, at=self.now(), without_answers=without)
        if fields or status is None:
            row = services.update_task(row, self._fields(fields), by=self.member, at=self.now())
        return row

    def delete_row(self, row: Task) -> None:
        """services.delete_task."""
        services.delete_task(row, by=self.member, at=self.now())

    def _fields(self, fields: TaskGiven) -> services.TaskFields:
        """The serializer's names as the service calls them."""
        return cast("services.TaskFields", {name.removeprefix("seen_"): value for name, value in fields.items()})

    @row_action("Say that a task is done", TaskSerializer, TaskCloseSerializer)
    def complete(self, row: Task, fields: TaskCloseGiven) -> None:
        """Those consulted on its responsibility are heard first, or `without_answers` says why not."""
        services.complete_task(row, by=self.member, at=self.now(), **fields)

    @row_action("Drop a task", TaskSerializer, TaskCloseSerializer)
    def drop(self, row: Task, fields: TaskCloseGiven) -> None:
        """Nobody will do it. Those consulted on its responsibility are heard first, as when it is done."""
        services.drop_task(row, by=self.member, at=self.now(), **fields)

    @row_action("Reopen a task", TaskSerializer)
    def reopen(self, row: Task, fields: dict[str, object]) -> None:
        """It is to be done again."""
        services.reopen_task(row, by=self.member, at=self.now())
