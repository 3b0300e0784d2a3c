"""All that one party is to one thing, set at once: a cell of the matrix."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.goals.models import Goal
from apps.responsibilities.models import Assignment, AssignmentRole
from apps.responsibilities.services.assignments import (
    check_may_assign,
    make_assignment,
    unknown_role,
    withdraw_assignment,
)
from apps.responsibilities.services.locks import Thing, lock_thing
from apps.workspaces.models import Member, Team


@transaction.atomic
def set_letters(
    thing: Thing,
    party: Member | Team,
    *,
    roles: Collection[str],
    was: Collection[str],
    by: Member,
    at: datetime,
) -> None:
    """Offer and withdraw so that the party has `roles` where it had `was`.

    Only what differs between the two is touched, so that two people's changes of one cell both hold. Raises
    PermissionDenied, ValidationError.
    """
    if not {*roles, *was} <= set(AssignmentRole.values):
        raise unknown_role("roles")
    thing = lock_thing(thing)
    check_may_assign(thing, by=by)
    who = {"team": party} if isinstance(party, Team) else {"member": party}
    on = {"goal": thing} if isinstance(thing, Goal) else {"responsibility": thing}
    for role in AssignmentRole.values:
        if (role in roles) == (role in was):
            continue
        held = list(Assignment.objects.held().filter(**on, **who, role=role).order_by("pk"))
        if role in roles and not held:
            make_assignment(thing, {**who, "role": role}, by=by, at=at)
        elif role not in roles:
            for assignment in held:
                withdraw_assignment(assignment, by=by, at=at)
