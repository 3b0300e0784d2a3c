"""Sending what waits in the outbox: claim, send, record; each step whole by itself.

A claim moves `next_try_at` ahead by a lease and is committed before anything goes over the network. Whoever dies after
that leaves rows that come due again when the lease ends. A row is sent twice only where the sender died between handing
the mail over and recording it, and then with the same Message-ID.
"""

import logging
import smtplib
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import close_old_connections, connection, transaction
from django.db.models import F

from apps.notifications.models import Channel, Delivery, DeliveryQuerySet
from apps.notifications.services.addresses import hold_back, note_fault
from apps.notifications.services.faults import fault_of_refusal
from apps.notifications.services.messages import Message, compose, write_together
from apps.notifications.services.noting import SentNotes
from apps.notifications.services.wire import hand_over, is_gone

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""Longer than any sweep may last (tasks.TIME_LIMIT), so that no two senders hold the same row."""
FIRST_BATCH, GROWTH, BATCH = 50, 4, 500
"""So many are written together: few at first, so that a sweep gets some out even where writing is very slow, and those
that end their sender take few others with them. The clock is looked at after each, and what is left then is given back.
"""
SWEEP_SECONDS = 40.0
BROKEN_CONNECTIONS_A_SWEEP = 2
ERROR_MAX = 500
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720, 720))
"""How long to wait after each failed try; after the last the delivery has failed. Together two days and a half."""


SENT_AGAIN = {"notices", "mail_test"}
"""Kinds of mail that hold ids and no secret: their details outlive a failure, so that an admin can send them again.
Higher apps add theirs in AppConfig.ready."""


class Outcome(StrEnum):
    """What became of one delivery in a sweep."""

    SENT = "sent"
    DROPPED = "dropped"
    HELD = "held"
    RETRY = "retry"
    FAILED = "failed"


class PutOffError(Exception):
    """The mail server cannot be reached or breaks off: the rest of the sweep is put off.

    `outcome` is what became of the mail that met with it.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def send_due_deliveries(*, at: datetime, limit: int = 5_000, lease: timedelta = LEASE) -> dict[str, int]:
    """Send what is due, over one connection to the mail server; gives back how many came to which outcome.

    Stops after about SWEEP_SECONDS, or when the server cannot be reached or broke off BROKEN_CONNECTIONS_A_SWEEP times;
    what it had claimed beyond that is due again at once. Must not run inside a transaction.
    """
    sweep = _Sweep(at=at)
    taken, size = 0, FIRST_BATCH
    try:
        while taken < limit and not sweep.is_over():
            batch = claim_deliveries(at=at, limit=min(size, limit - taken), lease=lease)
            if not batch:
                break
            taken, size = taken + len(batch), min(BATCH, size * GROWTH)
            if not sweep.send(batch):
                break
    finally:
        sweep.close()
    return dict(+sweep.outcomes)


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


