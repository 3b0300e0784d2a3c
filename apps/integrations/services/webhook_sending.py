"""Sending what webhooks are to be told, by Standard Webhooks (https://www.standardwebhooks.com, specification 1.0)."""

import base64
import hashlib
import hmac
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F

from apps.core import net
from apps.core.parsers import to_json
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.queries.webhooks import subject_of
from apps.integrations.services.webhooks import SECRET_PREFIX
from apps.notifications.services import queue_delivery

# Growing waits between tries; with the first try they span a day.
WAITS = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)]
PAUSE_AFTER = timedelta(days=1)
LEASE = timedelta(minutes=2)
BATCH = 50
KIND_PAUSED = "webhook_paused"
GONE = 410
GOOD = range(200, 300)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The webhook-signature header: v1 and the base64 of HMAC-SHA256 over "id.timestamp.body"."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def send_due_messages(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """Send what is due, at most `limit` messages; gives back how many ended how.

    Messages are claimed by moving their next try forward (a lease), so that several workers share the work and a crash
    only delays; no transaction is open while somebody else's server answers. A webhook that fails does not hold up
    others: within one sweep it is not tried again after its first failure. `at` is when the sweep begins; others'
    servers take their time and refuse what was signed long ago, so each message is signed at its own moment.
    """
    began = time.monotonic()
    outcomes: Counter[str] = Counter()
    failing: set[Any] = set()
    while sum(outcomes.values()) < limit:
        claimed = _claim(at=at)
        if not claimed:
            break
        for delivery in claimed:
            if delivery.webhook_id in failing:
                outcomes["postponed"] += 1
                continue
            signed_at = at + timedelta(seconds=time.monotonic() - began)
            outcome = _deliver(delivery, at=at, signed_at=signed_at)
            outcomes[outcome] += 1
            if outcome in {"retried", "failed"}:
                failing.add(delivery.webhook_id)
    return dict(outcomes)


@transaction.atomic
def _claim(*, at: datetime) -> list[WebhookDelivery]:
    rows = list(
        WebhookDelivery.objects.due(at)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("webhook__member__workspace", "webhook__member__user", "event")[:BATCH]
    )
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        next_try_at=at + LEASE, attempts=F("attempts") + 1
    )
    for row in rows:
        row.attempts += 1
    return rows


def _deliver(delivery: WebhookDelivery, *, at: datetime, signed_at: datetime) -> str:
    webhook = delivery.webhook
    if not webhook.is_told or not _prepare(delivery, at=at):
        _record(delivery, at=at, state=WebhookDelivery.State.DROPPED)
        return "dropped"
    body = to_json(delivery.payload, sort=True)  # the database keeps JSON in an order of its own
    timestamp = int(signed_at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Counterpoise-Webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(webhook.secret, delivery.message_id, timestamp, body),
    }
    try:
        answer = net.post(webhook.url, body, headers)
    except (net.ForbiddenAddressError, OSError) as error:
        return _failed(delivery, at=at, error=str(error) or type(error).__name__)
    if answer.status in GOOD:
        response = answer.text.replace("\x00", "")
        fields = {"delivered_at": at, "status_code": answer.status, "response": response, "error": ""}
        _record(delivery, at=at, state=WebhookDelivery.State.DELIVERED, **fields)
        Webhook.objects.filter(pk=webhook.pk, failing_since__isnull=False).update(failing_since=None)
        return "delivered"
    return _failed(delivery, at=at, error="", status=answer.status, response=answer.text.replace("\x00", ""))


def _prepare(delivery: WebhookDelivery, *, at: datetime) -> bool:
    """Write the payload at the first try; False where the owner may not, or no longer, see what it is about."""
    data = subject_of(delivery)
    if data is None:
        return False
    if delivery.payload is None:
        delivery.payload = {"type": delivery.type, "timestamp": delivery.event.at, "data": data}
        delivery.first_try_at = delivery.first_try_at or at
        delivery.payload = _plain(delivery.payload)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(payload=delivery.payload, first_try_at=at)
    elif delivery.first_try_at is None:
        delivery.first_try_at = at
        WebhookDelivery.objects.filter(pk=delivery.pk).update(first_try_at=at)
    return True


def _plain(payload: dict[str, Any]) -> Any:
    return orjson.loads(to_json(payload))


def _failed(
    delivery: WebhookDelivery, *, at: datetime, error: str, status: int | None = None, response: str = ""
) -> str:
    again = delivery.attempts <= len(WAITS) and status != GONE
    state = WebhookDelivery.State.QUEUED if again else WebhookDelivery.State.FAILED
    next_try_at = at + WAITS[delivery.attempts - 1] if again else at
    told = {"error": error, "status_code": status, "response": response}
    _record(delivery, at=at, state=state, next_try_at=next_try_at, **told)
    _note_failure(delivery.webhook, at=at, gone=status == GONE)
    return "retried" if again else "failed"


def _record(delivery: WebhookDelivery, *, at: datetime, **fields: Any) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(updated_at=at, **fields)


@transaction.atomic
def _note_failure(webhook: Webhook, *, at: datetime, gone: bool) -> None:
    """Remember since when it fails; after a day (or at once where it says 410 Gone) pause it and tell its owner."""
    webhook = (
        Webhook.objects.select_for_update(of=("self",)).select_related("member__user", "workspace").get(pk=webhook.pk)
    )
    webhook.failing_since = webhook.failing_since or at
    if webhook.paused_at is None and (gone or at - webhook.failing_since >= PAUSE_AFTER):
        webhook.paused_at = at
        queue_delivery(
            workspace=webhook.workspace,
            recipient=webhook.member,
            kind=KIND_PAUSED,
            occasion=f"{webhook.pk}:{webhook.failing_since.isoformat()}",
            subject_id=webhook.pk,
            at=at,
        )
    webhook.save(update_fields=["failing_since", "paused_at"])
