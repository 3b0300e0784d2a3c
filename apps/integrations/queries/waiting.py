"""Since when webhooks, imports and exports wait for a worker, for `/health/ready`."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, Min, OuterRef
from django.db.models.functions import Coalesce, Greatest

from apps.core.health import WaitingWork
from apps.integrations.models import Export, ImportJob

WEBHOOKS_PATIENCE = timedelta(minutes=10)
PATIENCE = timedelta(minutes=40)
"""Longer than the longest run of a worker (CELERY_TASK_TIME_LIMIT), after which another one takes its row up."""
OLDEST_MESSAGE = """
SELECT min(waiting.next_try_at) FROM integrations_webhook webhook CROSS JOIN LATERAL (
    SELECT next_try_at FROM integrations_webhookdelivery
    WHERE webhook_id = webhook.id AND state = 'queued' AND next_try_at <= %s ORDER BY next_try_at, id LIMIT 1
) waiting
"""


def _webhooks(at: datetime) -> datetime | None:
    """By the index webhook_to_send, one row of each webhook."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_MESSAGE, [at])
        found: datetime | None = cursor.fetchone()[0]
    return found


def _imports(_at: datetime) -> datetime | None:
    """Since nobody worked on the one whose turn it is in its workspace; those behind it wait with good reason."""
    jobs = ImportJob.objects.filter(state__in=[ImportJob.State.CHECKING, ImportJob.State.RUNNING])
    earlier = jobs.filter(workspace_id=OuterRef("workspace_id"), pk__lt=OuterRef("pk"))
    found: datetime | None = jobs.filter(~Exists(earlier)).aggregate(since=Min(Greatest("worked_at", "updated_at")))[
        "since"
    ]
    return found


def _exports(at: datetime) -> datetime | None:
    """Since nobody has it any more: while a worker has one, its lease ends in the future."""
    jobs = Export.objects.filter(state__in=[Export.State.WAITING, Export.State.RUNNING])
    found: datetime | None = jobs.aggregate(since=Min(Coalesce("leased_until", "created_at")))["since"]
    return found if found is not None and found <= at else None


DONE_LATER = (
    WaitingWork("webhooks", _webhooks, WEBHOOKS_PATIENCE),
    WaitingWork("imports", _imports, PATIENCE),
    WaitingWork("exports", _exports, PATIENCE),
)
