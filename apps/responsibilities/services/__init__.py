"""Every change of responsibilities and assignments."""

from apps.responsibilities.services.assignments import (
    AssignmentFields,
    accept_assignment,
    check_one_party,
    decline_assignment,
    offer_assignment,
    unknown_role,
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
    "check_one_party",
    "create_responsibility",
    "decline_assignment",
    "lock_assignment",
    "offer_assignment",
    "restore_responsibility",
    "set_letters",
    "tell_of_reviews_due",
    "thing_of",
    "unknown_role",
    "update_assignment",
    "update_responsibility",
    "withdraw_assignment",
]
