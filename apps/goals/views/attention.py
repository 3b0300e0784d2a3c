"""Goals that drift, for those who lead."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse


def attention(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("attention")
