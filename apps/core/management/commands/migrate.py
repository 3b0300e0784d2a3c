"""Django's migrate, as the owner of the tables."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from apps.core.owner import as_owner, grant_to_runtime


class Command(migrate.Command):
    """Brings the schema up to date, and lets the role of DATABASE_URL use it. Only to look takes no owner."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises CommandError where DATABASE_OWNER_URL is not set."""
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        runtime = str(connections[options["database"]].settings_dict["USER"])
        try:
            with as_owner(options["database"]) as connection:
                grant_to_runtime(connection, runtime)
                super().handle(*args, **options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
