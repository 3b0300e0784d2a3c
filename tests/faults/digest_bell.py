"""A beat that rings every half second, and the people its digests are for.

Run by tests/faults/test_digests.py as `python digest_bell.py crowd COUNT` or `python digest_bell.py ring`.
"""

import sys
import time
from contextlib import suppress
from datetime import timedelta

import django
from django.utils import timezone

django.setup()

from config.celery import app  # noqa: E402 - Django comes first
from tests.faults.digest_crowd import make_crowd  # noqa: E402 - as above

TASKS = ("apps.routines.tasks.sweep_digests", "apps.notifications.tasks.send_deliveries")


def ring() -> None:
    """Send the tasks that beat sends, whether the broker is there or not."""
    while True:
        for name in TASKS:
            with suppress(Exception):
                app.send_task(name, retry=False, ignore_result=True)
        time.sleep(0.5)


if sys.argv[1] == "ring":
    ring()
else:
    make_crowd(int(sys.argv[2]), due_at=timezone.now() - timedelta(seconds=1))
