"""Sending what waits in the outbox, over one kept connection to the mail server.

A mail is handed over twice only where its sender died between handing it over and recording that, and then with the
same Message-ID.
"""

import logging
import smtplib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db import close_old_connections, connection

from apps.notifications.models import Delivery
from apps.notifications.services.addresses import hold_back, note_fault
from apps.notifications.services.faults import fault_of_refusal
from apps.notifications.services.messages import Message, compose, write_together
from apps.notifications.services.mime import ReadyMail
from apps.notifications.services.outbox import (
    ERROR_MAX,
    LEASE,
    RETRY_AFTER,
    Outcome,
    claim_deliveries,
    record_dropped,
    record_failure,
    record_sent,
    release_deliveries,
)

log = logging.getLogger(__name__)

FIRST_BATCH, GROWTH, BATCH = 50, 4, 500
"""So many are written together: few at first, so that a sweep gets some out even where writing is very slow, and those
that end their sender take few others with them. The clock is looked at after each, and what is left then is given back.
"""
SWEEP_SECONDS = 40.0
BROKEN_CONNECTIONS_A_SWEEP = 2
CLOSING = 421
"""The server's goodbye (RFC 5321, section 4.2.3)."""


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


class _Sweep:
    """One sender's connection and counts."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self.outcomes: Counter[str] = Counter()
        self.until = time.monotonic() + SWEEP_SECONDS
        self._server = MailServer()

    def is_over(self) -> bool:
        """Whether this sweep has lasted long enough."""
        return time.monotonic() >= self.until

    def send(self, batch: Sequence[Delivery]) -> bool:
        """Send a claimed batch. False where the rest of the sweep is put off."""
        left = hold_back(batch, at=self.at)
        self.outcomes.update({Outcome.HELD: len(batch) - len(left)})
        try:
            written = write_together(left)
            while left and not self.is_over():
                self.outcomes[self._send_one(left.pop(0), written)] += 1
        except PutOffError as error:
            self.outcomes[error.outcome] += 1
            return False
        finally:
            self._give_back(left)
        return True

    def _give_back(self, left: Sequence[Delivery]) -> None:
        if not connection.in_atomic_block:  # as in most tests
            close_old_connections()  # one that was lost, or that a time limit left in the middle of a statement
        release_deliveries(left, at=self.at)

    def close(self) -> None:
        """Say goodbye to the mail server."""
        self._server.close()

    def _send_one(self, delivery: Delivery, written: Mapping[UUID, Message | None]) -> Outcome:
        if delivery.attempts > len(RETRY_AFTER) + 1:  # its senders died each time
            return record_failure(delivery, "The sender was ended at every try.", at=self.at, for_good=True)
        try:
            mail = compose(delivery, written)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # a delivery that cannot be written must not hold up the others
            return self._not_written(delivery, error)
        if mail is None:
            return record_dropped(delivery, at=self.at)
        try:
            self._server.take(mail)
        except (OSError, smtplib.SMTPException) as error:
            return self._failed(delivery, error)
        except ValueError as error:  # a header or an address that cannot be written
            return self._not_written(delivery, error)
        return record_sent(delivery, at=self.at)

    def _not_written(self, delivery: Delivery, error: Exception) -> Outcome:
        log.error("Delivery %s (%s) could not be written.", delivery.pk, delivery.kind, exc_info=error)
        return record_failure(delivery, f"It could not be written: {type(error).__name__}.", at=self.at)

    def _failed(self, delivery: Delivery, error: Exception) -> Outcome:
        outcome = record_failure(delivery, described(error), at=self.at, for_good=is_refused_for_good(error))
        note_refusal(delivery, error, at=self.at)
        if not self._server.goes_on_after(error):
            raise PutOffError(outcome)
        return outcome


class MailServer:
    """The mail server and the connection to it, which is kept from mail to mail for as long as the server keeps it."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend = get_connection()
        self._is_open = False
        self._broken = 0
        self._taken = 0
        """Mails over the present connection."""
        self._most: int | None = None
        """After so many the server hung up; from then on each connection ends before it does."""

    def take(self, mail: ReadyMail) -> None:
        """Hand a mail over.

        Raises what smtplib.SMTP.sendmail raises, and ValueError where a header or the address cannot be written.
        """
        if self._taken == self._most:
            self.close()
        if not self._is_open:
            try:
                self._backend.open()
            except (OSError, smtplib.SMTPException):
                self._broken = BROKEN_CONNECTIONS_A_SWEEP
                raise
            self._is_open, self._taken = True, 0
        self._backend.send_messages([mail])
        self._taken += 1

    @property
    def is_given_up(self) -> bool:
        """Whether it gets nothing more in this sweep."""
        return self._broken >= BROKEN_CONNECTIONS_A_SWEEP

    def goes_on_after(self, error: Exception) -> bool:
        """Whether it may be given another mail in this sweep, after what it said to the last one."""
        has_left = self._is_gone() or (isinstance(error, smtplib.SMTPDataError) and error.smtp_code == CLOSING)
        if isinstance(error, ANSWERS) and not has_left:
            if isinstance(error, smtplib.SMTPDataError):  # smtplib leaves a no to “data” itself standing
                self.close()
            return True
        if self._taken and has_left and not _is_silence(error):  # it takes only so many over one connection
            self._most = self._taken
        else:
            self._broken += 1
        self.close()
        return not self.is_given_up

    def _is_gone(self) -> bool:
        """Whether smtplib closed the connection, unseen by Django: after a goodbye, a break, a silence."""
        server = self._backend.connection if isinstance(self._backend, EmailBackend) else None
        return server is not None and server.sock is None

    def close(self) -> None:
        """Say goodbye."""
        self._is_open = False
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            log.info("The mail server broke off the goodbye.")


def _is_silence(error: Exception) -> bool:
    """Whether nothing came for EMAIL_TIMEOUT seconds; smtplib calls that a connection that was closed, too."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


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
