"""`manage.py remind`: queue the check-in reminders that are due, without waiting for beat."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.goals.services import sweep_check_in_reminders
from apps.notifications.services import sweep_notice_mails


class Command(BaseCommand):
    """Queue reminders; a worker sends them within seconds."""

    help = "Queue the check-in reminders that are due now, or in a demo those of another moment."

    def add_arguments(self, parser: CommandParser) -> None:
        """The moment, for trials."""
        parser.add_argument("--at", help="an ISO 8601 moment with its offset from UTC; demos only")

    def handle(self, *_args: object, **options: Any) -> None:
        """Print how many goals were taken. CommandError for a moment that cannot be read, or outside a demo."""
        now = timezone.now()
        at = self._moment(options["at"]) if options["at"] else now
        taken = sweep_check_in_reminders(at=at, told_at=now)
        if options["at"]:
            sweep_notice_mails(at=now, anyway=True)
        self.stdout.write(f"Queued reminders for {taken} goals.")

    def _moment(self, text: str) -> datetime:
        if not settings.DEMO:
            raise CommandError("Only a demo (DEMO=1) may be shown another moment: people would get mail too early.")
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"“{text}” is not an ISO 8601 moment, as in 2026-11-19T09:30+01:00.") from error
        if timezone.is_naive(at):
            raise CommandError("Say the offset from UTC too, as in 2026-11-19T09:30+01:00.")
        return at
