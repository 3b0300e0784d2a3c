"""An import's life: uploaded, looked at, confirmed, written, forgotten; and what happens when a worker dies."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, connections, transaction
from redis.exceptions import ConnectionError as RedisGone

from apps.activity.models import Event
from apps.goals.models import CheckIn, Goal
from apps.integrations import queries
from apps.integrations.models import ImportJob, ImportRow
from apps.integrations.queries.webhooks import subject_of
from apps.integrations.services import imports
from apps.integrations.services.imports import jobs, turns
from apps.integrations.services.imports.apply import STEPS, Application
from apps.integrations.tasks import run_imports
from apps.workspaces.models import Member, Team
from apps.workspaces.services import create_team
from tests.factories import GoalFactory, WebhookFactory
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
    assert preview["counts"]["goals"] == {"created": 4, "updated": 0, "unchanged": 0, "reported": 3}
    imports.confirm_import(job, by=adam, at=NOW)
    assert run_imports() == 1
    job.refresh_from_db()
    assert (job.state, bytes(job.content), Goal.objects.count()) == (State.DONE, b"", 4)
    assert (job.report, _lines(job)) == (preview, lines)
    assert Event.objects.get(verb="import.finished").data["counts"] == preview["counts"]
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
    with patch.object(Application, "run_batch", side_effect=OperationalError("connection lost")):
        for _time in range(4):  # the first one reads the file, which is something done
            with pytest.raises(OperationalError):
                imports.run_next_import(at=NOW)
    other = upload(adam)
    assert run_imports() == 2, "the one behind it is not held up"
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
    with patch.object(cache, "set", side_effect=lambda key, value, timeout: told.append(value)):
        imports.run_next_import(at=NOW)
    assert [each["done"] for each in told] == sorted(each["done"] for each in told)
    assert told[-1] == {"done": 37, "total": 37}
    cache.set(imports.progress_key(job.pk), {"done": 3, "total": 18}, timeout=60)
    assert queries.import_progress(job) == {"done": 3, "total": 18}
    job.refresh_from_db()
    job = imports.confirm_import(job, by=adam, at=NOW)
    assert queries.import_progress(job) == {"done": 0, "total": 37}


def test_a_plan_that_was_cancelled_meanwhile_says_nothing(adam: Member) -> None:
    job = upload(adam)
    with patch.object(turns, "_tell_progress", side_effect=lambda *_: ImportJob.objects.update(state=State.CANCELLED)):
        imports.run_next_import(at=NOW)
    assert Goal.objects.count() == 0
    assert not ImportRow.objects.filter(job=job, kind="goals", reason="left_out").exists()


def batches(job: ImportJob, count: int) -> None:
    """So many batches of an import."""
    for _batch in range(count):
        turns._work(job.pk, NOW)


def confirmed(by: Member, content: bytes | None = None) -> ImportJob:
    """An import that somebody said yes to."""
    job = upload(by, content)
    turns._turn(job.pk, NOW)
    job.refresh_from_db()
    return imports.confirm_import(job, by=by, at=NOW)


def test_an_import_cancelled_half_way_says_what_is_in(adam: Member) -> None:
    job = confirmed(adam)
    batches(job, list(STEPS).index("parents"))
    job = imports.cancel_import(job, by=adam, at=NOW)
    assert (job.state, Goal.objects.count(), CheckIn.objects.count()) == (State.CANCELLED, 4, 0)
    assert job.report["counts"]["goals"]["created"] == 4
    assert job.report["counts"]["check_ins"]["created"] == 0
    assert not job.records.exists()
    batches(job, 3)
    assert CheckIn.objects.count() == 0


def test_an_import_that_fails_half_way_says_what_is_in(adam: Member) -> None:
    job = confirmed(adam)
    batches(job, list(STEPS).index("parents"))
    Member.objects.filter(pk=adam.pk).update(role="member")
    run_imports()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "Only owners and admins can import.")
    assert job.report["counts"]["goals"]["created"] == Goal.objects.count() == 4


def test_batches_of_any_size_write_the_same(adam: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the lines, their order, and the counts."""
    whole = confirmed(adam)
    preview = whole.report
    for name, step in STEPS.items():
        monkeypatch.setitem(STEPS, name, replace(step, size=1))
    while imports.run_next_import(at=NOW):
        pass
    whole.refresh_from_db()
    assert (whole.state, whole.report) == (State.DONE, preview)
    again = confirmed(adam)
    assert all(each["created"] == each["updated"] == 0 for each in again.report["counts"].values())


def test_webhooks_hear_of_an_import_once_unless_they_want_each_row(adam: Member, lea: Member) -> None:
    verbs = ["goal.created", "team.created", "import.finished"]
    once = WebhookFactory(member=lea, workspace=lea.workspace, events=verbs)
    each = WebhookFactory(member=lea, workspace=lea.workspace, events=[*verbs, "import.rows"])
    job = confirmed(adam)
    run_imports()
    message = once.deliveries.get()
    assert message.type == "import.finished"
    told = subject_of(message)
    assert told is not None
    assert told["object"] == "import"
    assert "/api/v1/goals/?updated_since=" in told["url"]
    assert job.file_name not in str(told)
    assert sorted(each.deliveries.values_list("type", flat=True)).count("goal.created") == 4


def test_imports_work_without_redis(adam: Member) -> None:
    job = upload(adam)
    gone = RedisGone("away")
    with patch.object(cache, "set", side_effect=gone), patch.object(cache, "get", side_effect=gone):
        imports.run_next_import(at=NOW)
        assert queries.import_progress(job) == {}
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
    assert (job.state, job.attempts) == (State.READY, 0)


