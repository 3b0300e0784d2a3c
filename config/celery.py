"""The Celery application: tasks are in the apps' tasks.py, the timetable in settings.CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init

from config.gc_tuning import settle_garbage_collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("counterpoise", task_cls="apps.core.jobs:PatientTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


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
