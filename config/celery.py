"""The Celery application: tasks are in the apps' tasks.py, the timetable in settings.CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery
from celery.signals import worker_process_init

from config.heap import settle_heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("counterpoise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def settle(**_about: object) -> None:
    """Each process of a worker, once it stands."""
    settle_heap()
