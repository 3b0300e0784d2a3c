"""Every change of responsibilities and assignments."""

from apps.responsibilities.services.assignments import (
    AssignmentFields,
    accept_assignment,
    decline_assignment,
    offer_assignment,
    update_assignment,
    withdraw_assignment,
)
from apps.responsibilities.services.letters import set_letters
from apps.responsibilities.services.locks import lock_assignment, thing_of
from apps.responsibilities.services.notices import tell_of_reviews_due
from apps.responsibilities.services.responsibilities import (
    ResponsibilityFields,
    archive_responsibility,
    create_responsibility,
    restore_responsibility,
    update_responsibility,
)

__all__ = [
    "AssignmentFields",
    "ResponsibilityFields",
    "accept_assignment",
    "archive_responsibility",
    "create_responsibility",
    "decline_assignment",
    "lock_assignment",
    "offer_assignment",
    "restore_responsibility",
    "set_letters",
    "tell_of_reviews_due",
    "thing_of",
    "update_assignment",
    "update_responsibility",
    "withdraw_assignment",
]
