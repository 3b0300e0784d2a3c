"""Each request in its person's language and time zone; who must sign in; which devices are signed in."""

import time
import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

SEEN_KEY = "seen"
SEEN_EVERY_SECONDS = 600


def locale_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Activate the signed-in person's language and zone; before sign-in the browser's language and UTC."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if user.is_authenticated else translation.get_language_from_request(request)
        zone = user.timezone if user.is_authenticated else settings.TIME_ZONE
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends visitors to sign in, and back to where they were: for a form that was sent, to the page it stood on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """The way to the sign-in page."""
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        field = self.get_redirect_field_name(view_func)
        return redirect_to_login(_page_of_form(request), self.get_login_url(view_func), field)


def _page_of_form(request: HttpRequest) -> str:
    """Path of the page a form was sent from, if the browser says so and it is ours, else of the form's own address."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    parts = urlsplit(page)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


def devices_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep the list of signed-in devices: every SEEN_EVERY_SECONDS, not in each request as allauth does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.session.session_key:
            _note_device(request)
        return get_response(request)

    return middleware


def _note_device(request: HttpRequest) -> None:
    now = int(time.time())
    key = request.session.session_key
    seen_key, seen_at = request.session.get(SEEN_KEY, ("", 0))
    if seen_key == key and now - seen_at < SEEN_EVERY_SECONDS:
        return
    UserSession.objects.create_from_request(request)
    request.session[SEEN_KEY] = [key, now]
