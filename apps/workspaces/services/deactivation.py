"""Somebody leaves, or comes back."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.services import end_sessions
from apps.workspaces import access
from apps.workspaces.models import Invitation, Member
from apps.workspaces.services.events import record
from apps.workspaces.services.holdings import Holding, HoldingKind, field_name, holdings_of
from apps.workspaces.services.locks import lock_shape, locked_member
from apps.workspaces.services.members import check_an_owner_stays


@transaction.atomic
def deactivate_member(member: Member, *, choices: Mapping[str, Member | None], by: Member, at: datetime) -> Member:
    """End somebody's time here. They can no longer come in; what they wrote stays.

    `choices` says for each thing they hold (holdings.field_name) who takes it over, None leaving it without anybody.
    What `by` cannot see is not asked for and stays as it is. Raises PermissionDenied; ValidationError by those names
    where a choice is missing or cannot be carried out, and then nothing is changed.
    """
    by = lock_shape(by)
    member = locked_member(member, by=by)
    access.can_deactivate.demand(by, member)
    if not member.is_active:
        return member
    check_an_owner_stays(member)
    handed = [
        {"what": kind.name, "key": holding.key, "to": to.pk if to else None}
        for kind, holding, to in _hand_over_all(member, choices, by=by, at=at)
    ]
    member.deactivated_at = at
    member.save(update_fields=["deactivated_at"])
    Invitation.objects.open(at).filter(member=member).update(revoked_at=at)
    data = {"handed_over": len(handed), "left": sum(1 for each in handed if each["to"] is None)}
    record("member.deactivated", member, by=by, at=at, workspace=by.workspace, data=data)
    if member.user is not None and not Member.objects.active().filter(user=member.user).exists():
        end_sessions(member.user)
    return member


@transaction.atomic
def reactivate_member(member: Member, *, by: Member, at: datetime) -> Member:
    """Let somebody in again, with the role and teams they had; what was handed over stays with whom it went to.

    Raises PermissionDenied.
    """
    by = lock_shape(by)
    member = locked_member(member, by=by)
    if not access.can_deactivate(by, member):
        raise PermissionDenied(_("Only owners and admins can reactivate people."))
    if member.is_active:
        return member
    member.deactivated_at = None
    member.save(update_fields=["deactivated_at"])
    record("member.reactivated", member, by=by, at=at, workspace=by.workspace)
    return member


def _hand_over_all(
    member: Member, choices: Mapping[str, Member | None], *, by: Member, at: datetime
) -> list[tuple[HoldingKind, Holding, Member | None]]:
    """Carry out each choice; the errors of all of them come together, each under its holding's name."""
    errors: dict[str, list[str]] = {}
    done = []
    for kind, holdings in holdings_of(member, viewer=by):
        for holding in holdings:
            name = field_name(kind, holding)
            try:
                to = _successor(choices, name, member, by=by)
                kind.hand_over([holding.key], of=member, to=to, by=by, at=at)
            except ValidationError as error:
                errors[name] = error.messages
            else:
                done.append((kind, holding, to))
    if errors:
        raise ValidationError(errors)
    return done


def _successor(choices: Mapping[str, Member | None], name: str, member: Member, *, by: Member) -> Member | None:
    if name not in choices:
        raise ValidationError(_("Choose who takes this over, or leave it without anybody."))
    to = choices[name]
    if to is None:
        return None
    found: Member | None = (
        access.visible_members(by).filter(pk=to.pk, deactivated_at=None).exclude(pk=member.pk).first()
    )
    if found is None:
        raise ValidationError(_("Choose somebody else who is active in this workspace."))
    return found
