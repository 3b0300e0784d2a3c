"""Every change of responsibilities, assignments, tasks, hours, handovers and cover."""

from apps.responsibilities.services.assignments import (
    AssignmentFields,
    accept_assignment,
    decline_assignment,
    offer_assignment,
    update_assignment,
    withdraw_assignment,
)
from apps.responsibilities.services.consultations import (
    answer_consultation,
    ask_consulted,
    default_answer_by,
    hearing,
    names_of,
    reason_to_wait,
)
from apps.responsibilities.services.letters import set_letters
from apps.responsibilities.services.locks import thing_of
from apps.responsibilities.services.notices import tell_of_reviews_due
from apps.responsibilities.services.quick_add import Understood, quick_add, understand
from apps.responsibilities.services.responsibilities import (
    ResponsibilityFields,
    archive_responsibility,
    create_responsibility,
    restore_responsibility,
    update_responsibility,
)
from apps.responsibilities.services.task_fields import TaskFields
from apps.responsibilities.services.task_notices import tell_of_tasks_due
from apps.responsibilities.services.tasks import (
    complete_task,
    create_task,
    delete_task,
    drop_task,
    move_task,
    reopen_task,
    update_task,
)

__all__ = [
    "AssignmentFields",
    "ResponsibilityFields",
    "TaskFields",
    "Understood",
    "accept_assignment",
    "answer_consultation",
    "archive_responsibility",
    "ask_consulted",
    "complete_task",
    "create_responsibility",
    "create_task",
    "decline_assignment",
    "default_answer_by",
    "delete_task",
    "drop_task",
    "hearing",
    "move_task",
    "names_of",
    "offer_assignment",
    "quick_add",
    "reason_to_wait",
    "reopen_task",
    "restore_responsibility",
    "set_letters",
    "tell_of_reviews_due",
    "tell_of_tasks_due",
    "thing_of",
    "understand",
    "update_assignment",
    "update_responsibility",
    "update_task",
    "withdraw_assignment",
]
