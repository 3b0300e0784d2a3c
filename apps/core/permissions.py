"""What a caller's token allows."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

READING = {"GET", "HEAD", "OPTIONS"}


class HasScope(BasePermission):
    """A token must carry `<family>:read` or `<family>:write`; a browser session may do all its member may."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the caller's token allows this method on this family of resources."""
        if getattr(request, "member", None) is None:
            return False
        token: Any = request.auth  # an ApiToken, of which core knows nothing
        if token is None or not view.scope_family:
            return True
        wanted = f"{view.scope_family}:{'read' if request.method in READING else 'write'}"
        if wanted in token.scopes:
            return True
        raise exceptions.PermissionDenied(_("This token lacks the scope %(scope)s.") % {"scope": wanted})
