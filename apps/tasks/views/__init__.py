"""The pages of tasks and consultations."""

from apps.tasks.views.consultations import consultation_answer, goal_consult, task_consult
from apps.tasks.views.lists import task_list
from apps.tasks.views.quick_add import quick_add_preview, task_create
from apps.tasks.views.tasks import task_delete, task_detail, task_edit, task_hand_back, task_move, task_place

__all__ = [
    "consultation_answer",
    "goal_consult",
    "quick_add_preview",
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
