"""Key results."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def key_result_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("key_result_create")


def key_result_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("key_result_edit")


def key_result_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("key_result_delete")
