"""Sending what waits for chats: claimed, posted and recorded as mails are (see sending)."""

import logging
import time
import zoneinfo
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone, translation

from apps.core import net
from apps.notifications.models import Channel, ChatChannel, Delivery
from apps.notifications.services import outbox
from apps.notifications.services.chat_posts import POSTS, body_of
from apps.notifications.services.messages import can_receive
from apps.notifications.services.outbox import Outcome

log = logging.getLogger(__name__)

BATCH = 10
SWEEP_SECONDS = 30.0
STALE = timedelta(hours=12)
GOOD = range(200, 300)
GONE = {404, 410}


def send_due_chats(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """Send what is due to chats; gives back how many came to which outcome. Must not run inside a transaction.

    A host that did not answer is left alone for the rest of the sweep: one that hangs holds up nobody else.
    """
    outcomes: Counter[str] = Counter()
    left_alone: set[str] = set()
    began = time.monotonic()
    while sum(outcomes.values()) < limit and time.monotonic() - began < SWEEP_SECONDS:
        batch = outbox.claim_deliveries(at=at, limit=BATCH, channel=Channel.CHAT)
        if not batch:
            break
        try:
            while batch:
                outcomes[_send(batch.pop(0), left_alone, at=at)] += 1
        finally:  # where a time limit ends the sender
            outbox.release_deliveries(batch, at=at)
    return dict(outcomes)


def _send(delivery: Delivery, left_alone: set[str], *, at: datetime) -> Outcome:
    channel = delivery.chat
    if channel is None or not channel.is_active or (channel.member_id and not can_receive(delivery)):
        return outbox.record_dropped(delivery, at=at)
    try:
        body = _body(delivery, channel)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # a message that cannot be written must not hold up the others
        log.exception("Chat message %s (%s) could not be written.", delivery.pk, delivery.kind)
        return outbox.record_failure(delivery, f"It could not be written: {type(error).__name__}.", at=at)
    return outbox.record_dropped(delivery, at=at) if body is None else _post(delivery, channel, body, left_alone, at)


def _post(delivery: Delivery, channel: ChatChannel, body: bytes, left_alone: set[str], at: datetime) -> Outcome:
    if not channel.is_reachable:
        return _failed(delivery, channel, "No key opens its address.", at=at)
    host = urlsplit(channel.url).netloc.lower()
    if host in left_alone:
        return _failed(delivery, channel, "Its host does not answer.", at=at)
    try:
        answer = net.post(channel.url, body, {"Content-Type": "application/json"})
    except (OSError, net.ForbiddenAddressError) as error:
        left_alone.add(host)
        return _failed(delivery, channel, str(error), at=at)
    if answer.status not in GOOD:
        said = f"{answer.status} {answer.text}".replace("\0", "")
        return _failed(delivery, channel, said, at=at, for_good=answer.status in GONE)
    ChatChannel.objects.filter(pk=channel.pk).update(last_sent_at=at, failing_since=None, last_error="")
    return outbox.record_sent(delivery, at=at)


def _body(delivery: Delivery, channel: ChatChannel) -> bytes | None:
    """In the language and time zone of the person, or of who set up the workspace's channel."""
    user = (channel.member or channel.created_by).user
    language = user.language if user else settings.LANGUAGE_CODE
    zone = zoneinfo.ZoneInfo(user.timezone if user else delivery.workspace.timezone)
    with translation.override(language), timezone.override(zone):
        post = POSTS[delivery.kind](delivery)
        return None if post is None else orjson.dumps(body_of(post, channel.format))


def _failed(delivery: Delivery, channel: ChatChannel, error: str, *, at: datetime, for_good: bool = False) -> Outcome:
    """Try again, but not for days: what happened yesterday is no news in a chat."""
    error = error[: outbox.ERROR_MAX]
    if channel.failing_since is None:
        channel.failing_since = at
    ChatChannel.objects.filter(pk=channel.pk).update(failing_since=channel.failing_since, last_error=error)
    for_good = for_good or at - delivery.created_at > STALE
    return outbox.record_failure(delivery, error, at=at, for_good=for_good)
