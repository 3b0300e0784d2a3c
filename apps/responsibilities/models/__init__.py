"""Who holds what: responsibilities and assignments."""

from apps.responsibilities.models.assignment import (
    ACCEPT_WITHIN,
    HELD,
    LETTERS,
    Assignment,
    AssignmentRole,
    AssignmentStatus,
)
from apps.responsibilities.models.responsibility import Responsibility

__all__ = ["ACCEPT_WITHIN", "HELD", "LETTERS", "Assignment", "AssignmentRole", "AssignmentStatus", "Responsibility"]
