"""Sending what webhooks are to be told, by Standard Webhooks (https://www.standardwebhooks.com, specification 1.0)."""

import base64
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.core import net
from apps.core.parsers import to_json
from apps.core.retention import delete_old
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.queries.webhooks import subject_of
from apps.integrations.services.webhooks import SECRET_PREFIX
from apps.notifications.services import queue_delivery

# Growing waits between tries; with the first try they span a day.
WAITS = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)]
PAUSE_AFTER = timedelta(days=1)
LEASE = timedelta(minutes=2)
BATCH = 50
SENDERS = 4  # so many at once find something to take
KIND_PAUSED = "webhook_paused"
GONE = 410
GOOD = range(200, 300)
SWEEP_SECONDS = 30  # it then leaves the rest to the next one
LANE_SECONDS = 10  # what one host may take of a batch
GIVEN_UP = net.CONNECT_SECONDS + net.EXCHANGE_SECONDS + 5  # net.post ends before; but a name server may hang


@dataclass(frozen=True)
class WebhookResult:
    """What came of a request: a status and the beginning of the answer, or why there was none."""

    status: int | None = None
    text: str = ""
    error: str = ""


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The webhook-signature header: v1 and the base64 of HMAC-SHA256 over "id.timestamp.body"."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def send_due_messages(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """Send what is due, about `limit` messages; gives back how many ended how. See Sweep."""
    with closing(Sweep(at)) as sweep:
        while sum(sweep.outcomes.values()) < limit and sweep.seconds() < SWEEP_SECONDS:
            claimed = _claim(at=at)
            if not claimed:
                break
            sweep.send(claimed)
        return dict(sweep.outcomes)


@dataclass
class Lane:
    """The messages to one host, sent one after the other: a server is not flooded, and holds up nobody but itself."""

    host: str
    waiting: list[WebhookDelivery]
    began: float
    sent_at: float = 0.0

    def seconds(self) -> float:
        """Since when it is at work."""
        return time.monotonic() - self.began


class Sweep:
    """One round of sending.

    Messages are claimed by moving their next try forward (a lease), so that several workers share the work and a crash
    only delays. Rows are read and written by this thread alone, and no transaction is open while somebody else's server
    answers: that is what the threads wait for. A host that fails, or is slow, is left alone for the rest of the sweep,
    and all that is due there waits. `at` is when the sweep begins; others' servers refuse what was signed long ago, so
    each message is signed at its own moment.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.outcomes: Counter[str] = Counter()
        self._began = time.monotonic()
        self._left_alone: set[str] = set()
        self._posts = ThreadPoolExecutor(BATCH, "webhook")

    def close(self) -> None:
        """Let go of the threads; one that still hangs ends by itself."""
        self._posts.shutdown(wait=False, cancel_futures=True)

    def seconds(self) -> float:
        """How long it takes already."""
        return time.monotonic() - self._began

    def send(self, claimed: Iterable[WebhookDelivery]) -> None:
        """Send these, to all hosts at once."""
        lanes: dict[str, Lane] = {}
        for delivery in claimed:
            host = urlsplit(delivery.webhook.url).netloc.rpartition("@")[2].lower()
            lanes.setdefault(host, Lane(host, [], time.monotonic())).waiting.append(delivery)
        on_the_way: dict[Future[WebhookResult], tuple[Lane, WebhookDelivery]] = {}
        for lane in lanes.values():
            on_the_way |= self._next(lane)
        while on_the_way:
            done, _rest = wait(on_the_way, timeout=1, return_when=FIRST_COMPLETED)
            late = {each for each, (lane, _row) in on_the_way.items() if time.monotonic() - lane.sent_at > GIVEN_UP}
            for future in done | late:
                lane, delivery = on_the_way.pop(future)
                result = future.result() if future in done else WebhookResult(error=_("There was no answer in time."))
                self._take(lane, delivery, result)
                on_the_way |= self._next(lane)

    def _next(self, lane: Lane) -> dict[Future[WebhookResult], tuple[Lane, WebhookDelivery]]:
        """Send the lane's next message that may be sent; nothing at its end."""
        while lane.waiting and lane.host not in self._left_alone:
            delivery = lane.waiting.pop(0)
            told = delivery.webhook.is_told
            if told and _prepare(delivery, at=self.at):
                if not delivery.webhook.is_signable:
                    self._set_aside(delivery)
                    continue
                lane.sent_at = time.monotonic()
                signed_at = self.at + timedelta(seconds=self.seconds())
                body = to_json(delivery.payload, sort=True)  # the database keeps JSON in an order of its own
                headers = _headers(delivery, body, int(signed_at.timestamp()))
                return {self._posts.submit(_post, delivery.webhook.url, body, headers): (lane, delivery)}
            why = _("Its owner may not see what it is about.") if told else _("The webhook was switched off.")
            _record(delivery, at=self.at, state=WebhookDelivery.State.DROPPED, error=why)
            self.outcomes["dropped"] += 1
        if lane.waiting:
            self._postpone(lane.waiting, until=self.at + WAITS[0])
            lane.waiting = []
        return {}

    def _take(self, lane: Lane, delivery: WebhookDelivery, result: WebhookResult) -> None:
        """Write down what came of a message, and decide whether its host gets more now."""
        if result.status in GOOD:
            fields = {"delivered_at": self.at, "status_code": result.status, "response": result.text, "error": ""}
            _record(delivery, at=self.at, state=WebhookDelivery.State.DELIVERED, **fields)
            Webhook.objects.filter(pk=delivery.webhook_id, failing_since__isnull=False).update(failing_since=None)
            self.outcomes["delivered"] += 1
            if lane.seconds() > LANE_SECONDS:
                self._leave_alone(lane, delivery, until=self.at + WAITS[0])
            return
        until = _failed(delivery, result, at=self.at)
        self.outcomes["retried" if until else "failed"] += 1
        # An answer speaks of this message only; where nobody answers, the others would only wait in vain.
        nobody = result.status is None
        self._leave_alone(lane, delivery, until=(until or self.at + WAITS[-1]) if nobody else self.at + WAITS[0])

    def _set_aside(self, delivery: WebhookDelivery) -> None:
        """What cannot be signed is tried again later, as if nobody had answered: the key may be put back."""
        until = _failed(delivery, WebhookResult(error=_("No key opens its signing secret.")), at=self.at)
        self.outcomes["retried" if until else "failed"] += 1
        self._postpone_webhook(delivery, until=until or self.at + WAITS[-1])

    def _leave_alone(self, lane: Lane, delivery: WebhookDelivery, *, until: datetime) -> None:
        self._left_alone.add(lane.host)
        self._postpone(lane.waiting, until=until)
        lane.waiting = []
        self._postpone_webhook(delivery, until=until)

    def _postpone_webhook(self, delivery: WebhookDelivery, *, until: datetime) -> None:
        WebhookDelivery.objects.due(self.at).filter(webhook_id=delivery.webhook_id).order_by().update(next_try_at=until)

    def _postpone(self, rows: Sequence[WebhookDelivery], *, until: datetime) -> None:
        claimed = WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows], state=WebhookDelivery.State.QUEUED)
        claimed.update(next_try_at=until)
        self.outcomes += Counter(postponed=len(rows))


