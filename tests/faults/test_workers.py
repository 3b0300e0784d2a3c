"""A worker's processes: one that grew large does not stay."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config.celery import app
from config.timetable import IMPORTS
from tests.servers import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE_SECONDS = 60
TASK = "apps.integrations.tasks.run_exports"


@contextmanager
def worker(name: str, **variables: str) -> Iterator[None]:
    """A worker of the queue of imports with one process."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--hostname", name, "--queues", IMPORTS]
    process = subprocess.Popen([*command, "--concurrency", "1"], cwd=ROOT, env={**os.environ, **variables})
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def stats(name: str) -> dict[str, Any]:
    """What the worker says of itself, once it answers."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        found = app.control.inspect([name], timeout=2).stats()
        if found:
            return dict(found[name])
    raise AssertionError("the worker does not answer")


def processes_before_and_after_a_task(name: str) -> tuple[list[int], list[int]]:
    before = stats(name)["pool"]["processes"]
    app.tasks[TASK].apply_async(retry=False)
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        now = stats(name)
        after = now["pool"]["processes"]
        if now["total"].get(TASK) and (after != before or time.monotonic() > limit - PATIENCE_SECONDS + 10):
            return before, after
        assert time.monotonic() < limit


def test_a_process_that_needed_more_than_it_may_is_replaced_after_its_task() -> None:
    with worker("small@here", WORKER_MAX_MIB="1"):
        before, after = processes_before_and_after_a_task("small@here")
    assert before != after
    with worker("usual@here"):
        before, after = processes_before_and_after_a_task("usual@here")
    assert before == after, "else each task would start a process"
