"""What workers do for the machine room."""

from celery import shared_task

from apps.core import heartbeats


@shared_task
def note_heartbeat(queue: str) -> None:
    """Say that a worker of this queue lives, for `/health/ready`."""
    heartbeats.note_heartbeat(queue)
