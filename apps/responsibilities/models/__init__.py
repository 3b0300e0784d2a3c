"""Who holds what: responsibilities, assignments, tasks, handovers and cover, consultations, reported hours."""

from apps.responsibilities.models.assignment import (
    ACCEPT_WITHIN,
    HELD,
    LETTERS,
    Assignment,
    AssignmentRole,
    AssignmentStatus,
)
from apps.responsibilities.models.consultation import Consultation
from apps.responsibilities.models.handover import (
    OPEN_HANDOVER_STATUSES,
    CameToNothing,
    Handover,
    HandoverKind,
    HandoverStatus,
    HandoverTask,
)
from apps.responsibilities.models.hours import HoursReport
from apps.responsibilities.models.responsibility import Responsibility
from apps.responsibilities.models.task import OPEN_TASK_STATUSES, Task, TaskHelper, TaskStatus, TaskTeam

__all__ = [
    "ACCEPT_WITHIN",
    "HELD",
    "LETTERS",
    "OPEN_HANDOVER_STATUSES",
    "OPEN_TASK_STATUSES",
    "Assignment",
    "AssignmentRole",
    "AssignmentStatus",
    "CameToNothing",
    "Consultation",
    "Handover",
    "HandoverKind",
    "HandoverStatus",
    "HandoverTask",
    "HoursReport",
    "Responsibility",
    "Task",
    "TaskHelper",
    "TaskStatus",
    "TaskTeam",
]
