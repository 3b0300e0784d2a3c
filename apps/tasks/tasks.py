"""What workers do for tasks."""

from celery import shared_task

from apps.core.clock import database_now
from apps.tasks import services


@shared_task
def tell_of_tasks_due() -> int:
    """Tell assignees of tasks that are due today or tomorrow."""
    now = database_now()
    return services.tell_of_tasks_due(now.date(), at=now)
