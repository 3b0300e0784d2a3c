"""Search and jump."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def search(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("search")


def goal_options(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("goal_options")
