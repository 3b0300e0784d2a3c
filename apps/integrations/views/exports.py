"""Exports."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def goals_export(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("goals_export")
