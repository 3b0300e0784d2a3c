"""The one translator of errors into answers for pages."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class error_middleware:  # noqa: N801 - used like a function in MIDDLEWARE
    """A refused rule that no form caught becomes a plain 400 page; a database that is away becomes 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the two kinds of exception above; None leaves the rest (404, 403, faults) to Django."""
        if isinstance(exception, ValidationError):
            return render(request, "400.html", {"messages_list": exception.messages}, status=400)
        if isinstance(exception, OperationalError | InterfaceError):
            return HttpResponse(_UNAVAILABLE, status=503, headers={"Retry-After": "5"})
        return None


_UNAVAILABLE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Back in a moment</title>
<h1>Back in a moment</h1><p>Counterpoise cannot reach its database just now. Nothing you saved is lost. Please try again in a few seconds.</p></html>"""
