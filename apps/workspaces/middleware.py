"""From the address to the acting member."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from apps.workspaces import queries


class WorkspaceMiddleware:
    """Takes `workspace` (a slug) off a view's arguments and sets `request.member`.

    Http404 where the signed-in person is no active member there, the same as where the workspace does not exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.member = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Resolve the acting member before the view runs."""
        slug = kwargs.pop("workspace", None)
        if slug is None or not request.user.is_authenticated:
            return
        member = queries.active_membership(request.user, slug)
        if member is None:
            raise Http404
        request.member = member  # type: ignore[attr-defined]
