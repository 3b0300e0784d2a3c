"""The Celery application: tasks are in the apps' tasks.py, the timetable in settings.CELERY_BEAT_SCHEDULE."""

import logging.config
import os
from contextlib import suppress

from celery import Celery
from celery.signals import after_task_publish, beat_init, setup_logging, worker_init, worker_process_init
from django.conf import settings
from redis.exceptions import RedisError

from config.gc_tuning import settle_garbage_collector
from config.timetable import HEARTBEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("counterpoise", task_cls="apps.core.jobs:PatientTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_others_do(**_about: object) -> None:
    """In the place of Celery's own lines: LOG_LEVEL says how much, and each line is JSON."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def tell(**_about: object) -> None:
    """Before a worker has processes, and before beat rings for the first time."""
    from apps.core.row_security import tell_of_role  # noqa: PLC0415 - every process with Django imports this module first

    tell_of_role()


@worker_process_init.connect
def settle(**_about: object) -> None:
    """Each process of a worker, once it stands."""
    settle_garbage_collector()


@after_task_publish.connect(sender=HEARTBEAT)
def note_beat(**_about: object) -> None:
    """In beat, once it has rung for a sign of life: then it lives itself."""
    from apps.core.heartbeats import BEAT, note_heartbeat  # noqa: PLC0415 - as above

    with suppress(RedisError):
        note_heartbeat(BEAT)
