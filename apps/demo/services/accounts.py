"""What only the demo does: open accounts that nobody has to verify."""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.integrations.access import visible_tokens
from apps.integrations.models import SCOPES
from apps.integrations.services.tokens import create_token, revoke_token
from apps.workspaces.models import Member, Workspace

TOKEN_NAME = "Demo"  # noqa: S105 - how it is called on the page of tokens


def refuse_outside_the_demo() -> None:
    """Accounts with a known password must never stand in a real installation. Raises PermissionDenied there."""
    if not settings.DEMO:
        raise PermissionDenied(_("This is not a demo. Set DEMO=1 where everybody may know the passwords."))


@transaction.atomic
def open_accounts(people: Iterable[User], *, password: str) -> dict[str, User]:
    """Accounts with verified addresses and one password, by address. Those that are there already stay as they are.

    The password is hashed once: a hash for each would take the better part of a minute. Raises PermissionDenied.
    """
    refuse_outside_the_demo()
    wanted = {user.email: user for user in people}
    known = {user.email: user for user in User.objects.filter(email__in=wanted)}
    new = [user for email, user in wanted.items() if email not in known]
    hashed = make_password(password)
    for user in new:
        user.password = hashed
    User.objects.bulk_create(new)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in new
    )
    return known | {user.email: user for user in new}


@transaction.atomic
def fresh_token(member: Member, *, at: datetime) -> str:
    """The secret of a new token of all scopes for somebody of the demo; the one made before is revoked.

    Only hashes of tokens are kept, so each who wants to know a secret gets a new one. Raises PermissionDenied.
    """
    refuse_outside_the_demo()
    for former in visible_tokens(member).filter(name=TOKEN_NAME, revoked_at=None):
        revoke_token(former, by=member, at=at)
    _token, secret = create_token(name=TOKEN_NAME, scopes=SCOPES, expires_at=None, by=member, at=at)
    return secret


def demo_workspaces(slugs: Iterable[str]) -> list[Workspace]:
    """The workspaces of the demo that are there."""
    return list(Workspace.objects.filter(slug__in=list(slugs)).order_by("slug"))


def demo_members(slugs: Iterable[str], emails: Iterable[str]) -> list[Member]:
    """The demo's people at these addresses, in each of their workspaces."""
    members = Member.objects.filter(workspace__slug__in=list(slugs), user__email__in=list(emails))
    return list(members.select_related("workspace", "user").order_by("workspace__slug", "name"))
