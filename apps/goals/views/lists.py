"""The cycle's goals as a tree, a table, a timeline and a priority map."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def goal_list(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("goal_list")


def goal_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("goal_move")