IN_TURNS = """
WITH turns AS MATERIALIZED (
    SELECT waiting.id, waiting.next_try_at AS since,
        row_number() OVER (PARTITION BY webhook.workspace_id ORDER BY waiting.next_try_at, waiting.id) AS turn
    FROM integrations_webhook webhook
    CROSS JOIN LATERAL (
        SELECT id, next_try_at FROM integrations_webhookdelivery
        WHERE webhook_id = webhook.id AND state = 'queued' AND next_try_at <= %(at)s
        ORDER BY next_try_at, id LIMIT %(looked_at)s
    ) waiting
)
SELECT message.id FROM turns JOIN integrations_webhookdelivery message USING (id)
WHERE message.state = 'queued' AND message.next_try_at <= %(at)s
ORDER BY turns.turn, turns.since, message.id
LIMIT %(batch)s
FOR UPDATE OF message SKIP LOCKED
"""
"""What is due, one of each workspace, then another of each: a workspace with very much to say delays nobody else's. Of
each webhook a few batches are looked at, by the index webhook_to_send, so that as many senders find something free."""


@transaction.atomic
def _claim(*, at: datetime) -> list[WebhookDelivery]:
    """Take a batch for oneself until the lease ends. What other senders are just taking is skipped."""
    with connection.cursor() as cursor:
        cursor.execute(IN_TURNS, {"at": at, "batch": BATCH, "looked_at": BATCH * SENDERS})
        turns = {pk: turn for turn, (pk,) in enumerate(cursor.fetchall())}
    rows = WebhookDelivery.objects.filter(pk__in=turns).order_by()
    rows.update(next_try_at=at + LEASE)
    about = rows.select_related("webhook__member__workspace", "webhook__member__user", "event")
    return sorted(about, key=lambda row: turns[row.pk])


