"""What workers do for imports, exports, webhooks and the API."""

from celery import shared_task

from apps.core import idempotency
from apps.core.clock import database_now
from apps.core.exports import EXPORTED
from apps.integrations.services import exports, imports, webhook_sending


@shared_task
def run_imports() -> int:
    """Work on every import that waits, one after the other, and forget old ones. Says how many it took."""
    imports.forget_old_imports(at=database_now())
    taken = 0
    while imports.run_next_import(at=database_now()):
        taken += 1
    return taken


@shared_task
def run_exports() -> int:
    """Write every export that waits, one after the other, and forget old ones. Says how many it took."""
    exports.forget_old_exports(at=database_now())
    taken = 0
    while exports.run_next_export(EXPORTED, clock=database_now):
        taken += 1
    return taken


@shared_task
def send_webhooks() -> dict[str, int]:
    """Send the messages to webhooks that are due."""
    return webhook_sending.send_due_messages(at=database_now())


@shared_task
def forget_idempotency_keys() -> int:
    """Delete the answers that are kept longer than a day."""
    return idempotency.forget_old_keys(at=database_now())


@shared_task
def forget_old_webhook_messages() -> int:
    """Delete the messages to webhooks that ended and are kept no longer; says how many."""
    return webhook_sending.forget_old_messages(at=database_now())
