"""Deleting old rows a batch at a time, so that no table grows for ever and nobody waits for it."""

from typing import TypeVar

from django.db import models, transaction

Row = TypeVar("Row", bound=models.Model)
BATCH = 2_000
BATCHES_MAX = 50


def delete_old(rows: models.QuerySet[Row], *, batch: int = BATCH, batches_max: int = BATCHES_MAX) -> int:
    """Delete these rows, `batch` in each transaction and at most `batches_max` of those; gives back how many.

    Rows that somebody else holds are left to the next run, and so is what is beyond the last batch: after a kill the
    batches that were committed stay done.
    """
    kept_going, deleted = True, 0
    while kept_going and deleted < batch * batches_max:
        with transaction.atomic():
            found = rows.order_by("pk").select_for_update(skip_locked=True, of=("self",))
            ids = list(found.values_list("pk", flat=True)[:batch])
            rows.model._base_manager.filter(pk__in=ids).delete()
        deleted += len(ids)
        kept_going = len(ids) == batch
    return deleted
