"""Making and changing webhooks, and queueing what they are to be told."""

import base64
import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.activity.models import Event
from apps.core import net
from apps.core.clock import database_now, due_at_once
from apps.integrations import access
from apps.integrations.models import EACH_ROW, EVENTS, Webhook, WebhookDelivery
from apps.integrations.queries.webhooks import heard
from apps.workspaces.models import Member

WEBHOOKS_MAX = 20
SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of Standard Webhooks, not a secret
SECRET_BYTES = (24, 64)


class WebhookFields(TypedDict, total=False):
    """What a person may say about a webhook. Without a secret one is made."""

    url: str
    events: Collection[str]
    secret: str
    is_active: bool
    external_id: str


def new_secret() -> str:
    """A signing secret of 32 random bytes, as Standard Webhooks writes it: whsec_ and base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def create_webhook(fields: WebhookFields, *, by: Member, at: datetime) -> Webhook:
    """A webhook of the actor's own. Raises PermissionDenied (guests), ValidationError by field."""
    access.can_have_webhooks.demand(by)
    _check_address(fields)
    return _create(fields, by=by, at=at)


@transaction.atomic
def _create(fields: WebhookFields, *, by: Member, at: datetime) -> Webhook:
    if access.visible_webhooks(by).count() >= WEBHOOKS_MAX:
        raise ValidationError(_("%(count)s webhooks are enough. Delete one first.") % {"count": WEBHOOKS_MAX})
    webhook = Webhook(workspace=by.workspace, member=by, secret=new_secret(), created_at=at)
    _assign(webhook, fields)
    webhook.save(force_insert=True)
    activity.record("webhook.created", webhook, by=by, at=at, workspace_id=by.workspace_id)
    return webhook


def update_webhook(webhook: Webhook, fields: WebhookFields, *, by: Member, at: datetime) -> Webhook:
    """Change what `fields` names; switching it on again also ends a pause. Where nothing differs nothing is written.

    Raises PermissionDenied, ValidationError.
    """
    _check_may_change(webhook, by=by)
    _check_address(fields)
    return _update(webhook, fields, by=by, at=at)


@transaction.atomic
def _update(webhook: Webhook, fields: WebhookFields, *, by: Member, at: datetime) -> Webhook:
    webhook = _locked(webhook, by=by)
    before = _content(webhook)
    _assign(webhook, fields)
    if fields.get("is_active"):
        webhook.paused_at = webhook.failing_since = None
    if "secret" not in fields and _content(webhook) == before:
        return webhook
    webhook.save()
    activity.record("webhook.updated", webhook, by=by, at=at, workspace_id=by.workspace_id)
    return webhook


def _content(webhook: Webhook) -> list[object]:
    """Its columns but for the secret, which may be one that no key opens just now."""
    return [getattr(webhook, field.attname) for field in webhook._meta.concrete_fields if field.name != "secret"]


@transaction.atomic
def delete_webhook(webhook: Webhook, *, by: Member, at: datetime) -> None:
    """Delete a webhook with its log. Raises PermissionDenied."""
    webhook = _locked(webhook, by=by)
    activity.record("webhook.deleted", webhook, by=by, at=at, workspace_id=by.workspace_id)
    webhook.delete()


@transaction.atomic
def redeliver(delivery: WebhookDelivery, *, by: Member, at: datetime) -> WebhookDelivery:
    """Send a message again, same id, same content. Raises PermissionDenied, ValidationError while it still waits."""
    _locked(delivery.webhook, by=by)
    delivery = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state == WebhookDelivery.State.QUEUED and delivery.next_try_at <= at:
        raise ValidationError(_("This message is waiting to be sent already."))
    delivery.state, delivery.next_try_at = WebhookDelivery.State.QUEUED, min(at, database_now())
    delivery.attempts, delivery.first_try_at, delivery.delivered_at = 0, None, None
    delivery.save()
    return delivery


