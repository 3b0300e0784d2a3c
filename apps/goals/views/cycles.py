"""Cycles."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def cycle_list(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("cycle_list")


def cycle_create(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("cycle_create")


def cycle_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("cycle_detail")


def cycle_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("cycle_edit")


def cycle_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("cycle_close")


def cycle_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("cycle_reopen")
