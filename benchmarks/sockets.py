"""The same pages through gunicorn over a socket, with its two processes, as `dev.py up` runs it."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks import databases
from benchmarks.bench import Bench, MeasuredDatabase
from benchmarks.measuring import Figure, compare, measurement
from benchmarks.pages import LISTS
from devserver.guard import guarded

PROCESSES = 2
CALLERS = 4
READY_SECONDS = 60


@contextlib.contextmanager
def gunicorn(place: MeasuredDatabase) -> Iterator[int]:
    """A server on a free loopback port; its number."""
    with socket.socket() as listening, (databases.FOLDER / "gunicorn.log").open("wb") as log:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        port = int(listening.getsockname()[1])
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listening.fileno()}"]
        command += ["--workers", str(PROCESSES), "--no-control-socket"]
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
