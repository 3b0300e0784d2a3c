"""What workers do for goals."""

from celery import shared_task
from django.utils import timezone

from apps.goals import services


@shared_task
def sweep_check_in_reminders() -> int:
    """Queue the check-in reminders that have become due."""
    return services.sweep_check_in_reminders(at=timezone.now())
