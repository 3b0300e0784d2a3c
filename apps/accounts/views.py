"""One's own profile."""

from django.http import HttpRequest, HttpResponse


def profile(request: HttpRequest) -> HttpResponse:
    """Placeholder until its owner writes it."""
    return HttpResponse("profile")
