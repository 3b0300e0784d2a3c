"""What workers do for handovers and cover."""

from celery import shared_task
from django.utils import timezone

from apps.handovers.services import sweeps


@shared_task
def sweep_handovers() -> int:
    """Carry out accepted handovers on their day, begin and end covers."""
    return sweeps.sweep_handovers(at=timezone.now())


@shared_task
def tell_of_covers() -> int:
    """Tell who covers from tomorrow on, and welcome back who was away."""
    return sweeps.tell_of_covers(at=timezone.now())
