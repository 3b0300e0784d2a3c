"""The outbox: putting messages in, and sending what is due."""

from apps.notifications.services.deliveries import queue_delivery
from apps.notifications.services.messages import RENDERERS, Fact, Message
from apps.notifications.services.sending import LEASE, RETRY_AFTER, Outcome, send_due_deliveries

__all__ = [
    "LEASE",
    "RENDERERS",
    "RETRY_AFTER",
    "Fact",
    "Message",
    "Outcome",
    "queue_delivery",
    "send_due_deliveries",
]
