"""The database's clock, which all processes share: machines disagree about the time, and that must cost nothing."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Value
from django.db.models.functions import Least, Now


def database_now() -> datetime:
    """The moment by the database's clock. Jobs ask once and pass it on as `at`, so that all leases and due times that
    they write or compare are of one clock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def due_at_once(at: datetime) -> Least:
    """For a due time of a row that is to be taken up now: `at`, and no later than now by the database's clock.

    `at` comes from the clock of whoever asked; one that runs fast would let the row wait until the others catch up.
    """
    return Least(Value(at, output_field=DateTimeField()), Now())
