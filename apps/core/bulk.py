"""Writing thousands of rows at once, by COPY: several times faster than statements with a parameter a value.

https://www.postgresql.org/docs/current/populate.html#POPULATE-COPY-FROM
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

MAINTAIN_SINCE = 170_000
"""The version since which a role may be let analyze tables that it does not own (apps/core/owner.py does)."""
AS_IT_STANDS = {
    models.BooleanField, models.CharField, models.DateField, models.DateTimeField, models.FloatField,
    models.IntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField, models.SmallIntegerField,
    models.BigIntegerField, models.TextField, models.URLField, models.UUIDField,
}  # fmt: skip


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model, whose ids are set. Constraints raise IntegrityError, as with save(); no signals.

    Values must be of the types their fields hold (a UUID for an id, an aware datetime for a moment), for most of them
    go out as they stand. A writer that is to do thousands of rows a second reads what it needs of a whole batch in a
    fixed number of queries, keeps ids instead of related instances, and calls this once a batch.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    table, columns = _quoted(model._meta.db_table), _columns(fields)
    with connection.cursor() as cursor:
        _copy(cursor, f"COPY {table} ({columns}) FROM STDIN", rows, fields)


def update_many(rows: Sequence[models.Model], names: Collection[str]) -> None:
    """Write these fields of rows of one model, in one UPDATE from a temporary table."""
    if not rows:
        return
    meta = type(rows[0])._meta
    changed: list[Any] = [meta.get_field(name) for name in names]
    fields = [meta.pk, *changed]
    table, columns = _quoted(meta.db_table), _columns(fields)
    sets = ", ".join(f"{_quoted(field.column)} = fresh.{_quoted(field.column)}" for field in changed)
    key = _columns([meta.pk])
    with connection.cursor() as cursor:
        select = f"SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608 - quoted names of columns
        cursor.execute(f"CREATE TEMP TABLE fresh ON COMMIT DROP AS {select}")
        _copy(cursor, f"COPY fresh ({columns}) FROM STDIN", rows, fields)
        where = f"{table}.{key} = fresh.{key}"
        cursor.execute(f"UPDATE {table} SET {sets} FROM fresh WHERE {where}")  # noqa: S608 - as above
        cursor.execute("DROP TABLE fresh")


def refresh_statistics(*kinds: type[models.Model]) -> None:
    """Tell the planner how large tables have become: it plans checks of keys by that. Waits for nobody.

    Before PostgreSQL 17 only a table's owner may, and the server's own autovacuum does it within a minute or so.
    """
    with connection.cursor() as cursor:
        if connection.connection.info.server_version < MAINTAIN_SINCE:
            return
        for model in kinds:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {_quoted(model._meta.db_table)}")


def _copy(cursor: Any, statement: str, rows: Iterable[models.Model], fields: Sequence[object]) -> None:
    database = connections[DEFAULT_DB_ALIAS]  # the connection itself: its proxy would look it up for every value
    readers = [_reader(field, database) for field in fields]
    with database.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([read(row) for read in readers])


def _reader(field: Any, database: Any) -> Callable[[models.Model], Any]:
    """How to read a field's value as COPY takes it: as it stands there, where Django would not change it."""
    kind = type(field.target_field) if isinstance(field, models.ForeignKey) else type(field)
    if kind in AS_IT_STANDS and not (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)):
        return attrgetter(field.attname)
    return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), database)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _columns(fields: Iterable[Any]) -> str:
    return ", ".join(_quoted(field.column) for field in fields)
