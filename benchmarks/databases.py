"""The databases that are measured: each of one size, generated once, in a cluster of their own under var/bench.

`DATABASE_URL`, `DATABASE_OWNER_URL` and `REDIS_URL` in the environment point the benchmarks at real servers instead.
The owner then makes the databases there; what is measured works as the role of `DATABASE_URL`.
"""

import contextlib
import copy
import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg

from devserver.embedded import Embedded, locked

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from benchmarks.size import WorkspaceSize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("COUNTERPOISE_VAR", ROOT / "var")) / "bench"
PREFIX = "bench_"
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "benchmarks-only-key-that-guards-nothing-0123456789abcdefg",
    "ENCRYPTION_KEYS": "b25seS1mb3ItYmVuY2htYXJrcy1ndWFyZHMtbm9uZS0=",
    "DEBUG": "0",
    "DEMO": "0",
    "SITE_URL": "http://localhost",
    "ALLOWED_HOSTS": "localhost",
    "API_RATE": "100000000",
}
FOREIGN = (
    "SENTRY_DSN",
    "SECRET_KEY_FILE",
    "ENCRYPTION_KEYS_FILE",
    "BEHIND_PROXY",
    "MAIL_DIR",
    "REDIS_URL_FILE",
    "DATABASE_URL_FILE",
    "DATABASE_OWNER_URL_FILE",
)


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The servers, with the environment that Django is set up from. One run at a time: BlockingIOError for a second."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with locked(FOLDER / "lock", wait=False):
        servers = None
        if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
            servers = Embedded(FOLDER / "data", durable=False)
            servers.start()
            os.environ |= {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
            os.environ["DATABASE_OWNER_URL"] = servers.owner_url
        os.environ.update(ENVIRONMENT)
        os.environ["COUNTERPOISE_VAR"] = str(FOLDER)
        for name in FOREIGN:
            os.environ.pop(name, None)
        try:
            yield
        finally:
            if servers:
                servers.durable = True  # a fast shutdown, so that the next start needs no recovery
                servers.stop()


def anchor(today: date) -> date:
    """The Monday that the generated history runs up to: databases are made anew each week, to stay plausible."""
    return today - timedelta(days=today.weekday())


@functools.cache
def key() -> str:
    """A short hash over what decides the rows: migrations, generator and week, as they are when the run begins."""
    digest = hashlib.sha256(str(anchor(datetime.now(UTC).date())).encode())
    files = [*sorted((ROOT / "apps").glob("*/migrations/*.py")), *sorted(Path(__file__).parent.glob("generate*.py"))]
    for path in [*files, ROOT / "deploy" / "roles.sql", ROOT / "apps" / "core" / "owner.py"]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def address(name: str) -> str:
    """DATABASE_URL with another database."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def owner_address(name: str) -> str:
    """DATABASE_OWNER_URL with another database."""
    return urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path=f"/{name}").geturl()


def name_of(size: "WorkspaceSize") -> str:
    """What the database of this size is called."""
    return f"{PREFIX}{size.people}_{size.goals}_{size.check_ins}_{key()}"


def is_missing(size: "WorkspaceSize") -> bool:
    """Whether it has to be generated."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        return not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name_of(size)]).fetchone()


def ensure(size: "WorkspaceSize") -> str:
    """The name of a database of this size, generated if there is none. Those of another week or schema are dropped."""
    from benchmarks.generate import generate  # noqa: PLC0415 - needs Django, which is set up by now

    current, name = key(), name_of(size)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        found = {row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench%'")}
        for stale in found:
            if not stale.endswith(current):
                connection.execute(f'DROP DATABASE "{stale}" WITH (FORCE)')
        if name in found:
            return name
        empty = _migrated(connection, found, current)
        half = f"{name}_new_{current}"
        connection.execute(f'DROP DATABASE IF EXISTS "{half}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{half}" TEMPLATE "{empty}"')
        generate(owner_address(half), size, day=anchor(datetime.now(UTC).date()))
        connection.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
    return name


def _migrated(connection: "psycopg.Connection[tuple[object, ...]]", found: set[str], current: str) -> str:
    """A migrated database without rows, to copy from."""
    name = f"{PREFIX}empty_{current}"
    if name not in found:
        half = f"{PREFIX}migrating_{current}"
        connection.execute(f'DROP DATABASE IF EXISTS "{half}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{half}"')
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
        addresses = {"DATABASE_URL": address(half), "DATABASE_OWNER_URL": owner_address(half)}
        subprocess.run(command, cwd=ROOT, env={**os.environ, **addresses}, check=True)
        connection.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
    return name


_wrappers: dict[str, "BaseDatabaseWrapper"] = {}


@contextlib.contextmanager
def using(name: str) -> Iterator["BaseDatabaseWrapper"]:
    """Let Django work on this database inside the block. Its connection stays open for the next time."""
    from django.db import connections  # noqa: PLC0415 - needs settings

    earlier = connections["default"]
    if name not in _wrappers:
        settings = copy.deepcopy(earlier.settings_dict) | {"NAME": name}
        _wrappers[name] = type(earlier)(settings, "default")
    connections["default"] = _wrappers[name]
    try:
        yield _wrappers[name]
    finally:
        connections["default"] = earlier


def close() -> None:
    """Close the connections that `using` keeps."""
    for wrapper in _wrappers.values():
        wrapper.close()
    _wrappers.clear()
