"""What workers do for goals."""

from celery import shared_task

from apps.core.clock import database_now
from apps.goals import services


@shared_task
def sweep_check_in_reminders() -> int:
    """Tell owners of the check-ins that have become due."""
    return services.sweep_check_in_reminders(at=database_now())


@shared_task
def tell_of_goals_due() -> int:
    """Tell owners of goals that are due today or in a few days."""
    now = database_now()
    return services.tell_of_goals_due(now.date(), at=now)
