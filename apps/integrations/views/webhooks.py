"""One's own webhooks, and what they were told."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.pagination import keyset_page
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.integrations import access
from apps.integrations.forms.programs import WebhookForm
from apps.integrations.models import Webhook
from apps.integrations.services import webhooks
from apps.workspaces.models import Member


def _owner(request: HttpRequest) -> Member:
    member = actor(request)
    access.can_have_webhooks.demand(member)
    return member


@section("programs")
@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """One's webhooks."""
    return render(request, "integrations/webhook_list.html", {"webhooks": access.visible_webhooks(_owner(request))})


@section("programs")
@require_http_methods(["GET", "POST"])
def webhook_create(request: HttpRequest) -> HttpResponse:
    """A new webhook."""
    member = _owner(request)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook = webhooks.create_webhook(form.fields_of_webhook(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(reverse_in(member.workspace, "integrations:webhook_detail", webhook.pk))
    return render(request, "integrations/webhook_form.html", {"form": form})


@section("programs")
@require_safe
@never_cache
def webhook_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A webhook, its secret for its owner, and the log of its messages."""
    webhook = get_object_or_404(access.visible_webhooks(actor(request)), pk=pk)
    log = access.visible_webhook_deliveries(actor(request)).filter(webhook=webhook)
    page = keyset_page(log, request.GET, order=("created_at", "id"), descending=True, size=30)
    return render(request, "integrations/webhook_detail.html", {"webhook": webhook, "page": page})


@section("programs")
@require_http_methods(["GET", "POST"])
@edits(WebhookForm, together=False)
def webhook_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a webhook; switching it on ends a pause."""
    member = actor(request)
    webhook: Webhook = get_object_or_404(access.visible_webhooks(member), pk=pk)
    initial = {"url": webhook.url, "events": webhook.events, "is_active": webhook.is_told}
    form = WebhookForm(request.POST or None, thing=webhook, reader=member, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            webhooks.update_webhook(webhook, form.fields_of_webhook(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(reverse_in(member.workspace, "integrations:webhook_detail", webhook.pk))
    return render(request, "integrations/webhook_form.html", {"form": form, "webhook": webhook})


@section("programs")
@require_http_methods(["GET", "POST"])
@never_cache
def webhook_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a webhook with its log, after a question."""
    member = actor(request)
    webhook = get_object_or_404(access.visible_webhooks(member), pk=pk)
    if request.method == "GET":
        return render(request, "integrations/webhook_delete.html", {"webhook": webhook})
    webhooks.delete_webhook(webhook, by=member, at=timezone.now())
    messages.success(request, _("The webhook is deleted."))
    return redirect(reverse_in(member.workspace, "integrations:webhook_list"))


@require_POST
def webhook_redeliver(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send one message again."""
    member = actor(request)
    delivery = get_object_or_404(access.visible_webhook_deliveries(member).select_related("webhook"), pk=pk)
    try:
        webhooks.redeliver(delivery, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It will be sent again in a moment."))
    return redirect(reverse_in(member.workspace, "integrations:webhook_detail", delivery.webhook_id))
