"""What workers do for accounts."""

from celery import shared_task

from apps.accounts import services
from apps.core.clock import database_now


@shared_task
def forget_old_sessions() -> int:
    """Delete the sessions that have run out, and what was kept about their browsers; says how many there were."""
    return services.forget_old_sessions(at=database_now())
