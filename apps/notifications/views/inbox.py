"""The inbox: what one is told of, grouped by what it is about, each with its one action in place."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.core.actor import actor
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.notifications import access
from apps.notifications.models import Notice
from apps.notifications.services import inbox

UNREAD = "unread"


@section("inbox")
@require_safe
@never_cache
def notice_list(request: HttpRequest) -> HttpResponse:
    """What one was told of and is not done yet; `?show=unread` leaves out what was read."""
    return _page(request)


def _page(request: HttpRequest, *, moved: bool = False) -> HttpResponse:
    """The whole page, or to htmx its list with the bell. `moved`: what had the focus may be gone from the list."""
    member = actor(request)
    only_unread = request.GET.get("show") == UNREAD
    address = reverse_in(member.workspace, "notifications:notice_list")
    context = {
        "page": inbox.read_inbox(member, request.GET, at=timezone.now(), only_unread=only_unread),
        "only_unread": only_unread,
        "moved": moved,
        "place": f"?{query}" if (query := request.GET.urlencode()) else "",
        "views": [
            {"label": _("All"), "url": address, "current": not only_unread},
            {"label": _("Unread"), "url": f"{address}?show={UNREAD}", "current": only_unread},
        ],
    }
    template = "notifications/notice_list.html"
    return render(request, f"{template}#list" if request.htmx else template, context)  # type: ignore[attr-defined]


def _done(request: HttpRequest, *, moved: bool = True) -> HttpResponse:
    """After a change: the list anew for htmx, else back to the same part of the inbox."""
    if request.htmx:  # type: ignore[attr-defined]
        return _page(request, moved=moved)
    query = request.GET.urlencode()
    address = reverse_in(actor(request).workspace, "notifications:notice_list")
    return redirect(f"{address}?{query}" if query else address)


def _notice(request: HttpRequest, pk: UUID) -> Notice:
    found: Notice = get_object_or_404(access.visible_notices(actor(request)), pk=pk)
    return found


@require_safe
@never_cache
def notice_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes the notice as read and leads to what it speaks of; back to the inbox where that may no longer be seen."""
    member, at = actor(request), timezone.now()
    notice = _notice(request, pk)
    said = inbox.describe([notice], by=member, at=at).get(notice.pk)
    inbox.mark_read([notice.pk], by=member, at=at)
    if said is None:
        messages.info(request, _("What this was about is done, or no longer there."))
        return redirect(reverse_in(member.workspace, "notifications:notice_list"))
    return redirect(said.url)


@require_POST
def notice_read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes one notice as read."""
    inbox.mark_read([_notice(request, pk).pk], by=actor(request), at=timezone.now())
    return _done(request, moved=False)


@require_POST
def notice_unread(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes one notice as not read."""
    inbox.mark_unread([_notice(request, pk).pk], by=actor(request), at=timezone.now())
    return _done(request, moved=False)


@require_POST
def notice_put_away(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes one notice out of the inbox."""
    inbox.put_away([_notice(request, pk).pk], by=actor(request), at=timezone.now())
    return _done(request)


@require_POST
def notice_act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Does the one thing a notice asks for."""
    notice = _notice(request, pk)
    try:
        inbox.do_act(notice, by=actor(request), at=timezone.now())
    except (ValidationError, PermissionDenied) as error:
        refused = error.messages if isinstance(error, ValidationError) else [str(error)]
        messages.error(request, " ".join(refused))
    else:
        messages.success(request, _("Done."))
    return _done(request)


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Takes all notices as read."""
    inbox.mark_all_read(by=actor(request), at=timezone.now())
    return _done(request)
