"""What workers do for goals."""

from celery import shared_task
from django.utils import timezone

from apps.goals import services


@shared_task
def sweep_check_in_reminders() -> int:
    """Tell owners of the check-ins that have become due."""
    return services.sweep_check_in_reminders(at=timezone.now())


@shared_task
def tell_of_goals_due() -> int:
    """Tell owners of goals that are due today or in a few days."""
    now = timezone.now()
    return services.tell_of_goals_due(now.date(), at=now)
