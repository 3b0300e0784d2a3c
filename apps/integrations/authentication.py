"""Who calls the API: a personal token, or the browser's session."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from apps.integrations.models import token_is_well_formed
from apps.integrations.services import tokens
from apps.workspaces.queries import active_membership, memberships_of

BEARER = "bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer cpt_…`: acts as the token's member in the token's workspace."""

    def authenticate(self, request: Request) -> tuple[object, object] | None:
        """(user, token); None without a token. Raises AuthenticationFailed, the same for every kind of bad token."""
        kind, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != BEARER:
            return None
        secret = secret.strip()
        token = tokens.find_token(secret, at=timezone.now()) if token_is_well_formed(secret) else None
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is not valid, or no longer valid."))
        request._request.member = token.member  # type: ignore[attr-defined]
        return token.member.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a caller without a token is asked for."""
        return 'Bearer realm="Counterpoise"'


class WorkspaceSessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with CSRF; X-Workspace says in which workspace, needed by those who are in several."""

    def authenticate(self, request: Request) -> tuple[object, object] | None:
        """(user, None); None without a session. Raises AuthenticationFailed where X-Workspace is missing or strange."""
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        slug = request.headers.get("X-Workspace", "")
        if not slug:
            members = list(memberships_of(user)[:2])
            if len(members) != 1:
                raise exceptions.AuthenticationFailed(_("Say in the header X-Workspace which workspace you mean."))
            slug = members[0].workspace.slug
        member = active_membership(user, slug)
        if member is None:
            raise exceptions.AuthenticationFailed(_("You are not in that workspace."))
        request._request.member = member  # type: ignore[attr-defined]
        return user, None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The schema's word for it."""

    target_class = "apps.integrations.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """HTTP bearer authentication."""
        return {"type": "http", "scheme": "bearer", "description": "A personal token, `cpt_…`, made under Tokens."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The schema's word for it."""

    target_class = "apps.integrations.authentication.WorkspaceSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The session cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "counterpoise_session"}
