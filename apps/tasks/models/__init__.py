"""Tasks, and consultations before the end of a goal or a task."""

from apps.tasks.models.consultation import Consultation
from apps.tasks.models.task import OPEN_TASK_STATUSES, Task, TaskHelper, TaskStatus, TaskTeam

__all__ = ["OPEN_TASK_STATUSES", "Consultation", "Task", "TaskHelper", "TaskStatus", "TaskTeam"]