def _paused(step: str, work: Any, meanwhile: Any) -> None:
    """Do `meanwhile` while `work`, in another thread, stands in the middle of a batch of that step."""
    there, go_on = threading.Event(), threading.Event()
    real = Application.run_batch

    def slow(app: Any) -> int:
        name = app.job.step
        rows = real(app)
        if name == step and not there.is_set():
            there.set()
            assert go_on.wait(timeout=60)
        return rows

    def look() -> None:
        assert there.wait(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        try:
            meanwhile()
        finally:
            go_on.set()

    with patch.object(Application, "run_batch", slow):
        _in_threads(work, look)


@pytest.mark.django_db(transaction=True)
def test_a_plan_keeps_nobody_waiting(adam: Member) -> None:
    """It has been through the whole file, and every goal, person and team that is there can be changed."""
    confirmed(adam)
    run_imports()
    upload(adam, json.dumps(sample(goals=[goal("g/1", title="Other"), goal("new")])).encode())
    goals, people, teams = (list(model.objects.all()) for model in (Goal, Member, Team))

    def meanwhile() -> None:
        create_team({"name": "Meanwhile"}, by=adam, at=NOW)
        for row in (*goals, *people, *teams):
            row.save()

    _paused("assignments", run_imports, meanwhile)
    assert ImportJob.objects.latest("pk").state == State.READY


@pytest.mark.django_db(transaction=True)
def test_whoever_makes_the_same_key_as_a_plan_goes_first(adam: Member) -> None:
    job = upload(adam)

    def meanwhile() -> None:
        turns_begun.set()
        Goal.objects.create(workspace=adam.workspace, title="Mine", external_id="g/1")

    turns_begun = threading.Event()
    real = turns._somebody_waits

    def look() -> bool:
        deadline = 200
        while turns_begun.is_set() and not real() and Goal.objects.filter(title="Mine").count() == 0 and deadline:
            deadline -= 1
            time.sleep(0.05)
        return real()

    with patch.object(turns, "_somebody_waits", look):
        there = threading.Event()
        real_batch = Application.run_batch

        def slow(app: Any) -> int:
            name = app.job.step
            rows = real_batch(app)
            if name == "goals" and not there.is_set():
                there.set()
                assert turns_begun.wait(timeout=60)
            return rows

        def second() -> None:
            assert there.wait(timeout=60)
            meanwhile()

        with patch.object(Application, "run_batch", slow):
            _in_threads(run_imports, second)
    job.refresh_from_db()
    assert job.state == State.READY
    assert (job.report["counts"]["goals"]["created"], Goal.objects.count()) == (3, 1)


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_goals_lets_others_change_teams_people_and_other_goals(adam: Member, bob: Member) -> None:
    mine = GoalFactory(workspace=adam.workspace, owner=bob)
    confirmed(adam)

    def meanwhile() -> None:
        create_team({"name": "Meanwhile"}, by=adam, at=NOW)
        Member.objects.get(pk=bob.pk).save()
        mine.save()

    _paused("goals", run_imports, meanwhile)
    assert Goal.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_second_import_of_a_workspace_waits_as_a_row(adam: Member, eve: Member) -> None:
    """A worker that finds it at work takes another workspace's instead, and does not wait."""
    confirmed(adam)
    second = upload(adam)
    Member.objects.filter(pk=eve.pk).update(role="admin")
    eve.refresh_from_db()
    theirs = upload(eve)

    def meanwhile() -> None:
        assert run_imports() == 1
        theirs.refresh_from_db()
        second.refresh_from_db()
        assert (theirs.state, second.state, second.attempts) == (State.READY, State.CHECKING, 0)

    _paused("goals", run_imports, meanwhile)
    second.refresh_from_db()
    assert second.state == State.READY


SCRIPT = """
import sys, time
import django
django.setup()
from django.utils import timezone
from apps.integrations.services.imports import turns
real = turns.Application.run_batch
def slow(app):
    step = app.job.step
    rows = real(app)
    if step == sys.argv[1]:
        print("written", flush=True)
        time.sleep(120)
    return rows
turns.Application.run_batch = slow
turns.run_next_import(at=timezone.now())
"""


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["people", "goals", "assignments"])
def test_a_killed_worker_leaves_whole_batches_and_another_goes_on(adam: Member, step: str) -> None:
    job = confirmed(adam)
    preview = job.report
    command = [sys.executable, "-c", SCRIPT, step]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            assert worker.stdout.readline() == "written\n"
            assert not imports.run_next_import(at=NOW), "another worker has it"
        finally:
            worker.kill()
    job.refresh_from_db()
    assert job.step == step, "the batch at work is undone, those before it are not"
    assert Goal.objects.count() == (4 if step == "assignments" else 0)
    _until_free(job)
    assert run_imports() == 1
    job.refresh_from_db()
    assert (job.state, job.report) == (State.DONE, preview)
    assert Goal.objects.count() == preview["counts"]["goals"]["created"]
    assert CheckIn.objects.count() == preview["counts"]["check_ins"]["created"]
    assert Event.objects.filter(verb="goal.created").count() == Goal.objects.count()
    assert Event.objects.filter(verb="import.finished").count() == 1


def _until_free(job: ImportJob) -> None:
    """PostgreSQL lets the dead worker's lock go as soon as it notices; waiting for the lock is noticing it too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [job.pk.int & 0x7FFF_FFFF_FFFF_FFFF])
