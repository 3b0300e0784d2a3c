"""What workers do so that digests go out."""

from celery import shared_task

from apps.core.clock import database_now
from apps.routines import services

SOFT_LIMIT, TIME_LIMIT = 50, 60


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=TIME_LIMIT)
def sweep_digests() -> int:
    """Put the digests that are due into the outbox."""
    return services.sweep_digests(at=database_now())