class _Sweep:
    """One sender's connection and counts."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self.outcomes: Counter[str] = Counter()
        self.connection: BaseEmailBackend = get_connection()
        self.notes = SentNotes()
        self.is_open = False
        self.broken = 0
        self.until = time.monotonic() + SWEEP_SECONDS

    def is_over(self) -> bool:
        """Whether this sweep has lasted long enough."""
        return time.monotonic() >= self.until

    def send(self, batch: Sequence[Delivery]) -> bool:
        """Send a claimed batch. False where the rest of the sweep is put off."""
        left = hold_back(batch, at=self.at)
        self.outcomes.update({Outcome.HELD: len(batch) - len(left)})
        try:
            written = write_together(left)
            with connection.execute_wrapper(self.notes.before):
                while left and not self.is_over():
                    self.outcomes[self._send_one(left.pop(0), written)] += 1
        except PutOffError as error:
            self.outcomes[error.outcome] += 1
            return False
        finally:
            self._give_back(left)
        return True

    def _give_back(self, left: Sequence[Delivery]) -> None:
        try:
            self.notes.finish()
        finally:
            if not connection.in_atomic_block:  # as in most tests
                close_old_connections()  # one that was lost, or that a time limit left in the middle of a statement
            release_deliveries(left, at=self.at)

    def close(self) -> None:
        """Say goodbye to the mail server."""
        self.is_open = False
        try:
            self.connection.close()
        except (OSError, smtplib.SMTPException):
            log.info("The mail server broke off the goodbye.")

    def _send_one(self, delivery: Delivery, written: Mapping[UUID, Message | None]) -> Outcome:
        if delivery.attempts > len(RETRY_AFTER) + 1:  # its senders died each time
            return record_failure(delivery, "The sender was ended at every try.", at=self.at, for_good=True)
        if delivery.pk not in written:  # it is read for, perhaps in a transaction
            self.notes.finish()
        try:
            mail = compose(delivery, written)
        except Exception as error:  # a delivery that cannot be written must not hold up the others
            return self._not_written(delivery, error)
        if mail is None:
            return record_dropped(delivery, at=self.at)
        self.notes.finish()
        try:
            self._open()
            hand_over(self.connection, mail)
        except (OSError, smtplib.SMTPException) as error:
            return self._failed(delivery, error)
        except ValueError as error:  # a header or an address that cannot be written
            return self._not_written(delivery, error)
        self.notes.begin(delivery.pk, at=self.at)
        return Outcome.SENT

    def _not_written(self, delivery: Delivery, error: Exception) -> Outcome:
        log.error("Delivery %s (%s) could not be written.", delivery.pk, delivery.kind, exc_info=error)
        return record_failure(delivery, f"It could not be written: {type(error).__name__}.", at=self.at)

    def _open(self) -> None:
        if self.is_open:
            return
        try:
            self.connection.open()
        except (OSError, smtplib.SMTPException):
            self.broken = BROKEN_CONNECTIONS_A_SWEEP
            raise
        self.is_open = True

    def _failed(self, delivery: Delivery, error: Exception) -> Outcome:
        outcome = record_failure(delivery, described(error), at=self.at, for_good=is_refused_for_good(error))
        note_refusal(delivery, error, at=self.at)
        if not isinstance(error, ANSWERS) or is_gone(self.connection):
            self.broken += 1
            self.close()
        if self.broken >= BROKEN_CONNECTIONS_A_SWEEP:
            raise PutOffError(outcome)
        return outcome


def note_refusal(delivery: Delivery, error: Exception, *, at: datetime) -> None:
    """Where the server refused the recipient, what that says of the address of their account."""
    user = delivery.recipient.user if delivery.recipient else None
    if user is not None and isinstance(error, smtplib.SMTPRecipientsRefused):
        said = described(error).partition(": ")[2]
        note_fault(user, fault=fault_of_refusal(error), said=said, mailed_at=at, at=at)


ANSWERS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPNotSupportedError,
)
"""The server answered, and said no to this one mail: the connection stands, unless it left with that."""


def is_refused_for_good(error: Exception) -> bool:
    """Whether the server will say the same tomorrow: 5xx to the recipient or the content (RFC 5321, section 4.2.1)."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return bool(refused) and all(code >= 500 for code, _text in refused.values())  # noqa: PLR2004 - RFC 5321
        case smtplib.SMTPDataError(smtp_code=code):
            return code >= 500  # noqa: PLR2004 - RFC 5321
        case _:
            return False


def described(error: Exception) -> str:
    """The error as the mail-health page shows it: its kind, and what the server said."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            said = "; ".join(f"{code} {_text(text)}" for code, text in refused.values())
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=text):
            said = f"{code} {_text(text)}"
        case _:
            said = str(error)
    return f"{type(error).__name__}: {said}".strip().replace("\0", "")[:ERROR_MAX]


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def record_sent(delivery: Delivery, *, at: datetime) -> Outcome:
    """It went out."""
    notes = SentNotes()
    notes.begin(delivery.pk, at=at)
    notes.finish()
    return Outcome.SENT


def record_dropped(delivery: Delivery, *, at: datetime) -> Outcome:
    """It is no longer needed, or its reader may no longer read it."""
    _finish(delivery, state=Delivery.State.DROPPED, updated_at=at)
    return Outcome.DROPPED


def record_failure(delivery: Delivery, error: str, *, at: datetime, for_good: bool = False) -> Outcome:
    """It did not go out: try again later, with growing waits, or give up."""
    log.warning("Delivery %s (%s) did not go out, try %d.", delivery.pk, delivery.kind, delivery.attempts)
    if for_good or delivery.attempts > len(RETRY_AFTER):
        kept = {"data": F("data")} if delivery.kind in SENT_AGAIN else {}
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
