"""The core app."""

from datetime import UTC, datetime
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _
from psycopg.types.datetime import TimestamptzLoader


class CoreConfig(AppConfig):
    """What has no noun of the domain."""

    name = "apps.core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Read the database's times quickly."""
        connection_created.connect(_read_times_quickly, dispatch_uid="core.times")


class TimeLoader(TimestamptzLoader):
    """Times in UTC by Python's own compiled reader; Django's derives from one that takes them apart by a pattern."""

    timezone = UTC  # Django asks a loader for its zone

    def load(self, data: Any) -> datetime:
        """The time that PostgreSQL wrote. Raises DataError where a datetime cannot hold it."""
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data).replace(tzinfo=self.timezone)


def _read_times_quickly(connection: Any, **_kwargs: Any) -> None:
    if connection.timezone is UTC:
        connection.connection.adapters.register_loader("timestamptz", TimeLoader)
