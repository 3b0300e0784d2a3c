"""Invitations."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def invitation_list(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("invitation_list")


def invitation_create(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("invitation_create")


def invitation_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("invitation_revoke")


def invitation_resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("invitation_resend")
