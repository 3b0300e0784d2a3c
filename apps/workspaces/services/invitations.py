"""The ways in: invitations to an address, links for many, and what happens when somebody accepts.

The secret of a link is known once, when it is made; stored is its hash. Whoever sends the mail (an app above this
one) hangs a function into INVITATION_CREATED and is given the address to join at.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.registries import Hook
from apps.workspaces import access
from apps.workspaces.models import Invitation, Member, Role, Team, hash_token, new_token
from apps.workspaces.services.events import record
from apps.workspaces.services.pasted import MAIL_MAX, Invitee, line_fault, read_people

INVITATION_CREATED: Hook[[Invitation, str, datetime], object] = Hook(
    "INVITATION_CREATED",
    "called with (invitation, url, at) in the transaction, for each invitation to an address and each time it is sent "
    "again; the url is known only then",
)

DAYS_OPEN = 14
LINK_DAYS = (1, 7, 30)
validate_length = MaxLengthValidator(MAIL_MAX)
ROLES = (Role.ADMIN, Role.MEMBER, Role.GUEST)
LINK_ROLES = (Role.MEMBER, Role.GUEST)


class Invited(NamedTuple):
    """An invitation and the address to join at, which nobody can be shown again."""

    invitation: Invitation
    url: str


@transaction.atomic
def create_invitations(
    people: str, *, role: str = Role.MEMBER, team: Team | None = None, by: Member, at: datetime
) -> list[Invited]:
    """Invite everybody of a pasted list, and have each sent a mail.

    Somebody who is here without an account (an imported person) keeps their role and gets their own place. Raises
    PermissionDenied; ValidationError on `people` with each faulty line, and on `role` and `team`; then nobody is
    invited.
    """
    _check_can_invite(role, team, ROLES, by=by)
    try:
        invitees = read_people(people)
        here = _people_here(invitees, by=by, at=at)
    except ValidationError as error:
        raise ValidationError({"people": error.messages}) from error
    return [_invite(each, here.get(each.email), role, team, by=by, at=at) for each in invitees]


@transaction.atomic
def invite_member(member: Member, *, email: str, by: Member, at: datetime) -> Invited:
    """Invite somebody who is here without an account to take their own place.

    Raises PermissionDenied, ValidationError on `email`.
    """
    _check_can_invite(member.role, None, ROLES, by=by)
    if member.workspace_id != by.workspace_id or member.user_id is not None or not member.is_active:
        raise ValidationError(_("%(name)s cannot be invited.") % {"name": member.name})
    invitee = Invitee(1, member.name, email.strip().lower())
    try:
        validate_email(invitee.email)
        validate_length(invitee.email)
        here = _people_here([invitee], by=by, at=at, said=lambda _each, message: message).get(invitee.email)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    if here is not None and here.pk != member.pk:
        raise ValidationError({"email": _("This is the address of %(name)s.") % {"name": here.name}})
    return _invite(invitee, member, member.role, None, by=by, at=at)


@transaction.atomic
def create_link(
    *, role: str = Role.MEMBER, team: Team | None = None, days: int = 7, by: Member, at: datetime
) -> Invited:
    """A link that lets in whoever has it, for some days. Raises PermissionDenied, ValidationError by field."""
    _check_can_invite(role, team, LINK_ROLES, by=by)
    if days not in LINK_DAYS:
        raise ValidationError({"days": _("Choose for how long the link is open.")})
    invitation, token = _new(by=by, at=at, days=days, role=role, team=team)
    record(
        "invitation.link_created", invitation, by=by, at=at, workspace=by.workspace, data={"role": role, "days": days}
    )
    return Invited(invitation, join_url(token))


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Member, at: datetime) -> Invitation:
    """Withdraw it: its address opens nothing any more. Raises PermissionDenied, ValidationError (accepted already)."""
    invitation = _lock(invitation, by=by)
    if invitation.accepted_at is not None:
        raise ValidationError(_("This invitation was accepted already."))
    if invitation.revoked_at is None:
        invitation.revoked_at = at
        invitation.save(update_fields=["revoked_at"])
        record("invitation.revoked", invitation, by=by, at=at, workspace=by.workspace)
    return invitation


@transaction.atomic
def resend_invitation(invitation: Invitation, *, by: Member, at: datetime) -> Invited:
    """Send it again with a new address and a new end; the old address stops.

    Raises PermissionDenied, ValidationError.
    """
    invitation = _lock(invitation, by=by)
    if invitation.is_link:
        raise ValidationError(_("A link is not sent. Make a new one instead."))
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise ValidationError(_("This invitation is no longer open. Write a new one instead."))
    token = new_token()
    invitation.token_hash, invitation.expires_at = hash_token(token), at + timedelta(days=DAYS_OPEN)
    invitation.save(update_fields=["token_hash", "expires_at"])
    record("invitation.resent", invitation, by=by, at=at, workspace=by.workspace)
    return _told(Invited(invitation, join_url(token)), at=at)


def join_url(token: str) -> str:
    """The whole address of the page where a token is accepted."""
    return f"{settings.SITE_URL}{reverse('invitation_accept', args=[token])}"


def _check_can_invite(role: str, team: Team | None, roles: tuple[str, ...], *, by: Member) -> None:
    access.can_invite.demand(by)
    if role not in roles:
        raise ValidationError({"role": _("Choose one of the roles.")})
    if team is not None and not access.visible_teams(by).filter(pk=team.pk, archived_at=None).exists():
        raise ValidationError({"team": _("There is no such team.")})


def _people_here(
    invitees: list[Invitee], *, by: Member, at: datetime, said: Callable[[Invitee, str], str] = line_fault
) -> dict[str, Member]:
    """Address → the person here without an account it belongs to. ValidationError for those who need no invitation."""
    emails = [each.email for each in invitees]
    here = {
        member.email.lower(): member for member in Member.objects.filter(workspace_id=by.workspace_id, email__in=emails)
    }
    here |= {
        member.user.email: member
        for member in Member.objects.filter(workspace_id=by.workspace_id, user__email__in=emails).select_related("user")
        if member.user
    }
    invitations = Invitation.objects.open(at).filter(workspace_id=by.workspace_id, email__in=emails)
    waiting = set(invitations.values_list("email", flat=True))
    faults = [said(each, why) for each in invitees if (why := _why_not(each.email, here.get(each.email), waiting))]
    if faults:
        raise ValidationError(faults)
    return here


def _why_not(email: str, member: Member | None, waiting: set[str]) -> str:
    if member is not None and not member.is_active:
        return _("%(email)s was deactivated here. Reactivate the person instead.") % {"email": email}
    if member is not None and member.user_id is not None:
        return _("%(email)s is a member already.") % {"email": email}
    if email in waiting:
        return _("%(email)s has an open invitation already.") % {"email": email}
    return ""


def _invite(each: Invitee, member: Member | None, role: str, team: Team | None, *, by: Member, at: datetime) -> Invited:
    invitation, token = _new(
        by=by,
        at=at,
        days=DAYS_OPEN,
        role=member.role if member else role,
        team=team,
        member=member,
        email=each.email,
        name=each.name,
    )
    record("invitation.created", invitation, by=by, at=at, workspace=by.workspace, data={"role": invitation.role})
    return _told(Invited(invitation, join_url(token)), at=at)


def _new(*, by: Member, at: datetime, days: int, **fields: object) -> tuple[Invitation, str]:
    token = new_token()
    invitation = Invitation(workspace=by.workspace, invited_by=by, created_at=at, **fields)
    invitation.token_hash, invitation.expires_at = hash_token(token), at + timedelta(days=days)
    invitation.save(force_insert=True)
    return invitation, token


def _told(invited: Invited, *, at: datetime) -> Invited:
    INVITATION_CREATED(invited.invitation, invited.url, at)
    return invited


def _lock(invitation: Invitation, *, by: Member) -> Invitation:
    locked: Invitation = (
        Invitation.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=invitation.pk)
    )
    if locked.workspace_id != by.workspace_id or not access.can_invite(by):
        raise PermissionDenied(_("Only owners and admins can change invitations."))
    return locked
