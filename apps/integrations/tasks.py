"""What workers do for imports."""

from celery import shared_task
from django.utils import timezone

from apps.integrations.services import imports


@shared_task
def run_imports() -> int:
    """Work on every import that waits, one after the other, and forget old ones. Says how many it took."""
    imports.forget_old_imports(at=timezone.now())
    taken = 0
    while imports.run_next_import(at=timezone.now()):
        taken += 1
    return taken
