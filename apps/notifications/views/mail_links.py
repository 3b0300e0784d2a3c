"""Pages that links in mails lead to. They need no signing in, and change nothing before a yes (a POST)."""

import zoneinfo
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods
from django_stubs_ext import StrOrPromise

from apps.core.clock import database_now
from apps.notifications.services import KINDS, describe_notices, inbox, mail_links
from apps.workspaces.models import Member


@login_not_required
@csrf_exempt  # a mail program posts it (RFC 8058); the signed link is what says that it may
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails of these kinds: asks before, says so after, and what still comes.

    Whoever is not signed in is not told which other kinds there are: the mail did not name them.
    """
    found = mail_links.read_stop(token)
    if found is None:
        raise Http404
    member, kinds = found
    _refuse_others(request, member)
    if request.method == "POST":
        mail_links.stop_mails(member, kinds, at=database_now())
    with _as(member):
        left = mail_links.mails_left(member)
        context = {
            "person": member,
            "names": _names(kinds),
            "done": mail_links.are_stopped(member, kinds),
            "comes_more": bool(left),
            "left": _names(left) if request.user.is_authenticated else [],
        }
        return render(request, "notifications/mail_stop.html", context)


def _names(kinds: Iterable[str]) -> list[StrOrPromise]:
    """What the kinds and digests are called."""
    return [mail_links.DIGEST_NAMES.get(name) or KINDS[name].label for name in kinds]


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def mail_act(request: HttpRequest, token: str) -> HttpResponse:
    """The one thing a mail asks for: shown with a button, done by it. What is over says that, not what it was."""
    asked = mail_links.read_act(token)
    if asked is None:
        raise Http404
    notice = asked.notice
    _refuse_others(request, notice.recipient)
    with _as(notice.recipient):
        now = timezone.now()
        said = describe_notices([notice], at=now).get(notice.pk) if asked.is_open else None
        if said is None:
            over = {"workspace": notice.recipient.workspace}
            return render(request, "notifications/mail_act_over.html", over, status=HTTPStatus.GONE)
        title = said.title if request.user.is_authenticated else said.outside or said.title
        context = {"said": said, "title": title, "error": "", "done": False}
        if request.method == "POST":
            try:
                inbox.do_act(notice, by=notice.recipient, at=now)
            except (ValidationError, PermissionDenied) as error:
                context["error"] = " ".join(getattr(error, "messages", [str(error)]))
            else:
                context["done"] = True
        return render(request, "notifications/mail_act.html", context)


def _refuse_others(request: HttpRequest, member: Member) -> None:
    """Who is signed in as somebody else follows a link that was forwarded to them."""
    if request.user.is_authenticated and request.user.pk != member.user_id:
        raise PermissionDenied(
            _("This mail was written to somebody else. If it is yours all the same, sign out first.")
        )


@contextmanager
def _as(member: Member) -> Iterator[None]:
    """The reader's own language and time zone, whoever the browser belongs to."""
    user = member.user
    zone = user.timezone if user else member.workspace.timezone
    with translation.override(user.language if user else None), timezone.override(zoneinfo.ZoneInfo(zone)):
        yield
