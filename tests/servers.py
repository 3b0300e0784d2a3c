"""The servers of a test session: its own PostgreSQL and Valkey, from a migrated template that sessions share.

`DATABASE_URL`, `DATABASE_OWNER_URL` and `REDIS_URL` in the environment point the tests at real servers instead: the
owner makes and empties a database there, so it may create one. Where the tests run in several processes, each is a
session of its own with its own servers.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

from devserver.embedded import Embedded, locked

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "var" / "test-cache"
DATABASE = "test_counterpoise"
SESSION_PREFIX = "cpt-"
TEMPLATES_KEPT = 3
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "tests-only-key-that-guards-nothing-0123456789abcdefghijkl",
    "ENCRYPTION_KEYS": "b25seS1mb3ItdGVzdHMtZ3VhcmRzLW5vdGhpbmctMDA=",
    "DEBUG": "1",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "EMAIL_HOST": "localhost",
}
FOREIGN = (
    "DEMO",
    "SENTRY_DSN",
    "SECRET_KEY_FILE",
    "ENCRYPTION_KEYS_FILE",
    "BEHIND_PROXY",
    "MAIL_DIR",
    "REDIS_URL_FILE",
    "DATABASE_URL_FILE",
    "DATABASE_OWNER_URL_FILE",
)


class TestServers:
    """One session's folder and servers. Creating it only chooses the addresses; `start` runs the servers.

    Not `own`: the environment names real servers, and there is nothing to start.
    """

    __test__ = False

    def __init__(self, *, own: bool) -> None:
        self.own = own
        self.folder = Path(tempfile.mkdtemp(prefix=SESSION_PREFIX))
        let_pass(self.folder)
        (self.folder / "static").mkdir()
        self._held = ExitStack()
        self._held.enter_context(locked(self.folder / "lock", wait=False))
        self.servers = Embedded(self.folder / "data", database=DATABASE, durable=False, sockets=self.folder / "sockets")

    def start(self) -> None:
        """Copy the migrated template and run on the copy."""
        forget_dead_sessions()
        if not self.own:
            return
        data = self.folder / "data"
        data.mkdir()
        copy_template(data / "postgres")
        self.servers.start()

    def stop(self) -> None:
        """Stop the servers and leave nothing behind."""
        self.servers.stop()
        self._held.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def prepare_environment() -> TestServers:
    """Set the environment Django is set up from."""
    os.environ.update(ENVIRONMENT)
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    own = not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))
    session = TestServers(own=own)
    os.environ["COUNTERPOISE_VAR"] = str(session.folder)
    if own:
        os.environ["DATABASE_URL"] = session.servers.database_url
        os.environ["DATABASE_OWNER_URL"] = session.servers.owner_url
        os.environ["REDIS_URL"] = session.servers.redis_url
    return session


def forget_environment() -> None:
    """Leave the environment to the workers of a session as it was found: each prepares its own.

    pytest-django would otherwise set Django up from what it inherits before the worker's own preparation.
    """
    for name in (*ENVIRONMENT, "COUNTERPOISE_VAR", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)


def let_pass(folder: Path) -> None:
    """Let other users pass through a temporary folder to what is theirs: PostgreSQL may have to run as another."""
    top = Path(tempfile.gettempdir())
    for path in (folder, *folder.parents):
        if path == top or top not in path.parents:
            break
        path.chmod(0o711)


def forget_dead_sessions() -> None:
    """Remove the folders of sessions that were killed: their lock is free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SESSION_PREFIX}*"):
        with suppress(OSError), locked(folder / "lock", wait=False):
            shutil.rmtree(folder, ignore_errors=True)


def migration_files() -> Iterator[Path]:
    """What decides the schema: our migrations, the settings, the roles and the versions of the packages."""
    yield from sorted((ROOT / "apps").glob("*/migrations/*.py"))
    names = (
        "config/settings.py",
        "requirements.lock",
        "devserver/embedded.py",
        "deploy/roles.sql",
        "apps/core/owner.py",
    )
    yield from (ROOT / name for name in names)


def template_key() -> str:
    """A short hash over everything that decides the migrated schema."""
    digest = hashlib.sha256()
    for path in migration_files():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def copy_template(target: Path) -> None:
    """Copy the cluster with the migrated database, made first if nobody made it yet. Sessions take turns."""
    template = CACHE / template_key()
    with locked(CACHE / "lock", wait=True):
        if not template.exists():
            forget_old_templates()
            make_template(template)
        os.utime(template)
        shutil.copytree(template / "postgres", target, symlinks=True)


def make_template(template: Path) -> None:
    """Migrate a new database in a cluster of its own. Raises CalledProcessError where a migration fails."""
    half = template.with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    servers = Embedded(half, database=DATABASE, durable=False)
    servers.start()
    addresses = {"DATABASE_URL": servers.database_url, "DATABASE_OWNER_URL": servers.owner_url}
    environment = {**os.environ, **addresses, "REDIS_URL": servers.redis_url}
    try:
        migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    finally:
        servers.durable = True  # a fast shutdown, so that the copies need no recovery
        servers.stop()
    half.rename(template)


def forget_old_templates() -> None:
    """Keep the templates used last, drop the rest."""
    found = [path for path in CACHE.iterdir() if path.is_dir()]
    for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[TEMPLATES_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
