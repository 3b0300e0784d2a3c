"""Who sees and who may change what of responsibilities and assignments; one rule each."""

from apps.responsibilities.access.assignments import answerable, can_answer, can_assign, visible_assignments
from apps.responsibilities.access.things import (
    PART_TAKEN,
    assignable,
    can_change_responsibility,
    can_create_responsibility,
    can_see,
    changeable,
    is_accountable,
    on_visible_thing,
    sees_responsibility,
    visible_responsibilities,
)

__all__ = [
    "PART_TAKEN",
    "answerable",
    "assignable",
    "can_answer",
    "can_assign",
    "can_change_responsibility",
    "can_create_responsibility",
    "can_see",
    "changeable",
    "is_accountable",
    "on_visible_thing",
    "sees_responsibility",
    "visible_assignments",
    "visible_responsibilities",
]
