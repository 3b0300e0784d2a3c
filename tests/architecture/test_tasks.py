"""Every task of Celery can run twice: the second run finds nothing left to do."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection

import config.celery
from config.timetable import HEARTBEAT, IMPORTS, JOBS, QUEUES, Job
from tests.servers import ROOT


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


def our_tasks() -> list[str]:
    config.celery.app.loader.import_default_modules()
    return sorted(name for name in config.celery.app.tasks if name.startswith("apps."))


@pytest.mark.parametrize("name", our_tasks())
def test_every_task_says_in_which_queue_it_waits(name: str) -> None:
    assert name in settings.CELERY_TASK_ROUTES, f"{name} has no line in config/timetable.py"
    queue = config.celery.app.amqp.router.route({}, name)["queue"]
    assert queue.name in QUEUES
    assert queue.routing_key == queue.name, "else its messages would reach the other queues too"


def test_what_takes_minutes_waits_in_a_queue_of_its_own() -> None:
    """An import in a slot of another queue would hold up mail or webhooks."""
    slow = {job.task.rpartition(".")[2] for job in JOBS if job.queue == IMPORTS and job.task != HEARTBEAT}
    assert slow == {"run_imports", "run_exports"}


def test_a_task_of_no_queue_is_refused() -> None:
    with pytest.raises(Exception, match="elsewhere"):
        config.celery.app.amqp.router.route({"queue": "elsewhere"}, "apps.goals.tasks.sweep_check_in_reminders")


def first_line_of(task: str) -> str:
    said = config.celery.app.tasks[task].__doc__ or ""
    return said.strip().splitlines()[0].rstrip(".")


def test_the_page_lists_every_job() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    listed = [line for line in page.splitlines() if line.startswith("| `apps.")]
    assert listed == [f"| `{job.task}` | `{job.queue}` | {job.seconds} s | {first_line_of(job.task)} |" for job in JOBS]


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_beat_calls_exists(name: str) -> None:
    config.celery.app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in config.celery.app.tasks


@pytest.mark.parametrize("job", JOBS, ids=[job.name for job in JOBS])
def test_a_second_run_changes_nothing(db: None, goal: Any, job: Job) -> None:
    config.celery.app.loader.import_default_modules()
    task = config.celery.app.tasks[job.task]
    task.apply(job.args, throw=True)
    before = _rows()
    task.apply(job.args, throw=True)
    assert _rows() == before
