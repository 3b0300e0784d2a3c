"""Mails about accounts: put into their outbox in the transaction of their cause, and sent by a worker a moment later.

They are claimed one at a time: few wait, and somebody sits before the page for each. As in `sending`, a claim is
committed before anything goes over the network, so that nothing is lost with its sender.
"""

import logging
import smtplib
import time
from collections import Counter
from datetime import datetime, timedelta

import orjson
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from apps.accounts.services import AccountLetter
from apps.core.clock import due_at_once
from apps.notifications.models import AccountMail, Delivery
from apps.notifications.services.deliveries import new_message_id
from apps.notifications.services.messages import Written, ready
from apps.notifications.services.outbox import LEASE, RETRY_AFTER, Outcome
from apps.notifications.services.sending import MailServer, described, is_refused_for_good

log = logging.getLogger(__name__)

SWEEP_SECONDS = 40.0
"""Less than a worker's time limit."""


def queue_account_mail(letter: AccountLetter, at: datetime) -> None:
    """Put it into the outbox, in the caller's transaction; what it says lies there encrypted."""
    AccountMail.objects.create(
        user=letter.user,
        address=letter.address,
        kind=letter.kind,
        content=orjson.dumps([letter.subject, letter.text, letter.html]).decode(),
        expires_at=letter.expires_at,
        next_try_at=due_at_once(at),
        message_id=new_message_id(),
        created_at=at,
    )


def send_due_account_mails(*, at: datetime, limit: int = 500) -> dict[str, int]:
    """Send what is due, over one connection to the mail server; gives back how many came to which outcome.

    Stops after about SWEEP_SECONDS, or where the server cannot be reached. Must not run inside a transaction.
    """
    outcomes: Counter[str] = Counter()
    server, until = MailServer(), time.monotonic() + SWEEP_SECONDS
    try:
        while sum(outcomes.values()) < limit and time.monotonic() < until and not server.is_given_up:
            mail = _claim(at=at)
            if mail is None:
                break
            outcomes[_send(mail, server, at=at)] += 1
    finally:
        server.close()
    return dict(outcomes)


@transaction.atomic(durable=True)
def _claim(*, at: datetime, lease: timedelta = LEASE) -> AccountMail | None:
    """The mail that waits longest, for oneself until the lease ends; None where none is due."""
    due = AccountMail.objects.due(at).defer("content")  # read alone, where it may fail alone
    mail: AccountMail | None = due.select_for_update(skip_locked=True).first()
    if mail is not None:
        mail.attempts += 1
        mail.next_try_at, mail.updated_at = at + lease, at
        AccountMail.objects.filter(pk=mail.pk).update(
            attempts=mail.attempts, next_try_at=mail.next_try_at, updated_at=at
        )
    return mail


def _send(mail: AccountMail, server: MailServer, *, at: datetime) -> Outcome:
    if mail.expires_at is not None and mail.expires_at <= at:
        return _end(mail, Outcome.DROPPED, at=at)
    if mail.attempts > len(RETRY_AFTER) + 1:  # its senders died each time
        return _end(mail, Outcome.FAILED, at=at, last_error="The sender was ended at every try.")
    try:
        written = Written(*orjson.loads(mail.content))
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # no key of ours opens it: it must not hold up the others
        return _failed(mail, f"It could not be read: {type(error).__name__}.", at=at)
    try:
        server.take(ready(written, to=mail.address, message_id=mail.message_id))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        server.goes_on_after(error)
        return _failed(mail, described(error), at=at, for_good=is_refused_for_good(error))
    return _end(mail, Outcome.SENT, at=at, sent_at=at, last_error="")


def _failed(mail: AccountMail, error: str, *, at: datetime, for_good: bool = False) -> Outcome:
    log.warning("Account mail %s (%s) did not go out, try %d.", mail.pk, mail.kind, mail.attempts)
    if for_good or mail.attempts > len(RETRY_AFTER):
        return _end(mail, Outcome.FAILED, at=at, last_error=error)
    mine = AccountMail.objects.filter(pk=mail.pk, state=Delivery.State.QUEUED, attempts=mail.attempts)
    mine.update(next_try_at=at + RETRY_AFTER[mail.attempts - 1], last_error=error, updated_at=at)
    return Outcome.RETRY


def _end(mail: AccountMail, outcome: Outcome, *, at: datetime, **changes: object) -> Outcome:
    """One statement: what came of it, and its content gone. The first to end a row wins."""
    waiting = AccountMail.objects.filter(pk=mail.pk, state=Delivery.State.QUEUED)
    waiting.update(state=outcome.value, content="", updated_at=at, **changes)
    return outcome
