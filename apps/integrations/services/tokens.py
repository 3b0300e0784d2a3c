"""Making and revoking tokens, and noticing their use."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.activity import services as activity
from apps.integrations import access
from apps.integrations.models import SCOPES, ApiToken, new_api_token
from apps.integrations.models.tokens import PREFIX
from apps.workspaces.models import Member, hash_token

TOKENS_MAX = 50
HINT_LENGTH = len(PREFIX) + 4
NOTICED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(
    *, name: str, scopes: Collection[str], expires_at: datetime | None, by: Member, at: datetime
) -> tuple[ApiToken, str]:
    """A new token of the actor, and its secret, which is not kept. Raises ValidationError by field."""
    if not scopes:
        raise ValidationError({"scopes": _("Choose at least one thing it may do.")})
    unknown = set(scopes) - SCOPES.keys()
    if unknown:
        raise ValidationError({"scopes": _("There is no scope “%(name)s”.") % {"name": min(unknown)}})
    if expires_at is not None and expires_at <= at:
        raise ValidationError({"expires_at": _("This time has passed already.")})
    if access.visible_tokens(by).filter(revoked_at=None).count() >= TOKENS_MAX:
        raise ValidationError(_("%(count)s tokens are enough. Revoke one first.") % {"count": TOKENS_MAX})
    secret = new_api_token()
    token = ApiToken(
        workspace=by.workspace,
        member=by,
        name=" ".join(name.split()),
        token_hash=hash_token(secret),
        hint=secret[:HINT_LENGTH],
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_at=at,
    )
    token.full_clean(exclude=["workspace", "member"])
    token.save(force_insert=True)
    activity.record("token.created", token, by=by, at=at, workspace_id=by.workspace_id, data={"scopes": token.scopes})
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Member, at: datetime) -> ApiToken:
    """Make a token open nothing from now on; once is enough. Raises PermissionDenied."""
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if not access.can_revoke(by, token):
        raise PermissionDenied(_("Only its owner can revoke a token."))
    if token.revoked_at is None:
        token.revoked_at = at
        token.save()
        activity.record("token.revoked", token, by=by, at=at, workspace_id=by.workspace_id)
    return token


def revoke_all(user: User) -> None:
    """Make every token of an account open nothing from now on, in whatever workspace."""
    ApiToken.objects.filter(member__user=user, revoked_at=None).update(revoked_at=Now())


def find_token(secret: str, *, at: datetime) -> ApiToken | None:
    """The usable token of a secret, with its member, user and workspace; notes its use at most once a minute."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.usable(at).select_related("member__workspace", "member__user")
    token = tokens.filter(token_hash=hash_token(secret)).order_by().first()
    if token is not None and (token.last_used_at is None or at - token.last_used_at >= NOTICED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token
