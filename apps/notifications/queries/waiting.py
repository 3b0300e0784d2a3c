"""Since when what is to be sent waits, for `/health/ready`."""

from datetime import datetime, timedelta

from apps.core.health import WaitingWork
from apps.notifications.models import AccountMail, Channel, Delivery

PATIENCE = timedelta(minutes=10)


def _mail(at: datetime) -> datetime | None:
    return _delivery(Channel.MAIL, at)


def _chat(at: datetime) -> datetime | None:
    return _delivery(Channel.CHAT, at)


def _delivery(channel: Channel, at: datetime) -> datetime | None:
    first = Delivery.objects.due(at).filter(channel=channel).first()
    return first.next_try_at if first else None


def _account_mail(at: datetime) -> datetime | None:
    first = AccountMail.objects.due(at).defer("content").first()
    return first.next_try_at if first else None


SENT_LATER = (
    WaitingWork("mail", _mail, PATIENCE),
    WaitingWork("account mail", _account_mail, PATIENCE),
    WaitingWork("chat", _chat, PATIENCE),
)
