"""What workers do for responsibilities."""

from celery import shared_task

from apps.core.clock import database_now
from apps.responsibilities import services


@shared_task
def tell_of_reviews_due() -> int:
    """Tell those accountable of responsibilities that are to be looked at again."""
    now = database_now()
    return services.tell_of_reviews_due(now.date(), at=now)
