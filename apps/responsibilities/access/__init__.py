"""Who sees and who may change what of responsibilities, assignments, tasks, handovers and hours; one rule each."""

from apps.responsibilities.access.assignments import can_answer, can_assign, visible_assignments
from apps.responsibilities.access.handovers import (
    can_answer_handover,
    can_propose_cover,
    can_propose_handover,
    can_withdraw_handover,
    covers_assignee,
    covers_task,
    hands_something_over,
    visible_handover_tasks,
    visible_handovers,
    waits_for,
)
from apps.responsibilities.access.hours import visible_reported_hours
from apps.responsibilities.access.tasks import can_answer_consultation, visible_consultations, visible_tasks
from apps.responsibilities.access.things import (
    assignable,
    can_change_responsibility,
    can_create_responsibility,
    can_see,
    changeable,
    is_accountable,
    on_visible_thing,
    visible_responsibilities,
)

__all__ = [
    "assignable",
    "can_answer",
    "can_answer_consultation",
    "can_answer_handover",
    "can_assign",
    "can_change_responsibility",
    "can_create_responsibility",
    "can_propose_cover",
    "can_propose_handover",
    "can_see",
    "can_withdraw_handover",
    "changeable",
    "covers_assignee",
    "covers_task",
    "hands_something_over",
    "is_accountable",
    "on_visible_thing",
    "visible_assignments",
    "visible_consultations",
    "visible_handover_tasks",
    "visible_handovers",
    "visible_reported_hours",
    "visible_responsibilities",
    "visible_tasks",
    "waits_for",
]
