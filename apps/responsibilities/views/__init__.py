"""The pages of responsibilities."""

from apps.responsibilities.views.assignments import (
    assignment_accept,
    assignment_decline,
    assignment_edit,
    assignment_withdraw,
    goal_offer,
    responsibility_offer,
)
from apps.responsibilities.views.holders import holder_detail, holder_list
from apps.responsibilities.views.matrix import goal_cell, responsibility_cell, responsibility_matrix
from apps.responsibilities.views.responsibilities import (
    responsibility_archive,
    responsibility_create,
    responsibility_detail,
    responsibility_edit,
    responsibility_history,
    responsibility_options,
    responsibility_restore,
)

__all__ = [
    "assignment_accept",
    "assignment_decline",
    "assignment_edit",
    "assignment_withdraw",
    "goal_cell",
    "goal_offer",
    "holder_detail",
    "holder_list",
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
]
