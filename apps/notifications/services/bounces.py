"""Mails that come back: noting one, and what it says of the address.

Who writes a notification is not known, so it must name what only the mail itself and the servers on its way hold: its
Message-ID, which cannot be guessed, together with the address it went to; and it counts once, within LASTS of sending.
Who was forwarded a mail can still forge one notification about it. Its reader then sees at once that mail is held back,
and why, and ends it with one press.
"""

from datetime import datetime, timedelta

from django.db import transaction

from apps.notifications.models import Delivery
from apps.notifications.services.addresses import note_fault
from apps.notifications.services.bounce_reports import Bounce, read_bounce

LASTS = timedelta(days=14)
"""Servers try for four or five days (RFC 5321, section 4.5.4.1); what comes back after twice that is not believed."""
BOUNCED = {"came_back": True}
"""The details of a mail that came back: its own went when it was handed over, so it cannot be sent again."""


@transaction.atomic
def take_bounce(content: bytes, *, at: datetime) -> Delivery | None:
    """Note that one of our mails came back; gives it back, None where the notification speaks of none of ours.

    Taken twice it changes nothing more.
    """
    bounce = read_bounce(content)
    if bounce is None:
        return None
    rows = Delivery.objects.filter(message_id=bounce.message_id).select_related("recipient__user")
    delivery: Delivery | None = rows.select_for_update(of=("self",)).first()
    if delivery is None or not bounce.addresses & _written_to(delivery):
        return None
    if delivery.data == BOUNCED:
        return delivery
    if delivery.sent_at is None or at - delivery.sent_at > LASTS:
        return None
    sent_at = delivery.sent_at
    delivery.state, delivery.sent_at, delivery.data = Delivery.State.FAILED, None, dict(BOUNCED)
    delivery.last_error, delivery.updated_at = f"It came back: {bounce.said}", at
    delivery.save(update_fields=["state", "sent_at", "data", "last_error", "updated_at"])
    _note(delivery, bounce, sent_at=sent_at, at=at)
    return delivery


def _written_to(delivery: Delivery) -> set[str]:
    """Where it may have gone: the address it was queued for, and the one its recipient's account has."""
    member = delivery.recipient
    return {delivery.address.lower()} | ({member.user.email.lower()} if member and member.user else set())


def _note(delivery: Delivery, bounce: Bounce, *, sent_at: datetime, at: datetime) -> None:
    """Against the account's address, if that is the one it went to."""
    user = delivery.recipient.user if delivery.recipient else None
    if user is not None and user.email.lower() in bounce.addresses:
        note_fault(user, fault=bounce.fault, said=bounce.said, mailed_at=sent_at, at=at)
