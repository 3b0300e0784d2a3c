"""Every task of Celery can run twice: the second run finds nothing left to do."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection

import config.celery


def _rows() -> dict[str, Any]:
    """A fingerprint of every table of ours."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.split("_")[0] in APPS]
        found = {}
        for table in sorted(tables):
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM \"{table}\" t")  # noqa: S608 - our own
            found[table] = cursor.fetchone()
    return found


APPS = {"activity", "core", "goals", "integrations", "notifications", "responsibilities", "workspaces"}


def test_tasks_are_found() -> None:
    config.celery.app.loader.import_default_modules()
    assert {name for name in config.celery.app.tasks if name.startswith("apps.")}


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_beat_calls_exists(name: str) -> None:
    config.celery.app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in config.celery.app.tasks


@pytest.mark.parametrize("name", sorted(str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()))
def test_a_second_run_changes_nothing(db: None, goal: Any, name: str) -> None:
    config.celery.app.loader.import_default_modules()
    task = config.celery.app.tasks[name]
    task.apply(throw=True)
    before = _rows()
    task.apply(throw=True)
    assert _rows() == before
