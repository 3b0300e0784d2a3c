"""Django's migrate, as the owner of the tables, without making people wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from psycopg.errors import LockNotAvailable

from apps.core.owner import as_owner, grant_to_runtime

LOCK_TIMEOUT_MS = 2_000
WAITS_SECONDS = (1, 2, 5, 10, 20, 40)
ONE_AT_A_TIME = 7_346_210_854
"""The advisory lock's number. Of the session, which is the owner's own: it goes past any pooler."""
HALF_MADE = """
SELECT indexrelid::regclass FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relkind = 'i' AND relnamespace = 'public'::regnamespace AND relowner = current_user::regrole
"""


class Command(migrate.Command):
    """Brings the schema up to date, and lets the role of DATABASE_URL use it. Only to look takes no owner.

    Everybody who comes after a statement that waits for a table's lock waits behind it: so it waits briefly, and the
    migration, undone as a whole, is tried again with growing waits. What is not atomic (indexes made concurrently)
    holds up nobody and waits as long as it takes.
    """

    alias = DEFAULT_DB_ALIAS
    tries = 0

    def handle(self, *args: object, **options: object) -> None:
        """Migrate. CommandError where DATABASE_OWNER_URL is not set, or a lock stays taken through all tries."""
        self.alias = str(options["database"])
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        runtime = str(connections[self.alias].settings_dict["USER"])
        try:
            with as_owner(self.alias) as connection, self._one_at_a_time(connection):
                drop_half_made_indexes(connection)
                grant_to_runtime(connection, runtime)
                self._try(*args, **options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error

    def _try(self, *args: object, **options: object) -> None:
        while True:
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self._wait("A table is in use", error)
            else:
                return

    def _wait(self, reason: str, error: Exception | None = None) -> None:
        if self.tries >= len(WAITS_SECONDS):
            raise CommandError(
                f"{reason}, and stays so: the schema was not changed any further. Migrate again at a quieter hour."
            ) from error
        seconds = WAITS_SECONDS[self.tries]
        self.tries += 1
        self.stderr.write(f"{reason}; trying again in {seconds} s.")
        time.sleep(seconds)

    @contextmanager
    def _one_at_a_time(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        """Let two that are started at once go one after the other.

        Asked for again and again, as what waits inside a statement would hold up an index made concurrently.
        """
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
                if cursor.fetchone()[0]:
                    break
                self._wait("Another migrate is at work")
        self.tries = 0
        yield

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        """Set the timeout before each migration, count its tries anew after it."""
        if action in {"apply_start", "unapply_start"} and migration is not None:
            timeout = LOCK_TIMEOUT_MS if migration.atomic else 0
            with connections[self.alias].cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{timeout}ms"])
        elif action in {"apply_success", "unapply_success"}:
            self.tries = 0
        super().migration_progress_callback(action, migration, fake)


def drop_half_made_indexes(connection: BaseDatabaseWrapper) -> None:
    """Take away what an interrupted migrate left of indexes made concurrently: useless, and in the way of a retry."""
    with connection.cursor() as cursor:
        cursor.execute(HALF_MADE)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
