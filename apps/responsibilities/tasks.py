"""What workers do for responsibilities, tasks, handovers and cover."""

from celery import shared_task
from django.utils import timezone

from apps.responsibilities import services
from apps.responsibilities.services import handover_sweeps, task_notices


@shared_task
def tell_of_reviews_due() -> int:
    """Tell those accountable of responsibilities that are to be looked at again."""
    now = timezone.now()
    return services.tell_of_reviews_due(now.date(), at=now)


@shared_task
def sweep_handovers() -> int:
    """Carry out accepted handovers on their day, begin and end covers."""
    return handover_sweeps.sweep_handovers(at=timezone.now())


@shared_task
def tell_of_covers() -> int:
    """Tell who covers from tomorrow on, and welcome back who was away."""
    return handover_sweeps.tell_of_covers(at=timezone.now())


@shared_task
def tell_of_tasks_due() -> int:
    """Tell assignees of tasks that are due today or tomorrow."""
    now = timezone.now()
    return task_notices.tell_of_tasks_due(now.date(), at=now)
