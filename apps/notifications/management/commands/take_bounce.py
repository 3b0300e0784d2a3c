"""`manage.py take_bounce`: what a mail server pipes a delivery status notification into."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.notifications.services import bounces


class Command(BaseCommand):
    """Reads one notification (RFC 3464) from standard input. Always exit code 0: else it would come back itself."""

    help = "Note that a mail came back, from the notification on standard input."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print which mail it was."""
        delivery = bounces.take_bounce(sys.stdin.buffer.read(bounces.LARGEST), at=timezone.now())
        said = f"{delivery.message_id} came back." if delivery else "It tells of none of our mails that came back."
        self.stdout.write(said)
