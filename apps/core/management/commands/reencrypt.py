"""`manage.py reencrypt`: moves all secrets to the newest key, and says which keys are still needed."""

from argparse import ArgumentParser
from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.encryption.columns import ReencryptionTally, SecretColumn, reencrypt, secret_columns, tally_of
from apps.core.encryption.keys import key_name

NAMED = 20


class Command(BaseCommand):
    """Goes through every encrypted column in batches; ended halfway, it goes on at the next run.

    Exit code 0 where the newest key opens everything. With --check also 1 while an older key is needed.
    """

    help = "Encrypt all secrets anew under the newest of ENCRYPTION_KEYS, and count them by key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("--check", action="store_true", help="only count; fail while an older key is needed")
        parser.add_argument("--batch", type=int, default=500, help="rows to a transaction (500)")
        parser.add_argument(
            "--give-up", action="store_true", help="mark what no key opens as lost, so that checks stop asking for it"
        )

    def handle(self, *_args: object, check: bool, batch: int, give_up: bool, **_options: object) -> None:
        """Print the counts. CommandError where something is not, or not only, under the newest key."""
        if batch < 1:
            raise CommandError("A batch has at least one row.")
        used: Counter[int] = Counter()
        unreadable = moved = 0
        for column in secret_columns():
            tally = tally_of(column) if check else reencrypt(column, batch=batch, give_up=give_up)
            self._report(column, tally)
            used += tally.by_key
            moved += tally.moved
            unreadable += len(tally.unreadable)
        if not check:
            self.stdout.write(f"Encrypted anew: {moved}.")
        if unreadable:
            raise CommandError(
                f"Secrets that no key of ENCRYPTION_KEYS opens: {unreadable}. They were left as they are. Put the "
                "key that is missing back and run this again."
            )
        self._say_what_may_go(used, check=check)

    def _report(self, column: SecretColumn, tally: ReencryptionTally) -> None:
        self.stdout.write(str(column))
        for number, count in sorted(tally.by_key.items()):
            self.stdout.write(f"  key {number + 1} ({key_name(number)}): {count}")
        if tally.given_up:
            self.stdout.write(f"  given up for lost: {tally.given_up}")
        if tally.unreadable:
            more = ", …" if len(tally.unreadable) > NAMED else ""
            self.stdout.write(f"  no key: {len(tally.unreadable)} (rows {', '.join(tally.unreadable[:NAMED])}{more})")

    def _say_what_may_go(self, used: Counter[int], *, check: bool) -> None:
        older = sorted(number for number in used if number > 0)
        if check and older:
            names = ", ".join(f"{number + 1} ({key_name(number)}): {used[number]}" for number in older)
            raise CommandError(f"Older keys are still needed, do not leave them out: key {names}.")
        if len(settings.ENCRYPTION_KEYS) > 1 and not older:
            self.stdout.write("Only the newest key is needed; the older ones may be left out.")
