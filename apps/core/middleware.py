"""What every request passes: the log of requests, and the one translator of errors into answers for pages."""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from apps.core.encryption import UnreadableSecretError
from apps.core.problems import is_too_slow, is_write_conflict
from apps.core.resending import sent_form, unavailable

_log = structlog.get_logger("request")


class log_middleware:  # noqa: N801 - used like a function in MIDDLEWARE
    """One line a request: who, which route, the answer, how long. Never addresses' words, queries or bodies.

    The answer carries the line's id as `X-Request-Id`, so that who reports a fault can name it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = str(uuid4())
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-Id"] = request_id
            route = request.resolver_match.route if request.resolver_match else None
            member = getattr(request, "member", None)
            _log.info(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round((time.perf_counter() - began) * 1000, 1),
                member=str(member.pk) if member else None,
            )
        return response


# What a page may use of the device, and what it opens: passkeys and copying, nothing else.
_USED = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
_UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "payment",    "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS_POLICY = ", ".join([*(f"{name}=(self)" for name in _USED), *(f"{name}=()" for name in _UNUSED)])


class permissions_policy_middleware:  # noqa: N801 - used like a function in MIDDLEWARE
    """Every answer says which of the device's abilities its page may use (W3C, Permissions Policy)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class _SentOn(HttpResponsePermanentRedirect):
    status_code = 308


class SlashMiddleware(CommonMiddleware):
    """Django's own, but an address that lacks its last slash is sent on by 308, which keeps method and body.

    After a 301 most clients send a GET (RFC 9110, 15.4.2): a program's POST would read the list and seem to be done.
    """

    response_redirect_class = _SentOn


class error_middleware:  # noqa: N801 - used like a function in MIDDLEWARE
    """What no view caught becomes a page: a refused rule 400, a change that met another 409, what took too long, a
    database or Redis that is away, or a secret that no key opens, 503. What was typed stays on it (resending.py).

    A change that met another is not run again here. A view calls its services in one transaction, so nothing of it was
    saved; but the run that failed may have read an uploaded file and changed objects that stay on the request, and a
    second run with these could save less than was sent, unseen. Locks are taken in one order, so that it is rare.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for the kinds of exception above; None leaves the rest (404, 403, faults) to Django."""
        if isinstance(exception, ValidationError):
            return render(request, "400.html", {"messages_list": exception.messages}, status=400)
        if is_write_conflict(exception):
            _log.warning("write_conflict", cause=type(exception.__cause__).__name__)
            return _met(request)
        if isinstance(exception, OperationalError | InterfaceError):
            if is_too_slow(exception):
                _log.warning("too_slow")
            return unavailable(request, exception)
        if isinstance(exception, UnreadableSecretError):
            _log.error("unreadable_secret", secret=str(exception))
            return render(request, "503.html", {"keyless": True}, status=503)
        if isinstance(exception, RedisError):  # what counts tries to sign in fails closed; see quality.md, Reliability
            return render(request, "503.html", {"refused": True}, status=503)
        return None


def _met(request: HttpRequest) -> HttpResponse:
    """409, with the way back to the form; to a script as a sentence, which it shows where it stands."""
    words = _("Somebody else changed the same thing at this moment, so nothing was saved. Please try again.")
    if "HX-Request" in request.headers:
        return HttpResponse(words, status=409, content_type="text/plain; charset=utf-8")
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = ""
    return render(request, "409.html", {"words": words, "back": back, "sent": sent_form(request)}, status=409)
