"""Filling tables fast: by COPY over several connections, with constraints and indexes put back and checked after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import psycopg
from django.db import models
from psycopg import sql

CHUNK = 2_000
WORKERS = 2
SETTINGS = "-c maintenance_work_mem=512MB -c work_mem=256MB -c synchronous_commit=off -c client_min_messages=warning"

FOREIGN_KEYS = """
SELECT format('%I', r.relname), format('%I', c.conname), pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
WHERE c.connamespace = 'public'::regnamespace AND c.contype = 'f' AND r.relkind = 'r' ORDER BY 1, 2
"""
UNIQUE = FOREIGN_KEYS.replace("contype = 'f'", "contype IN ('p', 'u')")
INDEXES = """
SELECT format('%I', r.relname), format('%I', x.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
WHERE r.relnamespace = 'public'::regnamespace AND r.relkind = 'r'
    AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
ORDER BY 1, 2
"""


def connect(address: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection that commits each statement, with memory for sorts."""
    return psycopg.connect(address, autocommit=True, options=SETTINGS)


@dataclass(frozen=True)
class Definition:
    """A constraint or an index, as PostgreSQL writes it down."""

    table: str
    name: str
    text: str


@dataclass(frozen=True)
class Schema:
    """What is taken off while rows are loaded."""

    unique: list[Definition]
    indexes: list[Definition]
    foreign_keys: list[Definition]


def read_schema(connection: "psycopg.Connection[tuple[Any, ...]]", tables: set[str]) -> Schema:
    """Every foreign key, and the unique constraints and indexes of the tables."""

    def read(query: str) -> list[Definition]:
        return [Definition(*row) for row in connection.execute(query)]

    return Schema(
        unique=[each for each in read(UNIQUE) if each.table in tables],
        indexes=[each for each in read(INDEXES) if each.table in tables],
        foreign_keys=read(FOREIGN_KEYS),
    )


@contextmanager
def without_constraints(address: str, tables: set[str]) -> Iterator[None]:
    """Take constraints and indexes off inside the block; put them back after it, where PostgreSQL checks every row.

    psycopg's IntegrityError where a row breaks one. RuntimeError should anything not be as it was.
    """
    with connect(address) as connection:
        before = read_schema(connection, tables)
        for each in [*before.foreign_keys, *before.unique]:
            connection.execute(f"ALTER TABLE {each.table} DROP CONSTRAINT {each.name}")
        for each in before.indexes:
            connection.execute(f"DROP INDEX {each.name}")
        yield
        _in_parallel(
            address,
            [(each.table, f"ALTER TABLE {each.table} ADD CONSTRAINT {each.name} {each.text}") for each in before.unique]
            + [(each.table, each.text) for each in before.indexes],
        )
        for each in before.foreign_keys:
            connection.execute(f"ALTER TABLE {each.table} ADD CONSTRAINT {each.name} {each.text} NOT VALID")
        _in_parallel(
            address,
            [(each.table, f"ALTER TABLE {each.table} VALIDATE CONSTRAINT {each.name}") for each in before.foreign_keys],
        )
        if read_schema(connection, tables) != before:
            raise RuntimeError("The constraints are not as they were.")


def _in_parallel(address: str, statements: list[tuple[str, str]]) -> None:
    """Run the statements, those of one table one after the other, WORKERS tables at a time."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for table, statement in statements:
        by_table[table].append(statement)

    def work(of_table: list[str]) -> None:
        with connect(address) as connection:
            for statement in of_table:
                connection.execute(statement)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, by_table.values()))


class Writer:
    """COPY into one model's table over a connection of its own.

    `columns` are given row by row, as COPY's text format has them; the model's other columns get their default. So a
    column that is added later needs no change here unless its rows should say something.
    """

    def __init__(self, address: str, model: type[models.Model], columns: str, *, at: str) -> None:
        names = columns.split()
        rest: dict[str, Any] = {
            str(field.column): field
            for field in model._meta.concrete_fields
            if field.column not in names and not getattr(field, "generated", False)
        }
        values = [at if getattr(field, "auto_now", False) else text(field.get_default()) for field in rest.values()]
        self.ending = "".join(f"\t{value}" for value in values) + "\n"
        listed = sql.SQL(", ").join([sql.Identifier(name) for name in [*names, *rest]])
        self.statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), listed)
        self.connection = connect(address)
        self.copying = self.connection.cursor().copy(self.statement)
        self.copy = self.copying.__enter__()
        self.lines: list[str] = []
        self.count = 0

    def add(self, line: str) -> None:
        """One row: its columns with tabs between them."""
        self.lines.append(line)
        if len(self.lines) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what is gathered."""
        if self.lines:
            self.copy.write(self.ending.join(self.lines) + self.ending)
            self.count += len(self.lines)
            self.lines.clear()

    def close(self) -> None:
        """Send the rest and end the COPY. psycopg's Error where a row does not fit the table."""
        self.flush()
        self.copying.__exit__(None, None, None)
        self.connection.close()


def text(value: Any) -> str:
    """A column's default in COPY's text format (PostgreSQL manual, COPY, "Text Format")."""
    match value:
        case None:
            return r"\N"
        case bool():
            return "t" if value else "f"
        case dict() | list() | tuple():
            return array(map(str, value))
    return str(value.value if isinstance(value, Enum) else value)


def array(values: Iterable[str]) -> str:
    """An array of plain words or ids."""
    return "{" + ",".join(values) + "}"


def run(address: str, statements: Sequence[str]) -> None:
    """Statements one after the other on one connection (temporary tables last as long as it)."""
    with connect(address) as connection:
        for statement in statements:
            connection.execute(statement)
