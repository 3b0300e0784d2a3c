"""One run over some measurements, with Django set up."""

import hashlib
import logging
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

from django.conf import settings

from benchmarks import databases, digests, interface, jobs, pages, sockets
from benchmarks.bench import Bench
from benchmarks.measuring import MEASUREMENTS, Figure, Measurement, at_most
from benchmarks.size import WorkspaceSize
from config.gc_tuning import settle_garbage_collector

ALL_OF_THEM = (pages, interface, jobs, digests, sockets)
GENERATE = "generate"
MINUTES = 3


def names() -> list[str]:
    """What can be measured."""
    return [GENERATE, *MEASUREMENTS]


def measured(size: WorkspaceSize, wanted: Iterable[str], *, rounds: int) -> Iterator[Figure]:
    """The results of the wanted measurements, or of all."""
    wanted = set(wanted) or set(names())
    began = time.perf_counter()
    fresh = databases.is_missing(size)
    bench = Bench(size, rounds=rounds)
    bench.place  # noqa: B018 - generated here, where it is timed
    if GENERATE in wanted and fresh:
        seconds = time.perf_counter() - began
        what = "a new database: migrations, rows, constraints, indexes ÷ three minutes"
        yield Figure(GENERATE, what, "s", seconds, 60 * MINUTES, at_most(1))
    for name, function in sorted(MEASUREMENTS.items(), key=lambda pair: _place(pair[1])):
        if name in wanted:
            yield from function(bench)
    databases.close()


def _place(function: Measurement) -> int:
    """Where a measurement's module stands in ALL_OF_THEM."""
    return [module.__name__ for module in ALL_OF_THEM].index(function.__module__)


def prepare() -> None:
    """What a deployment does before it serves: static files are collected, what is loaded stays. Requests are logged,
    to a file.
    """
    settle_garbage_collector()
    folder = databases.FOLDER
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream((folder / "requests.log").open("w", encoding="utf-8"))
    digest = hashlib.sha256((databases.ROOT / "requirements.lock").read_bytes())
    for path in sorted(path for path in (databases.ROOT / "static").rglob("*") if path.is_file()):
        digest.update(str(path).encode() + path.read_bytes())
    stamp = folder / "static.stamp"
    if settings.DEBUG or (stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest()):
        return
    command = [sys.executable, str(databases.ROOT / "manage.py"), "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=databases.ROOT, check=True)
    stamp.write_text(digest.hexdigest(), encoding="ascii")