def _post(url: str, body: bytes, headers: dict[str, str]) -> WebhookResult:
    """In a thread of its own: touches no row."""
    try:
        answer = net.post(url, body, headers)
    except (net.ForbiddenAddressError, OSError) as error:
        return WebhookResult(error=str(error) or type(error).__name__)
    return WebhookResult(answer.status, answer.text.replace("\x00", ""))


def _headers(delivery: WebhookDelivery, body: bytes, timestamp: int) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Counterpoise-Webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(delivery.webhook.secret, delivery.message_id, timestamp, body),
    }


def _prepare(delivery: WebhookDelivery, *, at: datetime) -> bool:
    """Count the try where a crash cannot undo it, and write the payload at the first one.

    False where the owner may not, or no longer, see what it is about.
    """
    data = subject_of(delivery)
    if data is None:
        return False
    if delivery.payload is None:
        delivery.payload = _plain({"type": delivery.type, "timestamp": delivery.event.at, "data": data})
    delivery.first_try_at = delivery.first_try_at or at
    delivery.attempts += 1
    found = WebhookDelivery.objects.filter(pk=delivery.pk)  # none where somebody deleted the webhook meanwhile
    counted = {"payload": delivery.payload, "first_try_at": delivery.first_try_at, "attempts": delivery.attempts}
    return bool(found.update(updated_at=at, **counted))


def _plain(payload: dict[str, object]) -> object:
    return orjson.loads(to_json(payload))


def _failed(delivery: WebhookDelivery, result: WebhookResult, *, at: datetime) -> datetime | None:
    """Write down a failure; gives back when it is tried again, None for never."""
    again = delivery.attempts <= len(WAITS) and result.status != GONE
    until = at + WAITS[delivery.attempts - 1] if again else None
    state = WebhookDelivery.State.QUEUED if again else WebhookDelivery.State.FAILED
    told = {"error": result.error, "status_code": result.status, "response": result.text}
    _record(delivery, at=at, state=state, next_try_at=until or at, **told)
    _note_failure(delivery.webhook, at=at, gone=result.status == GONE)
    return until


def _record(delivery: WebhookDelivery, *, at: datetime, **fields: object) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(updated_at=at, **fields)


@transaction.atomic
def _note_failure(webhook: Webhook, *, at: datetime, gone: bool) -> None:
    """Remember since when it fails; after a day (or at once where it says 410 Gone) pause it and tell its owner."""
    rows = Webhook.objects.select_for_update(of=("self",)).select_related("member__user", "workspace")
    found = rows.filter(pk=webhook.pk).first()
    if found is None:  # somebody deleted it meanwhile
        return
    webhook = found
    webhook.failing_since = webhook.failing_since or at
    if webhook.paused_at is None and (gone or at - webhook.failing_since >= PAUSE_AFTER):
        webhook.paused_at = at
        queue_delivery(
            workspace=webhook.workspace,
            recipient=webhook.member,
            kind=KIND_PAUSED,
            dedupe_key=f"{webhook.pk}:{webhook.failing_since.isoformat()}",
            subject_id=webhook.pk,
            at=at,
        )
    webhook.save(update_fields=["failing_since", "paused_at"])


def forget_old_messages(*, at: datetime) -> int:
    """Delete messages that ended and are older than KEEP_WEBHOOK_MESSAGES_DAYS; gives back how many."""
    before = at - timedelta(days=settings.KEEP_WEBHOOK_MESSAGES_DAYS)
    return delete_old(WebhookDelivery.objects.ended().filter(created_at__lt=before))
