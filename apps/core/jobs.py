"""What holds for every job: how long its statements may take, and how a page rings for one.

A job is a row that waits; the sweeps find it. Ringing only spares the seconds until then.
"""

import structlog
from celery import Task
from django.db import transaction

from apps.core import cache
from apps.core.timeouts import patience

log = structlog.get_logger(__name__)
RING_SECONDS = 60
RING_TIMEOUT = 1.0
"""Seconds in which the broker has to answer a page."""


class PatientTask(Task):  # type: ignore[type-arg] # generic in its stubs alone
    """The kind of every task of ours, given to Celery once (config/celery.py), so that none can be without it."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Run the task with the timeouts of a job instead of a page's."""
        with patience():
            return super().__call__(*args, **kwargs)


def ring(task: Task) -> None:  # type: ignore[type-arg] # as above
    """Have a worker told to run the task now, once the caller's transaction is committed.

    Never fails. A broker that is away or hangs is left alone for some seconds, by the same breaker as the cache; the
    next sweep finds the row.
    """
    transaction.on_commit(lambda: _ring(task), robust=True)


def _ring(task: Task) -> None:  # type: ignore[type-arg] # as above
    timeouts = {"socket_timeout": RING_TIMEOUT, "socket_connect_timeout": RING_TIMEOUT, "max_retries": 0}
    breaker = cache.server_breaker
    try:
        with task.app.connection(transport_options=timeouts) as broker:
            bell = task.app.amqp.Producer(broker, auto_declare=False)
            breaker.ask(lambda: task.apply_async(producer=bell, retry=False, expires=RING_SECONDS))
    except breaker.FAILURES as error:
        log.warning("nobody_rung", task=task.name, cause=type(error).__name__)
