"""Accepting an invitation."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.workspaces.models import Invitation, Member, TeamMembership, hash_token
from apps.workspaces.services.events import record
from apps.workspaces.services.locks import lock_workspace


@transaction.atomic
def accept_invitation(token: str, *, user: User, at: datetime) -> Member:
    """Take the place an invitation offers; the user's active member in that workspace. Accepting twice gives the same
    member.

    Where the invitation names somebody who is here without an account, or one of the account's verified addresses is
    that of such a person, the user takes that person's place with its role and history. ValidationError, with a code,
    where it opens nothing: unknown, accepted, revoked, expired, other_address (addressed to somebody else),
    deactivated.
    """
    invitation = _locked_invitation(token)
    addresses = verified_addresses(user)
    existing: Member | None = Member.objects.filter(workspace_id=invitation.workspace_id, user=user).first()
    if existing is not None and existing.is_active:
        if invitation.email in addresses and invitation.state(at) == "open":
            _close(invitation, existing, addresses, at=at)
        return existing
    _check_opens(invitation, addresses, at=at)
    if existing is not None:
        raise _deactivated()
    member = _take_place(invitation, user, addresses, at=at)
    _close(invitation, member, addresses, at=at)
    data = {"invitation": invitation.pk, "role": member.role}
    record("member.joined", member, by=member, at=at, workspace=invitation.workspace, data=data)
    return member


def _locked_invitation(token: str) -> Invitation:
    """The invitation of that secret, locked after its workspace, so that nobody joins twice at once."""
    rows = Invitation.objects.filter(token_hash=hash_token(token))
    found = rows.values_list("workspace_id", flat=True).first()
    if found is not None:
        lock_workspace(found)
    invitation: Invitation | None = rows.select_for_update(of=("self",)).select_related("workspace", "team").first()
    if invitation is None:
        raise ValidationError(_("There is no such invitation."), code="unknown")
    return invitation


def verified_addresses(user: User) -> set[str]:
    """The account's addresses that it has shown to be its own, in lower case."""
    rows = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {email.lower() for email in rows}


CLOSED = {
    "accepted": gettext_lazy("This invitation was used already."),
    "revoked": gettext_lazy("This invitation was withdrawn."),
    "expired": gettext_lazy("This invitation has expired."),
}


def _check_opens(invitation: Invitation, addresses: set[str], *, at: datetime) -> None:
    state = invitation.state(at)
    if state != "open":
        raise ValidationError(CLOSED[state], code=state)
    if invitation.email and invitation.email not in addresses:
        message = _("This invitation is for %(email)s, and that is not an address of your account.")
        raise ValidationError(message % {"email": invitation.email}, code="other_address")


def _deactivated() -> ValidationError:
    return ValidationError(_("You were deactivated here. Ask an admin to reactivate you."), code="deactivated")


def _take_place(invitation: Invitation, user: User, addresses: set[str], *, at: datetime) -> Member:
    member = _waiting_place(invitation, addresses)
    if member is None:
        return _new_member(invitation, user, addresses, at=at)
    if not member.is_active:
        raise _deactivated()
    if member.user_id is not None:
        raise ValidationError(CLOSED["accepted"], code="accepted")
    member.user = user
    member.email = invitation.email or member.email
    member.save(update_fields=["user", "email"])
    _join_team(invitation, member, at=at)
    return member


def _waiting_place(invitation: Invitation, addresses: set[str]) -> Member | None:
    """The person without an account whose place this is, locked."""
    people = Member.objects.select_for_update(of=("self",)).filter(workspace_id=invitation.workspace_id)
    if invitation.member_id is not None:
        named: Member = people.get(pk=invitation.member_id)
        return named
    found: Member | None = people.filter(user=None, email__in=addresses).order_by("created_at", "pk").first()
    return found


def _new_member(invitation: Invitation, user: User, addresses: set[str], *, at: datetime) -> Member:
    email = invitation.email or (user.email if user.email in addresses else "")
    if email and Member.objects.filter(workspace_id=invitation.workspace_id, email__iexact=email).exists():
        email = ""
    member: Member = Member.objects.create(
        workspace=invitation.workspace,
        user=user,
        name=user.name or invitation.name or user.email.partition("@")[0],
        email=email,
        role=invitation.role,
        created_at=at,
    )
    _join_team(invitation, member, at=at)
    return member


def _join_team(invitation: Invitation, member: Member, *, at: datetime) -> None:
    team = invitation.team
    if team is not None and team.archived_at is None:
        TeamMembership.objects.get_or_create(
            team=team, member=member, defaults={"workspace_id": team.workspace_id, "created_at": at}
        )


def _close(invitation: Invitation, member: Member, addresses: set[str], *, at: datetime) -> None:
    """What was for this person alone is used up; a link stays open for others."""
    Invitation.objects.open(at).filter(workspace_id=member.workspace_id, email__in=addresses - {""}).update(
        accepted_at=at, accepted_by=member
    )
