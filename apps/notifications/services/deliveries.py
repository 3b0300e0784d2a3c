"""Putting messages into the outbox."""

from collections.abc import Iterable
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from apps.core.clock import due_at_once
from apps.core.models import new_id
from apps.notifications.models import Delivery
from apps.workspaces.models import Member, Workspace


def queue_delivery(
    *,
    workspace: Workspace,
    kind: str,
    dedupe_key: str,
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
        dedupe_key=dedupe_key,
        defaults={
            "recipient": recipient,
            "subject_id": subject_id,
            "data": data or {},
            "next_try_at": due_at_once(at),
            "message_id": new_message_id(),
        },
    )
    return created


QUEUE = """
INSERT INTO notifications_delivery (
    id, created_at, updated_at, workspace_id, recipient_id, channel, address, kind, dedupe_key, data, state,
    next_try_at, attempts, message_id, last_error
)
SELECT id, %(at)s, %(at)s, workspace_id, recipient_id, 'mail', address, %(kind)s, dedupe_key, data, 'queued',
    least(%(at)s, statement_timestamp()), 0, message_id, ''
FROM jsonb_to_recordset(%(rows)s::jsonb) AS wanted (
    id uuid, workspace_id uuid, recipient_id uuid, address text, dedupe_key text, data jsonb, message_id text
)
ON CONFLICT DO NOTHING
"""


def queue_deliveries(wanted: Iterable[tuple[Member, str, dict[str, Any]]], *, kind: str, at: datetime) -> None:
    """Put many messages (recipient, dedupe_key, details) of one kind into the outbox, in one statement.

    In the caller's transaction; what stands there already stays as it is. Recipients come with their account. By hand,
    since bulk_create takes most of the time that making digests does.
    """
    rows = [
        {
            "id": new_id(),
            "workspace_id": recipient.workspace_id,
            "recipient_id": recipient.pk,
            "address": recipient.user.email.lower(),
            "dedupe_key": dedupe_key,
            "data": data,
            "message_id": new_message_id(),
        }
        for recipient, dedupe_key, data in wanted
        if recipient.user is not None
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(QUEUE, {"at": at, "kind": kind, "rows": orjson.dumps(rows).decode()})


def new_message_id() -> str:
    """A Message-ID of this installation; a delivery keeps its own through every try.

    Nobody can guess it: who knows it can say that the mail came back. The standard library's make_msgid would not do,
    since its time and process are known, and its 64 bits come from a generator that its own output gives away.
    """
    return f"<{token_urlsafe(24)}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
