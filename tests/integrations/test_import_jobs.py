"""An import's life: uploaded, looked at, confirmed, written, forgotten; and what happens when a worker dies."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, connections
from redis.exceptions import ConnectionError as RedisGone

from apps.activity.models import Event
from apps.goals.models import Goal
from apps.integrations import queries
from apps.integrations.models import ImportJob, ImportRow
from apps.integrations.services import imports
from apps.integrations.services.imports import jobs
from apps.integrations.tasks import run_imports
from apps.workspaces.models import Member
from tests.integrations.files import NOW, goal, neutral, sample

State = ImportJob.State
ROOT = Path(settings.BASE_DIR)


def upload(by: Member, content: bytes | None = None, name: str = "goals.json") -> ImportJob:
    """A job that waits for a worker."""
    return imports.create_import(content or json.dumps(sample()).encode(), file_name=name, by=by, at=NOW)


def _lines(job: ImportJob) -> list[Any]:
    return list(job.rows.values_list("kind", "key", "reason", "field", "value", "count"))


def test_an_import_is_looked_at_confirmed_and_written(adam: Member) -> None:
    job = upload(adam)
    assert imports.run_next_import(at=NOW)
    job.refresh_from_db()
    assert (job.state, Goal.objects.count()) == (State.READY, 0)
    preview, lines = job.report, _lines(job)
    assert preview["counts"]["goals"] == {"created": 4, "updated": 0, "unchanged": 0, "reported": 2}
    imports.confirm_import(job, by=adam, at=NOW)
    assert run_imports() == 1
    job.refresh_from_db()
    assert (job.state, bytes(job.content), Goal.objects.count()) == (State.DONE, b"", 4)
    assert (job.report, _lines(job)) == (preview, lines)
    assert Event.objects.get(verb="import.done").data["counts"] == preview["counts"]
    assert not imports.run_next_import(at=NOW)


def test_confirming_twice_imports_once(adam: Member) -> None:
    job = upload(adam)
    run_imports()
    for _time in range(2):
        imports.confirm_import(job, by=adam, at=NOW)
    assert run_imports() == 1
    imports.confirm_import(job, by=adam, at=NOW)
    assert run_imports() == 0


def test_nothing_can_be_confirmed_before_it_was_looked_at(adam: Member) -> None:
    with pytest.raises(ValidationError):
        imports.confirm_import(upload(adam), by=adam, at=NOW)


@pytest.mark.parametrize("name", ["bob", "gus"])
def test_create_import_refuses_who_is_no_admin(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        upload(request.getfixturevalue(name))


@pytest.mark.parametrize("service", [imports.confirm_import, imports.cancel_import])
def test_an_import_is_its_uploaders_alone(adam: Member, alice: Member, bob: Member, eve: Member, service: Any) -> None:
    job = upload(adam)
    run_imports()
    for other in (alice, bob, eve):
        with pytest.raises(PermissionDenied):
            service(job, by=other, at=NOW)


def test_who_is_no_admin_any_more_imports_nothing(adam: Member) -> None:
    job = upload(adam)
    run_imports()
    imports.confirm_import(job, by=adam, at=NOW)
    Member.objects.filter(pk=adam.pk).update(role="member")
    run_imports()
    job.refresh_from_db()
    assert (job.state, job.error, Goal.objects.count()) == (State.FAILED, "Only owners and admins can import.", 0)


@pytest.mark.parametrize("when", [State.CHECKING, State.READY, State.RUNNING])
def test_a_cancelled_import_forgets_its_file(adam: Member, when: State) -> None:
    job = upload(adam)
    if when != State.CHECKING:
        run_imports()
    if when == State.RUNNING:
        imports.confirm_import(job, by=adam, at=NOW)
    imports.cancel_import(job, by=adam, at=NOW)
    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (State.CANCELLED, b"")
    assert run_imports() == 0
    with pytest.raises(ValidationError):
        imports.cancel_import(job, by=adam, at=NOW)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'{"goals": [', "line 1"), (b"\x89PNG" + bytes(99), "not a text file"), (b'{"x": 1}', "none of people")],
)
def test_a_file_that_cannot_be_read_fails_with_its_reason(adam: Member, content: bytes, words: str) -> None:
    job = upload(adam, content)
    run_imports()
    job.refresh_from_db()
    assert (job.state, bytes(job.content)) == (State.FAILED, b"")
    assert words in job.error


def test_uploads_are_bounded(adam: Member, settings: Any) -> None:
    for _time in range(jobs.OPEN_MAX):
        upload(adam, b'{"goals": []}')
    with pytest.raises(ValidationError, match="Finish or cancel"):
        upload(adam)
    settings.IMPORT_MAX_BYTES = 5
    with pytest.raises(ValidationError, match="At most"):
        upload(adam)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\goals.csv", "goals.csv"),
        ("a\0b\n\u202e.json", "ab.json"),
        ("", "import"),
    ],
)
def test_file_names_lose_paths_and_signs(adam: Member, given: str, kept: str) -> None:
    assert upload(adam, name=given).file_name == kept


def test_a_job_that_breaks_off_is_tried_three_times_then_set_aside(adam: Member) -> None:
    job = upload(adam)
    with patch.object(jobs, "apply_file", side_effect=OperationalError("deadlock detected")):
        for _time in range(3):
            with pytest.raises(OperationalError):
                imports.run_next_import(at=NOW)
    other = upload(adam)
    assert imports.run_next_import(at=NOW), "the one behind it is not held up"
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.FAILED, 3)
    assert "3 times" in job.error
    other.refresh_from_db()
    assert other.state == State.READY


def test_what_the_database_refuses_is_an_answer_and_no_crash(adam: Member) -> None:
    job = upload(adam, neutral(cycles=[{"name": "\u0130"}, {"name": "i"}], goals=[goal()]))
    run_imports()
    job.refresh_from_db()
    assert job.state in {State.READY, State.FAILED}
    assert Goal.objects.count() == 0


def test_progress_is_told_and_heard(adam: Member) -> None:
    job = upload(adam)
    told: list[dict[str, int]] = []
    with (
        patch.object(jobs, "SAID_EVERY", -1),
        patch.object(cache, "set", side_effect=lambda key, value, timeout: told.append(value)),
    ):
        imports.run_next_import(at=NOW)
    assert [each["done"] for each in told] == sorted(each["done"] for each in told)
    assert told[-1] == {"done": 35, "total": 35}
    cache.set(imports.progress_key(job.pk), {"done": 3, "total": 18}, timeout=60)
    assert queries.import_progress(job.pk) == {"done": 3, "total": 18}


def test_an_import_at_work_can_be_cancelled(adam: Member) -> None:
    job = upload(adam)
    cache.set(f"import:{job.pk}:cancel", True, timeout=60)
    with patch.object(jobs, "SAID_EVERY", -1):
        imports.run_next_import(at=NOW)
    job.refresh_from_db()
    assert (job.state, Goal.objects.count()) == (State.CANCELLED, 0)


def test_imports_work_without_redis(adam: Member) -> None:
    job = upload(adam)
    gone = RedisGone("away")
    with (
        patch.object(jobs, "SAID_EVERY", -1),
        patch.object(cache, "set", side_effect=gone),
        patch.object(cache, "get", side_effect=gone),
    ):
        imports.run_next_import(at=NOW)
        assert queries.import_progress(job.pk) == {}
    job.refresh_from_db()
    assert job.state == State.READY


def test_reports_and_files_are_forgotten_after_a_week(adam: Member) -> None:
    done, waiting = upload(adam), upload(adam)
    run_imports()
    imports.confirm_import(done, by=adam, at=NOW)
    imports.run_next_import(at=NOW)
    ImportJob.objects.filter(pk=waiting.pk).update(updated_at=NOW)
    imports.forget_old_imports(at=NOW + timedelta(days=6))
    assert ImportRow.objects.filter(job=done).exists()
    imports.forget_old_imports(at=NOW + timedelta(days=8))
    waiting.refresh_from_db()
    assert not ImportRow.objects.filter(job=done).exists()
    assert (waiting.state, bytes(waiting.content)) == (State.CANCELLED, b"")


# ---- several workers, and dead ones ------------------------------------------------------------------------------


def _in_threads(*works: Any) -> None:
    failures: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_make_one_set_of_rows(adam: Member) -> None:
    upload(adam)
    upload(adam)
    ImportJob.objects.update(state=State.RUNNING)
    _in_threads(run_imports, run_imports)
    states = set(ImportJob.objects.values_list("state", flat=True))
    assert states == {State.DONE}
    created = sorted(job.report["counts"]["goals"]["created"] for job in ImportJob.objects.all())
    assert created == [0, 4]
    assert Goal.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_job_is_taken_by_one_worker(adam: Member) -> None:
    job = upload(adam)
    _in_threads(*[run_imports] * 6)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.READY, 1)


SCRIPT = """
import os, sys, time
import django
django.setup()
from django.utils import timezone
from apps.integrations.services.imports import jobs
real = jobs.apply_file
def slow(*args, **kwargs):
    real(*args, **kwargs)
    print("written", flush=True)
    time.sleep(120)