def queue_messages(events: Sequence[Event]) -> None:
    """One message for each webhook that wants to hear of an event, in the event's own transaction.

    Only where its owner may hear of it at that moment: of what is hidden now nothing is sent later, and no row says
    that something happened. What an import writes is told to those that want each of its rows; the others hear of its
    end.
    """
    wanted: dict[UUID, list[Event]] = defaultdict(list)
    for event in events:
        if event.verb in EVENTS:
            wanted[event.workspace_id].append(event)
    for workspace_id, those in wanted.items():
        webhooks = [(each, _wanted_by(each, those)) for each in _listening(workspace_id)]
        audible = _audible([(webhook, some) for webhook, some in webhooks if some])
        WebhookDelivery.objects.bulk_create(
            [
                WebhookDelivery(
                    workspace_id=workspace_id,
                    webhook=webhook,
                    event=event,
                    type=event.verb,
                    next_try_at=due_at_once(event.at),
                )
                for webhook, event in audible
            ],
            batch_size=1_000,
        )


def _listening(workspace_id: UUID) -> list[Webhook]:
    """The workspace's webhooks that messages go to, with what each wants to hear of. Asked for every event."""
    rows = Webhook.objects.filter(workspace_id=workspace_id, is_active=True, paused_at=None)
    return list(rows.order_by().only("pk", "events", "member_id"))


def _wanted_by(webhook: Webhook, events: Sequence[Event]) -> list[Event]:
    each_row = EACH_ROW in webhook.events
    return [each for each in events if each.verb in webhook.events and (each_row or "import" not in each.data)]


def _audible(wanted: Sequence[tuple[Webhook, Sequence[Event]]]) -> list[tuple[Webhook, Event]]:
    """Of what webhooks want, what their owners may hear of: asked once for each owner."""
    of_owner: dict[UUID, dict[UUID, Event]] = defaultdict(dict)
    for webhook, events in wanted:
        of_owner[webhook.member_id].update((event.pk, event) for event in events)
    owners = Member.objects.select_related("user", "workspace").in_bulk(of_owner)
    told = {pk: heard(of_owner[pk].values(), owner) for pk, owner in owners.items()}
    return [(hook, event) for hook, events in wanted for event in events if event.pk in told[hook.member_id]]


def _locked(webhook: Webhook, *, by: Member) -> Webhook:
    webhook = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    _check_may_change(webhook, by=by)
    return webhook


def _check_may_change(webhook: Webhook, *, by: Member) -> None:
    if not access.can_change_webhook(by, webhook):
        raise PermissionDenied(_("Only its owner can change a webhook."))


def _check_address(fields: WebhookFields) -> None:
    """Refuse an address we never send to. This asks the name's servers, so it holds no lock and no transaction."""
    if "url" not in fields:
        return
    try:
        parts = net.check_url(fields["url"])
        net.allowed_addresses(parts.hostname or "", parts.port or 443)
    except net.ForbiddenAddressError as error:
        raise ValidationError({"url": str(error)}) from error


def _assign(webhook: Webhook, fields: WebhookFields) -> None:
    for name, value in fields.items():
        setattr(webhook, name, sorted(set(value)) if name == "events" else value)  # type: ignore[call-overload]
    if not webhook.events:
        raise ValidationError({"events": _("Choose at least one event.")})
    unknown = set(webhook.events) - EVENTS.keys()
    if unknown:
        raise ValidationError({"events": _("There is no event “%(name)s”.") % {"name": min(unknown)}})
    if "secret" in fields:  # else it is ours, or one that perhaps cannot be opened just now
        _check_secret(fields["secret"])
    webhook.full_clean(exclude=["workspace", "member", "secret"], validate_unique=False)


def _check_secret(secret: str) -> None:
    low, high = SECRET_BYTES
    try:
        raw = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        raw = b""
    if not secret.startswith(SECRET_PREFIX) or not low <= len(raw) <= high:
        raise ValidationError({"secret": _("A secret is whsec_ and 24 to 64 bytes in base64.")})
