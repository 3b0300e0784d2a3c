"""Putting messages into the outbox."""

from collections.abc import Iterable
from datetime import datetime
from secrets import token_urlsafe
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
            "message_id": new_message_id(),
        },
    )
    return created


def queue_deliveries(wanted: Iterable[tuple[Member, str, dict[str, Any]]], *, kind: str, at: datetime) -> None:
    """Put many messages (recipient, occasion, details) of one kind into the outbox, in one statement.

    In the caller's transaction; what stands there already stays as it is. Recipients come with their account.
    """
    Delivery.objects.bulk_create(
        [
            Delivery(
                workspace_id=recipient.workspace_id,
                recipient=recipient,
                address=recipient.user.email.lower(),
                kind=kind,
                occasion=occasion,
                data=data,
                next_try_at=at,
                message_id=new_message_id(),
                created_at=at,
            )
            for recipient, occasion, data in wanted
            if recipient.user is not None
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )


def new_message_id() -> str:
    """A Message-ID of this installation; a delivery keeps its own through every try.

    Nobody can guess it: who knows it can say that the mail came back. The standard library's make_msgid would not do,
    since its time and process are known, and its 64 bits come from a generator that its own output gives away.
    """
    return f"<{token_urlsafe(24)}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
