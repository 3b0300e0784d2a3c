"""Mails that come back: reading the notification a mail server sends about them (RFC 3464), and noting it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser, Parser

from django.db import transaction

from apps.notifications.models import Delivery

LARGEST = 1024 * 1024
"""A notification may hold the whole mail that came back; what is beyond this is not read."""
SAID_MAX = 400
BOUNCED = {"came_back": True}
"""The details of a mail that came back: its own went when it was handed over, so it cannot be sent again."""


@dataclass(frozen=True)
class Bounce:
    """One mail that did not arrive: its Message-ID, and what the last server said, with the status of RFC 3463."""

    message_id: str
    said: str


def read_bounce(content: bytes) -> Bounce | None:
    """What a notification says came back for good; None where it is none, or tells of a delay or of success."""
    report = BytesParser(EmailMessage, policy=policy.default).parsebytes(content[:LARGEST])
    said = message_id = ""
    if report.get_content_type() != "multipart/report":
        return None
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            said = said or next(_failures(part), "")
        elif part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            message_id = message_id or _message_id(part)
    return Bounce(message_id, said) if said and message_id else None


def _failures(part: Message) -> Iterator[str]:
    """What each recipient's block says that tells of a failure for good (RFC 3464, sections 2.3.3 to 2.3.6)."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Message) and str(block.get("Action", "")).strip().lower() == "failed":
            words = f"{block.get('Status', '')} {str(block.get('Diagnostic-Code', '')).partition(';')[2]}"
            yield " ".join(words.replace("\0", "").split())[:SAID_MAX] or "no reason given"


def _message_id(part: Message) -> str:
    inner = part.get_payload()
    if isinstance(inner, list):
        head = inner[0] if inner else None
        return str(head.get("Message-ID", "")).strip() if isinstance(head, Message) else ""
    raw = part.get_payload(decode=True)
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(inner)
    return str(Parser(policy=policy.default).parsestr(text, headersonly=True).get("Message-ID", "")).strip()


@transaction.atomic
def take_bounce(content: bytes, *, at: datetime) -> Delivery | None:
    """Note that one of our mails came back; gives it back, None where the notification speaks of none of ours.

    Taken twice it changes nothing more.
    """
    bounce = read_bounce(content)
    if bounce is None:
        return None
    rows = Delivery.objects.filter(message_id=bounce.message_id).select_for_update(of=("self",))
    delivery: Delivery | None = rows.first()
    if delivery is None or delivery.data == BOUNCED:
        return delivery
    delivery.state, delivery.sent_at, delivery.data = Delivery.State.FAILED, None, dict(BOUNCED)
    delivery.last_error, delivery.updated_at = f"It came back: {bounce.said}", at
    delivery.save(update_fields=["state", "sent_at", "data", "last_error", "updated_at"])
    return delivery
