"""Check-ins and the asks in them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def check_in_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("check_in_create")


def check_in_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("check_in_list")


def check_in_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("check_in_edit")


def check_in_revisions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("check_in_revisions")


def ask_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("ask_answer")
