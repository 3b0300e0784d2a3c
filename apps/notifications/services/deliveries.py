"""Putting messages into the outbox."""

from datetime import datetime
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from apps.notifications.models import Delivery
from apps.workspaces.models import Member, Workspace


def queue_delivery(
    *,
    workspace: Workspace,
    kind: str,
    occasion: str,
    at: datetime,
    recipient: Member | None = None,
    address: str = "",
    subject_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> bool:
    """Put one message into the outbox, in the caller's transaction; False where it already stands there.

    The address is the recipient's account's unless one is given (an invitation goes to somebody without an account).
    """
    address = address or (recipient.user.email if recipient and recipient.user else "")
    if not address:
        return False
    _row, created = Delivery.objects.get_or_create(
        workspace=workspace,
        address=address.lower(),
        kind=kind,
        occasion=occasion,
        defaults={
            "recipient": recipient,
            "subject_id": subject_id,
            "data": data or {},
            "next_try_at": at,
            "message_id": make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"),
        },
    )
    return created
