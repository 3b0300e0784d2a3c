"""People."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def member_list(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_list")


def member_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_detail")


def member_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_edit")


def member_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_role")


def member_deactivate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_deactivate")


def member_reactivate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_reactivate")


def member_options(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("member_options")
