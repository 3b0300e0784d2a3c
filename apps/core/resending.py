"""What a page says where a change could not be made just now: with all the person sent, which it can send again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core.problems import database_problem, is_api, is_too_slow

SECRET = re.compile(r"password|secret|token|credential|^code$", re.IGNORECASE)
"""Fields that are never written into a page, by their names; a form with one is filled in anew."""
RETRY_SECONDS = "5"


@dataclass(frozen=True)
class SentForm:
    """A form as it was sent, to this address. Without `is_whole` a secret or a file is missing: it cannot go again."""

    address: str
    fields: tuple[tuple[str, str], ...]
    is_whole: bool

    @property
    def words(self) -> list[str]:
        """What a person wrote by hand, as far as one can tell: more than one word."""
        return [value for _name, value in self.fields if len(value.split()) > 1]


def sent_form(request: HttpRequest) -> SentForm | None:
    """What the request wanted to change; None where it only looked, or was no form."""
    if request.method != "POST" or not request.POST:
        return None
    fields = tuple(_fields(request))
    is_secret = any(SECRET.search(name) for name, _value in fields)
    kept = tuple((name, value) for name, value in fields if not SECRET.search(name))
    return SentForm(request.get_full_path(), kept, is_whole=not (is_secret or request.FILES))


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken":
            yield from ((name, str(value)) for value in values)


def unavailable(request: HttpRequest, error: DatabaseError | InterfaceError) -> HttpResponse:
    """503 where the database is away, or ended what took too long: a problem for programs, a sentence for scripts, and
    for people a page that asks nothing of the database.
    """
    if is_api(request):
        return database_problem(error)
    language = getattr(request, "LANGUAGE_CODE", None) or translation.get_language_from_request(request)
    with translation.override(language):
        words = _words(error)
        if "HX-Request" in request.headers:
            answer = HttpResponse(words, content_type="text/plain; charset=utf-8")
        else:
            known = {"words": words, "sent": sent_form(request), "csrf_token": get_token(request)}
            known["again"] = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
            answer = HttpResponse(render_to_string("503.html", known))
    answer.status_code = 503
    answer["Retry-After"] = RETRY_SECONDS
    answer["Cache-Control"] = "no-store, private"
    return answer


def _words(error: DatabaseError | InterfaceError) -> str:
    if is_too_slow(error):
        return _("This took longer than it may, so it was stopped and nothing was changed. Please try again.")
    return _(
        "Counterpoise cannot reach its database just now. Nothing you saved is lost. Please try again in a few seconds."
    )
