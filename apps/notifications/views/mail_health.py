"""How mail is doing, for admins."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.core.actor import actor
from apps.core.clock import database_now
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.notifications import access, queries
from apps.notifications.services import addresses, invitation_mail
from apps.notifications.services import mail_health as services
from apps.workspaces.models import Member


def _admin(request: HttpRequest) -> Member:
    member = actor(request)
    access.can_see_mail_health.demand(member)
    return member


@section("settings")
@require_safe
@never_cache
def mail_health(request: HttpRequest) -> HttpResponse:
    """What waits, was sent and failed, and what was said about it."""
    member = _admin(request)
    page = queries.failed_mails(member, request.GET)
    faulty = queries.faulty_addresses(member)
    context = {
        "health": queries.mail_health(member, at=database_now()),
        "addresses": faulty[: queries.ADDRESSES_SHOWN],
        "more_addresses": len(faulty) > queries.ADDRESSES_SHOWN,
        "page": page,
        "failures": [(row, services.can_be_sent_again(row)) for row in page.rows],
        "account_mails": queries.account_mails_in_trouble(member)[: queries.ADDRESSES_SHOWN],
        "invitation": invitation_mail.KIND,
    }
    return render(request, "notifications/mail_health.html", context)


@require_POST
def mail_test(request: HttpRequest) -> HttpResponse:
    """Send a test mail to oneself."""
    member = _admin(request)
    try:
        services.send_test_mail(by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        to = member.user.email if member.user else ""
        messages.success(request, _("A test mail to %(address)s is on its way.") % {"address": to})
    return _back(member)


@require_POST
def mail_retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send one failed mail again."""
    member = actor(request)
    delivery = get_object_or_404(access.visible_mails(member), pk=pk)
    try:
        services.retry_delivery(delivery, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It will be sent again in a moment."))
    return _back(member)


@require_POST
def address_mail_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mail somebody's address again."""
    member = actor(request)
    address = get_object_or_404(access.visible_faulty_addresses(member), pk=pk)
    addresses.mail_again(address, by=member, at=timezone.now())
    messages.success(request, _("%(address)s is mailed again from now on.") % {"address": address.address})
    return _back(member)


def _back(member: Member) -> HttpResponse:
    return redirect(reverse_in(member.workspace, "notifications:mail_health"))
