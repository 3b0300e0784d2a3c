"""The outbox's rows: claimed for a while, then recorded as what became of them; each step whole by itself.

A claim moves `next_try_at` ahead by a lease and is committed before anything goes over the network. Whoever dies after
that leaves rows that come due again when the lease ends. Nothing here is bound to a session of the database, so that
senders work behind a proxy that pools transactions.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from apps.notifications.models import Channel, Delivery, DeliveryQuerySet
from apps.notifications.services.messages import is_sent_again

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""Longer than any sweep may last (tasks.TIME_LIMIT), so that no two senders hold the same row."""
ERROR_MAX = 500
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720, 720))
"""How long to wait after each failed try; after the last the delivery has failed. Together two days and a half."""


class Outcome(StrEnum):
    """What became of one delivery in a sweep."""

    SENT = "sent"
    DROPPED = "dropped"
    HELD = "held"
    RETRY = "retry"
    FAILED = "failed"


NOTE = """
UPDATE notifications_delivery SET state = 'sent', sent_at = %(at)s, updated_at = %(at)s, last_error = '', data = '{}'
WHERE id = %(id)s AND state = 'queued'
"""


@transaction.atomic(durable=True)
def claim_deliveries(
    *, at: datetime, limit: int, lease: timedelta = LEASE, channel: str = Channel.MAIL
) -> list[Delivery]:
    """Take up to `limit` due rows for oneself until the lease ends; rows another sender is just taking are skipped."""
    about = ["workspace", "recipient__user", "recipient__workspace"]
    if channel == Channel.CHAT:
        about += ["chat__member__user", "chat__created_by__user"]
    rows = list(
        Delivery.objects.due(at)
        .filter(channel=channel)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related(*about)[:limit]
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        next_try_at=at + lease, attempts=F("attempts") + 1, updated_at=at
    )
    for row in rows:
        row.attempts += 1
        row.updated_at = at  # the moment of this try, for renderers whose need ends by itself
    return rows


def record_sent(delivery: Delivery, *, at: datetime) -> Outcome:
    """It went out. Its details go: they may hold a secret link."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"at": at, "id": delivery.pk})
    return Outcome.SENT


def record_dropped(delivery: Delivery, *, at: datetime) -> Outcome:
    """It is no longer needed, or its reader may no longer read it."""
    _finish(delivery, state=Delivery.State.DROPPED, updated_at=at)
    return Outcome.DROPPED


def record_failure(delivery: Delivery, error: str, *, at: datetime, for_good: bool = False) -> Outcome:
    """It did not go out: try again later, with growing waits, or give up."""
    log.warning("Delivery %s (%s) did not go out, try %d.", delivery.pk, delivery.kind, delivery.attempts)
    if for_good or delivery.attempts > len(RETRY_AFTER):
        kept = {"data": F("data")} if is_sent_again(delivery) else {}
        _finish(delivery, state=Delivery.State.FAILED, last_error=error, updated_at=at, **kept)
        return Outcome.FAILED
    wait = RETRY_AFTER[delivery.attempts - 1]
    _still_mine(delivery).update(next_try_at=at + wait, last_error=error, updated_at=at)
    return Outcome.RETRY


def release_deliveries(batch: Sequence[Delivery], *, at: datetime) -> None:
    """Give back what was claimed but not tried: due again at once, no try counted."""
    tries: dict[int, list[UUID]] = defaultdict(list)
    for delivery in batch:
        tries[delivery.attempts].append(delivery.pk)
    for attempts, ids in tries.items():
        mine = Delivery.objects.filter(pk__in=ids, state=Delivery.State.QUEUED, attempts=attempts)
        mine.update(next_try_at=at, attempts=F("attempts") - 1, updated_at=at)


def _finish(delivery: Delivery, **changes: object) -> None:
    """One statement, so that its state and what goes with it are never apart. The first to finish a row wins."""
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.QUEUED).update(**{"data": {}} | changes)


def _still_mine(delivery: Delivery) -> DeliveryQuerySet:
    return Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.QUEUED, attempts=delivery.attempts)
