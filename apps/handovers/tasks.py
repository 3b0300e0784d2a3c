"""What workers do for handovers and cover."""

from celery import shared_task

from apps.core.clock import database_now
from apps.handovers.services import sweeps


@shared_task
def sweep_handovers() -> int:
    """Carry out accepted handovers on their day, begin and end covers."""
    return sweeps.sweep_handovers(at=database_now())


@shared_task
def tell_of_covers() -> int:
    """Tell who covers from tomorrow on, and welcome back who was away."""
    return sweeps.tell_of_covers(at=database_now())
