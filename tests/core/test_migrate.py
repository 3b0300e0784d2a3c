"""`migrate` does not wait long for a table that is in use, tries again, and clears away what an earlier one left."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate as django_migrate
from django.db import OperationalError, connection, migrations
from psycopg.errors import QueryCanceled

from apps.core.management.commands import migrate
from apps.core.owner import as_owner

Rows = psycopg.Connection[Any]
Waits = list[float]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """The waits it would have made."""
    found: Waits = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@pytest.fixture
def trial(owner: Rows, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    """A table which Django's own migrate is to change."""
    owner.execute("CREATE TABLE trial_live (id int)")
    callback = migrate.Command.migration_progress_callback

    def handle(command: migrate.Command, *_args: object, **_options: object) -> None:
        command.verbosity = 0
        callback(command, "apply_start", migrations.Migration("0999_next", "core"))
        connection.cursor().execute("ALTER TABLE trial_live ADD COLUMN word text")

    monkeypatch.setattr(django_migrate.Command, "handle", handle)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_MS", 50)
    yield owner
    owner.execute("DROP TABLE trial_live")


@contextmanager
def in_use(owner: Rows) -> Iterator[None]:
    with owner.transaction():
        owner.execute("LOCK TABLE trial_live IN ACCESS SHARE MODE")
        yield


def run() -> str:
    said = StringIO()
    call_command("migrate", verbosity=0, stderr=said, skip_checks=True)
    return said.getvalue()


def columns(owner: Rows) -> int:
    return len(owner.execute("SELECT * FROM trial_live").description or [])


def test_a_table_in_use_is_asked_for_again(trial: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: Waits = []
    with ExitStack() as reader:
        reader.enter_context(in_use(trial))

        def wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                reader.close()

        monkeypatch.setattr(time, "sleep", wait)
        said = run()
    assert said.splitlines() == ["A table is in use; trying again in 1 s.", "A table is in use; trying again in 2 s."]
    assert waits == [1, 2]
    assert columns(trial) == 2


def test_it_gives_up_in_words_after_some_tries(trial: Rows, waits: Waits) -> None:
    with in_use(trial), pytest.raises(CommandError, match="A table is in use, and stays so"):
        run()
    assert waits == [1, 2, 5, 10, 20, 40]
    assert columns(trial) == 1


def test_another_fault_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, waits: Waits, transactional_db: None
) -> None:
    def handle(_self: object, *_args: object, **_options: object) -> None:
        raise OperationalError("no") from QueryCanceled()

    monkeypatch.setattr(django_migrate.Command, "handle", handle)
    with pytest.raises(OperationalError):
        run()
    assert waits == []


def test_two_at_once_go_one_after_the_other(trial: Rows, waits: Waits) -> None:
    trial.execute("SELECT pg_advisory_lock(%s)", [migrate.ONE_AT_A_TIME])
    with pytest.raises(CommandError, match="Another migrate is at work, and stays so"):
        run()
    assert columns(trial) == 1
    trial.execute("SELECT pg_advisory_unlock(%s)", [migrate.ONE_AT_A_TIME])
    assert run() == ""
    assert columns(trial) == 2


def test_what_an_interrupted_index_left_is_cleared_away(trial: Rows) -> None:
    trial.execute("INSERT INTO trial_live VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        trial.execute("CREATE UNIQUE INDEX CONCURRENTLY trial_once ON trial_live (id)")
    trial.execute("CREATE INDEX trial_whole ON trial_live (id)")
    left = "SELECT relname FROM pg_class WHERE relname IN ('trial_once', 'trial_whole') ORDER BY 1"
    assert trial.execute(left).fetchall() == [("trial_once",), ("trial_whole",)]
    run()
    assert trial.execute(left).fetchall() == [("trial_whole",)]


@pytest.mark.parametrize(("atomic", "timeout"), [(True, "2s"), (False, "0")])
def test_each_migration_has_its_lock_timeout(atomic: bool, timeout: str, transactional_db: None) -> None:
    command = migrate.Command(stdout=StringIO())
    command.verbosity = 0
    migration = type("Migration", (migrations.Migration,), {"atomic": atomic})("0999_next", "core")
    with as_owner() as owner:
        command.migration_progress_callback("apply_start", migration)
        with owner.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == (timeout,)
