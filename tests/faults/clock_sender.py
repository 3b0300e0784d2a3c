"""Two senders at once, the second with a clock that is so many hours off. Run by tests/faults/test_mail.py as
`python clock_sender.py HOURS`.

Each mail takes a moment to be written, so that both are at work all the time.
"""

import os
import sys
import time
from datetime import timedelta

import django
import time_machine
from django.utils import timezone

django.setup()

from apps.notifications import tasks  # noqa: E402 - Django comes first
from apps.notifications.models import Delivery  # noqa: E402 - as above
from apps.notifications.services import MAIL_KINDS, MailKind, Message  # noqa: E402 - as above


def render(delivery: Delivery) -> Message:
    """A mail like any other."""
    time.sleep(0.01)
    return Message("Hello", "Hello,", (f"This is {delivery.dedupe_key}.",), "Open", "http://testserver/", "A test.")


def main(hours: int) -> None:
    """Send with a right clock and a wrong one until nothing is left."""
    MAIL_KINDS.add(MailKind("fault", render))
    child = os.fork()
    if child:
        tasks.send_deliveries()
        os.waitpid(child, 0)
        return
    time.sleep(0.1)  # the first has rows in hand
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        tasks.send_deliveries()
    os._exit(0)


main(int(sys.argv[1]))
