"""Import a file of goals from the command line."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.integrations import queries
from apps.integrations.models import Reason
from apps.integrations.services.imports import import_content
from apps.integrations.services.imports.report import COUNTED, OUTCOMES, Report

SHOWN = 40


class Command(BaseCommand):
    """`manage.py import_goals FILE --workspace SLUG`: exit code 0 where it was imported, 1 where it could not be."""

    help = "Import people, teams, cycles, goals, tasks and assignments (neutral-goals/1 JSON), or a CSV table of goals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, where to, and how to tell."""
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--workspace", required=True, metavar="SLUG", help="the workspace's address")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="an admin; else the first owner")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--json", action="store_true", help="write counts and reported rows as JSON")

    def handle(self, *_args: object, **options: Any) -> None:
        """Read, import, tell. CommandError with the reason where that cannot be."""
        by = queries.importing_member(options["workspace"], options["email"])
        if by is None:
            raise CommandError("There is no such workspace, or no such active admin in it.")
        name = options["file"]
        try:
            report = import_content(
                self._read(name),
                by=by,
                at=timezone.now(),
                dry_run=options["dry_run"],
                progress=self._progress if sys.stderr.isatty() else _silent,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, dry_run=options["dry_run"]), ensure_ascii=False, indent=1))
        else:
            self._tell(report, dry_run=options["dry_run"])

    def _read(self, name: str) -> bytes:
        """At most one byte more than may be imported, so that a huge file is refused and not held."""
        try:
            if name == "-":
                return sys.stdin.buffer.read(settings.IMPORT_MAX_BYTES + 1)
            with Path(name).open("rb") as file:
                return file.read(settings.IMPORT_MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}") from error

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(f"\r{done} / {total}", ending="" if done < total else "\n")

    def _tell(self, report: Report, *, dry_run: bool) -> None:
        self.stdout.write(f"{'':18}{'created':>10}{'updated':>10}{'unchanged':>10}{'reported':>10}")
        for kind in COUNTED:
            counts = report.counts[kind]
            self.stdout.write(f"{kind:18}" + "".join(f"{counts[name]:>10}" for name in OUTCOMES))
        for line in report.lines[:SHOWN]:
            many = f" ({line.count} rows)" if line.count > 1 else ""
            words = " ".join(filter(None, (line.kind, line.key, line.field, line.value)))
            self.stdout.write(f"{words}: {Reason(line.reason).label}{many}")
        if len(report.lines) > SHOWN:
            self.stdout.write(f"… and {len(report.lines) - SHOWN} lines more; --json writes them all.")
        if dry_run:
            self.stdout.write("Nothing was changed (--dry-run).")


def _silent(_done: int, _total: int) -> None:
    """No progress bar where nobody looks."""


def _as_json(report: Report, *, dry_run: bool) -> dict[str, object]:
    rows = [{**line.as_dict(), "message": str(Reason(line.reason).label)} for line in report.lines]
    return {**{kind: report.counts[kind] for kind in COUNTED}, "dry_run": dry_run, "rows": rows}
