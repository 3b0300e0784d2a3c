"""`manage.py take_bounce`: what a mail server pipes a delivery status notification into."""

import os
import sys

from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils import timezone

from apps.notifications.services.bounce_reports import LARGEST
from apps.notifications.services.bounces import take_bounce


class Command(BaseCommand):
    """Reads one notification (RFC 3464) from standard input.

    Exit code 0 whatever it reads: else it would come back itself. 75 (EX_TEMPFAIL of sysexits.h), at which a mail
    server keeps it and tries again later, where the database cannot be reached.
    """

    help = "Note that a mail came back, from the notification on standard input."

    def handle(self, *_args: object, **_options: object) -> None:
        """Print which mail it was."""
        try:
            delivery = take_bounce(sys.stdin.buffer.read(LARGEST), at=timezone.now())
        except OperationalError as error:
            self.stderr.write(f"The database cannot be reached: {error}")
            sys.exit(os.EX_TEMPFAIL)
        said = f"{delivery.message_id} came back." if delivery else "It tells of none of our mails that came back."
        self.stdout.write(said)
