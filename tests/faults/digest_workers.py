"""Workers that are killed: two at a time sweep for digests and send, each ended by kill -9 at a random moment.

Run by tests/faults/test_digests.py as `python digest_workers.py SEED KILLS AT`; then four of them finish together.
Prints how many were killed at work, as JSON. The clock goes a lease further with each pair, so that what the pair
before held has come due again.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import datetime, timedelta

import django

django.setup()

from apps.notifications.services import send_due_deliveries  # noqa: E402 - Django comes first
from apps.routines.services import sweep_digests  # noqa: E402 - as above

LEASE = timedelta(seconds=30)


def worker(at: datetime) -> int:
    """Fork a process that queues the digests that are due and sends them; its id."""
    child = os.fork()
    if child:
        return child
    sweep_digests(at=at)
    while send_due_deliveries(at=at, lease=LEASE):  # one sweep ends after a while
        pass
    os._exit(0)


def main(seed: int, kills: int, at: datetime) -> None:
    """Kill pair after pair, then let some finish at once."""
    chance = random.Random(seed)  # noqa: S311 - the moments of the kills, the same in each run
    killed = 0
    for turn in range(kills // 2):
        pair = [worker(at + LEASE * turn) for _each in range(2)]
        for child in pair:
            time.sleep(chance.uniform(0.02, 0.5))
            os.kill(child, signal.SIGKILL)
        killed += sum(os.WIFSIGNALED(os.waitpid(child, 0)[1]) for child in pair)
    last = [worker(at + LEASE * (kills // 2 + 1)) for _each in range(4)]
    codes = [os.waitpid(child, 0)[1] for child in last]
    sys.stdout.write(json.dumps({"killed": killed, "last": codes}))


main(int(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
