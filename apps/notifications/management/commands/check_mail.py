"""`manage.py check_mail`: whether mail can leave, and else what to do."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.core.clock import database_now
from apps.notifications.services import mail_check
from apps.notifications.services.mail_check import MailCheckResult

WAIT_SECONDS = 60
PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    """Exit code 0 where all is well, 1 where something is not."""

    help = "Check the settings of mail and talk with the mail server; with --to also send a test through the outbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where a test goes, how long to wait for it, and how to tell."""
        parser.add_argument("--to", metavar="ADDRESS", help="send a test mail there, the whole way by a worker")
        parser.add_argument(
            "--wait", type=int, default=WAIT_SECONDS, metavar="SECONDS", help="for the worker to take it"
        )
        parser.add_argument("--json", action="store_true", help="write what was found as JSON")

    def handle(self, *_args: object, **options: Any) -> None:
        """Print each thing that was looked at. CommandError for what is no address."""
        found = mail_check.check_mail(at=database_now())
        if options["to"]:
            found += self._test(options["to"], wait=options["wait"])
        well = all(each.ok for each in found)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": well, "checks": [asdict(each) for each in found]}, ensure_ascii=False))
        else:
            self._tell(found)
        if not well:
            raise SystemExit(1)

    def _test(self, address: str, *, wait: int) -> Iterator[MailCheckResult]:
        try:
            delivery = mail_check.queue_test_mail(address, at=database_now())
        except ValidationError as error:
            raise CommandError(f"“{address}” is not an e-mail address.") from error
        if delivery is None:
            yield MailCheckResult(
                "test mail", ok=False, said="There is no workspace yet.", advice="Make one, then try again."
            )
            return
        until = time.monotonic() + wait
        while (went := mail_check.how_it_went(delivery)) is None and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        advice = "See that a worker and beat run; it leaves as soon as they do."
        yield went or MailCheckResult("test mail", ok=False, said=f"No worker took it within {wait} s.", advice=advice)

    def _tell(self, found: list[MailCheckResult]) -> None:
        for each in found:
            self.stdout.write(f"{'ok ' if each.ok else 'NOT'}  {each.name}: {each.said}")
            if each.advice:
                self.stdout.write(f"     {each.advice}")
