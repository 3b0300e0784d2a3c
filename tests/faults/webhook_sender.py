"""Senders of webhooks, as processes. Run by tests/faults/test_webhooks.py.

`webhook_sender.py together N`: N senders at once. `webhook_sender.py killed SEED KILLS`: forks one after another, ends
each by kill -9 at a random moment, lets a last one finish. Prints how many were killed at work and how all the others
ended, as JSON. Of those that are killed each one's clock is a lease ahead of the one before, so that what that one held
has come due again.
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

from apps.integrations.services.webhook_sending import LEASE, send_due_messages  # noqa: E402 - Django comes first


def sender(at: datetime) -> int:
    """Fork a process that sends what is due; its id."""
    child = os.fork()
    if child:
        return child
    send_due_messages(at=at)
    os._exit(0)


def ended(child: int) -> int:
    """How a process ended."""
    return os.waitpid(child, 0)[1]


def together(count: int) -> dict[str, object]:
    """All at once."""
    now = timezone.now()
    return {"killed": 0, "others": [ended(child) for child in [sender(now) for _number in range(count)]]}


def killed(seed: int, kills: int) -> dict[str, object]:
    """Kill, kill, kill, then let one finish."""
    chance = random.Random(seed)  # noqa: S311 - the moments of the kills, the same in each run
    start, count = timezone.now(), 0
    for turn in range(kills):
        child = sender(start + LEASE * turn)
        time.sleep(chance.uniform(0.05, 0.3))
        os.kill(child, signal.SIGKILL)
        count += os.WIFSIGNALED(ended(child))
    return {"killed": count, "others": [ended(sender(start + LEASE * kills))]}


done = together(int(sys.argv[2])) if sys.argv[1] == "together" else killed(int(sys.argv[2]), int(sys.argv[3]))
sys.stdout.write(json.dumps(done))
