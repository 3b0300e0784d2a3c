"""Django's flush, as the owner of the tables: the runtime role may not truncate them. Tests end with it, too."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.core.management.commands import flush

from apps.core.owner import as_owner

LONGEST_WAIT = "10s"


class Command(flush.Command):
    """Empties every table. Fails where somebody still has one open, rather than wait for them."""

    def handle(self, **options: Any) -> None:
        """Empty them. Raises CommandError where DATABASE_OWNER_URL is not set, or a table stays in use."""
        try:
            with as_owner(options["database"]) as connection:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LONGEST_WAIT])
                super().handle(**options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
