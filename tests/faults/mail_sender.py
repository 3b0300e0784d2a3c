"""Senders that are killed: forks one after another, ends each by kill -9 at a random moment, lets a last one finish.

Run by tests/faults/test_mail.py as `python mail_sender.py SEED KILLS`; prints how many were killed at work, as JSON.
Each sender's clock is a lease ahead of the one before, so that what that one held has come due again.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import datetime

import django
from django.utils import timezone

django.setup()

from apps.notifications.models import Delivery  # noqa: E402 - Django comes first
from apps.notifications.services import LEASE, MAIL_KINDS, MailKind, Message, send_due_deliveries  # noqa: E402 - as above


def render(delivery: Delivery) -> Message:
    """A mail like any other."""
    return Message("Hello", "Hello,", (f"This is {delivery.dedupe_key}.",), "Open", "http://testserver/", "A test.")


def sender(at: datetime) -> int:
    """Fork a process that sends what is due; its id."""
    child = os.fork()
    if child:
        return child
    send_due_deliveries(at=at)
    os._exit(0)


def main(seed: int, kills: int) -> None:
    """Kill, kill, kill, then let one finish."""
    MAIL_KINDS.add(MailKind("fault", render))
    chance = random.Random(seed)  # noqa: S311 - the moments of the kills, the same in each run
    start, killed = timezone.now(), 0
    for turn in range(kills):
        child = sender(start + LEASE * turn)
        time.sleep(chance.uniform(0.02, 0.25))
        os.kill(child, signal.SIGKILL)
        _child, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    _child, status = os.waitpid(sender(start + LEASE * kills), 0)
    sys.stdout.write(json.dumps({"killed": killed, "last": status}))


main(int(sys.argv[1]), int(sys.argv[2]))
