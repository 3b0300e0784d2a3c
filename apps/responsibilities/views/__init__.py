"""The pages of responsibilities, tasks, hours and handovers."""

from apps.responsibilities.views.assignments import (
    assignment_accept,
    assignment_decline,
    assignment_edit,
    assignment_withdraw,
    goal_offer,
    responsibility_offer,
)
from apps.responsibilities.views.consultations import consultation_answer, goal_consult, task_consult
from apps.responsibilities.views.holders import holder_detail, holder_list
from apps.responsibilities.views.matrix import goal_cell, responsibility_cell, responsibility_matrix
from apps.responsibilities.views.quick_add import quick_add_preview, task_create
from apps.responsibilities.views.responsibilities import (
    responsibility_archive,
    responsibility_create,
    responsibility_detail,
    responsibility_edit,
    responsibility_history,
    responsibility_options,
    responsibility_restore,
)
from apps.responsibilities.views.task_lists import task_list
from apps.responsibilities.views.tasks import task_delete, task_detail, task_edit, task_hand_back, task_move, task_place

__all__ = [
    "assignment_accept",
    "assignment_decline",
    "assignment_edit",
    "assignment_withdraw",
    "consultation_answer",
    "goal_cell",
    "goal_consult",
    "goal_offer",
    "holder_detail",
    "holder_list",
    "quick_add_preview",
    "responsibility_archive",
    "responsibility_cell",
    "responsibility_create",
    "responsibility_detail",
    "responsibility_edit",
    "responsibility_history",
    "responsibility_matrix",
    "responsibility_offer",
    "responsibility_options",
    "responsibility_restore",
    "task_consult",
    "task_create",
    "task_delete",
    "task_detail",
    "task_edit",
    "task_hand_back",
    "task_list",
    "task_move",
    "task_place",
]
