"""Who acts in a request: the Member, never the user."""

from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from apps.workspaces.models import Member


def actor(request: HttpRequest) -> "Member":
    """The member the request acts as, in the workspace of its address or token. Raises PermissionDenied without one."""
    member = getattr(request, "member", None)
    if member is None:
        raise PermissionDenied(_("Choose a workspace first."))
    return cast("Member", member)
