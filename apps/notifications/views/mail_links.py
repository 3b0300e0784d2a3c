"""Pages that links in mails lead to. They need no signing in, and change nothing before a yes (a POST)."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from apps.notifications.services import KINDS, describe_notices, inbox, mail_links
from apps.workspaces.models import Member


@login_not_required
@csrf_exempt  # a mail program posts it (RFC 8058); the signed link is what says that it may
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails of these kinds: asks before, says so after."""
    found = mail_links.read_stop(token)
    if found is None:
        raise Http404
    member, kinds = found
    if request.method == "POST":
        mail_links.stop_mails(member, kinds, at=timezone.now())
    with _as(member):
        names = [mail_links.DIGEST_NAMES.get(name) or KINDS[name].label for name in kinds]
        context = {"person": member, "names": names, "done": request.method == "POST"}
        return render(request, "notifications/mail_stop.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def mail_act(request: HttpRequest, token: str) -> HttpResponse:
    """The one thing a mail asks for: shown with a button, done by it."""
    notice = mail_links.read_act(token)
    if notice is None:
        raise Http404
    with _as(notice.recipient):
        now = timezone.now()
        said = describe_notices([notice], at=now).get(notice.pk)
        if said is None:
            raise Http404
        context = {"notice": notice, "said": said, "error": "", "done": False}
        if request.method == "POST":
            try:
                inbox.do_act(notice, by=notice.recipient, at=now)
            except (ValidationError, PermissionDenied) as error:
                context["error"] = " ".join(getattr(error, "messages", [str(error)]))
            else:
                context["done"] = True
        return render(request, "notifications/mail_act.html", context)


@contextmanager
def _as(member: Member) -> Iterator[None]:
    """The reader's own language and time zone, whoever the browser belongs to."""
    user = member.user
    zone = user.timezone if user else member.workspace.timezone
    with translation.override(user.language if user else None), timezone.override(zoneinfo.ZoneInfo(zone)):
        yield
