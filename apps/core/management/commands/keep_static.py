"""`manage.py keep_static`: puts this release's static files where those of the releases before are."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.static_files import keep_static


class Command(BaseCommand):
    """To be run before a release begins to serve, so that the one still serving finds its files, too."""

    help = "Copy the collected static files to KEPT_STATIC_DIR; take away those of the fourth last release."

    def handle(self, *_args: object, **_options: object) -> None:
        """CommandError where KEPT_STATIC_DIR is not set or nothing was collected."""
        if not settings.KEPT_STATIC_DIR:
            raise CommandError("Set KEPT_STATIC_DIR to a folder that releases share (docs/configuration.md).")
        try:
            put, forgotten = keep_static(Path(settings.STATIC_ROOT), Path(settings.KEPT_STATIC_DIR))
        except FileNotFoundError as error:
            raise CommandError(f"Run collectstatic first: there is no {error.filename}.") from error
        self.stdout.write(f"Put {put} files there, took {forgotten} away.")