jobs.apply_file = slow
jobs.run_next_import(at=timezone.now())
"""


@pytest.fixture
def doomed_worker() -> Iterator[subprocess.Popen[str]]:
    """A worker that has written everything and not committed it."""
    database = connection.settings_dict
    environment = {**os.environ, "DATABASE_URL": os.environ["DATABASE_URL"]}
    assert database["NAME"] in environment["DATABASE_URL"]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.wait(timeout=10)
    if process.stdout:
        process.stdout.close()


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_and_another_takes_the_job(adam: Member, request: pytest.FixtureRequest) -> None:
    job = upload(adam)
    ImportJob.objects.update(state=State.RUNNING)
    worker = request.getfixturevalue("doomed_worker")
    assert worker.stdout.readline() == "written\n"
    assert Goal.objects.count() == 0
    assert not imports.run_next_import(at=NOW), "another worker has it"
    worker.kill()
    worker.wait(timeout=10)
    _until_free(job)
    assert run_imports() == 1
    job.refresh_from_db()
    assert (job.state, job.attempts, Goal.objects.count()) == (State.DONE, 2, 4)


def _until_free(job: ImportJob) -> None:
    """PostgreSQL lets the dead worker's lock go as soon as it notices; waiting for the row is noticing it too."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20s'")
        cursor.execute("UPDATE integrations_importjob SET file_name = file_name WHERE id = %s", [job.pk])
        cursor.execute("SET lock_timeout = 0")
