"""Every change of tasks and consultations."""

from apps.tasks.services.consultations import (
    answer_consultation,
    ask_consulted,
    default_answer_by,
    end_round,
    hearing,
    names_of,
    reason_to_wait,
)
from apps.tasks.services.fields import TaskFields
from apps.tasks.services.notices import tell_of_tasks_due
from apps.tasks.services.quick_add import Understood, quick_add, understand
from apps.tasks.services.tasks import (
    complete_task,
    create_task,
    delete_task,
    drop_task,
    move_task,
    reopen_task,
    update_task,
)

__all__ = [
    "TaskFields",
    "Understood",
    "answer_consultation",
    "ask_consulted",
    "complete_task",
    "create_task",
    "default_answer_by",
    "delete_task",
    "drop_task",
    "end_round",
    "hearing",
    "move_task",
    "names_of",
    "quick_add",
    "reason_to_wait",
    "reopen_task",
    "tell_of_tasks_due",
    "understand",
    "update_task",
]
