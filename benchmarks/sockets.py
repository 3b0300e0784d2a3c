"""The same pages through gunicorn over a socket, with its two processes, as `dev.py up` runs it."""

import contextlib
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from benchmarks import databases
from benchmarks.bench import Bench, MeasuredDatabase
from benchmarks.measuring import Figure, at_least, at_most, compare, measurement
from benchmarks.pages import LISTS
from devserver.guard import guarded

PROCESSES = 2
CALLERS = 4
READY_SECONDS = 60


@contextlib.contextmanager
def gunicorn(place: MeasuredDatabase, *more: str) -> Iterator[int]:
    """A server on a free loopback port; its number. `more` are options in the place of those of config/server.py."""
    with socket.socket() as listening, (databases.FOLDER / "gunicorn.log").open("ab") as log:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        port = int(listening.getsockname()[1])
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listening.fileno()}"]
        command += ["--workers", str(PROCESSES), "--config", "python:config.server", *more]
        process = guarded(
            command,
            at_death=signal.SIGQUIT,
            cwd=databases.ROOT,
            env={**os.environ, "DATABASE_URL": databases.address(place.name), "DATABASE_OWNER_URL": ""},
            log=log.fileno(),
            keep=(listening.fileno(),),
        )
        try:
            wait(port)
            yield port
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def wait(port: int) -> None:
    """Until it answers. TimeoutError where it never does."""
    limit = time.monotonic() + READY_SECONDS
    while time.monotonic() < limit:
        with contextlib.suppress(OSError, RuntimeError, http.client.HTTPException):
            ask(port, "/health/live", "")
            return
        time.sleep(0.2)
    raise TimeoutError("gunicorn does not answer.")


def ask(port: int, address: str, cookie: str) -> None:
    """One GET. RuntimeError for anything but 200."""
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    try:
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{address} answered {answer.status}")


@measurement
def served(bench: Bench) -> Iterator[Figure]:
    """Four callers at once through the server, beside one after the other without it."""
    with bench.at(bench.place) as place, gunicorn(place) as port, ThreadPoolExecutor(CALLERS) as pool:
        cookie = place.reader.headers["HTTP_COOKIE"]
        for name, address in {"hello": "/health/live", "goal_table": LISTS["goal_table"]}.items():

            def together(address: str = address) -> None:
                list(pool.map(lambda _call: ask(port, address, cookie), range(CALLERS)))

            def alone(address: str = address) -> None:
                place.reader.get(address)

            ours, limit = compare(together, alone, rounds=bench.rounds)
            what = f"gunicorn, {PROCESSES} processes, {CALLERS} callers ÷ the handler alone in one process"
            yield Figure(f"{name}_served", what, "requests/s", CALLERS / ours, 1 / limit)


SYNC = ("--worker-class", "sync", "--threads", "1")
PATIENCE_SECONDS = 30


@measurement
def beside_slow(bench: Bench) -> Iterator[Figure]:
    """What somebody waits for a page while as many requests as there are processes wait for a lock; and what that
    costs while nobody does.
    """
    with (
        bench.at(bench.place) as place,
        gunicorn(place) as ours,
        gunicorn(place, *SYNC) as one_a_process,
        ThreadPoolExecutor(CALLERS) as pool,
    ):
        cookie, address = place.reader.headers["HTTP_COOKIE"], LISTS["goal_table"]
        times: dict[int, list[float]] = {ours: [], one_a_process: []}
        for turn in range(bench.rounds):
            for port in (ours, one_a_process) if turn % 2 else (one_a_process, ours):
                with shut_out(place, port, pool):
                    began = time.perf_counter()
                    ask(port, address, cookie)
                    times[port].append(time.perf_counter() - began)
        threads, alone = statistics.median(times[ours]), statistics.median(times[one_a_process])
        what = f"the goal table while {PROCESSES} requests wait for a lock, with threads ÷ with one request a process"
        yield Figure("beside_slow", what, "s", threads, alone, at_most(0.1))

        def together(port: int) -> None:
            list(pool.map(lambda _call: ask(port, address, cookie), range(CALLERS)))

        threads, alone = compare(lambda: together(ours), lambda: together(one_a_process), rounds=bench.rounds)
        what = f"the goal table for {CALLERS} callers, none of them slow, with threads ÷ with one request a process"
        yield Figure("beside_nothing_slow", what, "requests/s", CALLERS / threads, CALLERS / alone, at_least(0.9))


@contextlib.contextmanager
def shut_out(place: MeasuredDatabase, port: int, pool: ThreadPoolExecutor) -> Iterator[None]:
    """As many changes of one goal as there are processes wait until the block ends, or for as long as they may."""
    [goal] = place.goals(1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM goals_goal WHERE id = %s FOR UPDATE", [goal])
        waiting = [pool.submit(change, place, port, goal) for _process in range(PROCESSES)]
        limit = time.monotonic() + PATIENCE_SECONDS
        while count_of_waiting(cursor) < PROCESSES:
            if time.monotonic() > limit:
                raise TimeoutError("the slow requests do not wait")
            time.sleep(0.01)
        yield
    for each in waiting:
        each.result()


def count_of_waiting(cursor: CursorWrapper) -> int:
    """How many of all who use the server wait for a lock."""
    cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    return int(cursor.fetchone()[0])


def change(place: MeasuredDatabase, port: int, goal: str) -> None:
    """Change a goal over the API; whether it comes to that does not matter."""
    connected = http.client.HTTPConnection("localhost", port, timeout=60)
    headers = {"Authorization": place.program.headers["HTTP_AUTHORIZATION"], "Content-Type": "application/json"}
    try:
        connected.request("PATCH", f"/api/v1/goals/{goal}/", b'{"importance": 3}', headers)
        connected.getresponse().read()
    finally:
        connected.close()
