"""What lies outside a workspace: the way in."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("home")


def workspace_create(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("workspace_create")


def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("invitation_accept")
