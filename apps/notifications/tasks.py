"""What workers do so that people are told."""

from datetime import datetime

from celery import shared_task

from apps.accounts.services import AccountLetter
from apps.core.clock import database_now
from apps.core.jobs import ring
from apps.notifications import services

SOFT_LIMIT, TIME_LIMIT = 50, 60


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def send_deliveries() -> dict[str, int]:
    """Send the mails that are due. Ended by force after TIME_LIMIT seconds: what it had claimed comes due again."""
    return services.send_due_deliveries(at=database_now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def send_account_mails() -> dict[str, int]:
    """Send the mails about accounts that are due."""
    return services.send_due_account_mails(at=database_now())


def mail_account(letter: AccountLetter, at: datetime) -> None:
    """Put a mail about an account into the outbox, and tell a worker once the caller's transaction is committed.

    Where no worker can be told the mail waits for the next sweep.
    """
    services.queue_account_mail(letter, at)
    ring(send_account_mails)


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def sweep_notice_mails() -> int:
    """Put the notices that are due into mails, one for each person."""
    return services.sweep_notice_mails(at=database_now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def make_delivery_schedules() -> int:
    """Plan the digests of people who got an account."""
    return services.make_missing_schedules(at=database_now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def sweep_repeats() -> int:
    """Say again what is not done, and tell those who may help of what was said to the end."""
    return services.sweep_repeats(at=database_now())


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def send_chats() -> dict[str, int]:
    """Queue what workspaces' chats are to be told, and send what is due to all chats."""
    at = database_now()
    services.queue_chats_of_events(at=at)
    return services.send_due_chats(at=at)


@shared_task
def forget_old_messages() -> int:
    """Delete the notices and messages that are kept no longer; says how many."""
    at = database_now()
    return services.forget_old_notices(at=at) + services.forget_old_deliveries(at=at)
