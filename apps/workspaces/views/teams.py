"""Teams."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def team_list(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_list")


def team_create(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_create")


def team_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_detail")


def team_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_edit")


def team_members(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_members")


def team_archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_archive")


def team_options(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("team_options")
