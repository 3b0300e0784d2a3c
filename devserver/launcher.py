"""`dev.py up`: everything the product needs, started, watched and stopped together.

Standard library only: whatever needs Django is a management command that runs as a child.
"""

import base64
import contextlib
import dataclasses
import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from devserver.embedded import Embedded, EmbeddedError, locked
from devserver.guard import guarded
from devserver.logs import rotate, tail
from devserver.services import AT_DEATH, service_commands

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("COUNTERPOISE_VAR", ROOT / "var"))
RUN = VAR / "run.json"
PORT = 8000
LOOK_SECONDS = 0.3
READY_SECONDS = 60
STOP_SECONDS = 10
DEATHS_ALLOWED = 5
DEATHS_WITHIN_SECONDS = 60
SECRET_KEY_FILE = VAR / "secret-key"
# What a command that joins a running product finds in run.json.
IN_RUN = {
    "DATABASE_URL": "database_url",
    "DATABASE_OWNER_URL": "database_owner_url",
    "REDIS_URL": "redis_url",
    "SITE_URL": "url",
    "MAIL_DIR": "mail_dir",
}
KEPT_BACK = ("PYTHONDONTWRITEBYTECODE", "DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE")
ENCRYPTION_KEY_FILE = VAR / "encryption-key"


class LaunchError(RuntimeError):
    """The product cannot run; the message says why and what to do."""


def say(text: str) -> None:
    """Print a line for the person at the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def secret_key() -> str:
    """This checkout's secret key."""
    return kept_once(SECRET_KEY_FILE, secrets.token_urlsafe(64))


def encryption_key() -> str:
    """This checkout's key for secrets at rest: 32 bytes in URL-safe base64, as Fernet wants it."""
    return kept_once(ENCRYPTION_KEY_FILE, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def kept_once(path: Path, text: str) -> str:
    """What stands in the file: the text, where there was no such file. Only its owner can read it."""
    VAR.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as opened:
            opened.write(text)
    return path.read_text(encoding="ascii").strip()


def listen(port: int) -> socket.socket:
    """A socket listening on the loopback port; on another one where that is taken (0 takes any)."""
    for wanted in (port, 0):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wanted))
            listening.listen(128)
        except OSError:
            listening.close()
        else:
            return listening
    raise LaunchError("No loopback port is free.")


@dataclasses.dataclass
class Child:
    """A program under watch: how to start it, and its recent deaths."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]
    deaths: list[float] = dataclasses.field(default_factory=list)
    start_at: float = 0

    def look(self) -> bool:
        """Start it again if it died, later after each death. True if it was started; LaunchError if it keeps dying."""
        if self.process.poll() is None:
            return False
        now = time.monotonic()
        if not self.start_at:
            self.deaths = [death for death in self.deaths if now - death < DEATHS_WITHIN_SECONDS] + [now]
            if len(self.deaths) > DEATHS_ALLOWED:
                raise LaunchError(f"{self.name} keeps ending:\n{tail(log_path(self.name))}")
            self.start_at = now + 2 ** (len(self.deaths) - 2)
            say(f"{self.name} ended with code {self.process.returncode}; starting it again.")
        if now < self.start_at:
            return False
        self.start_at = 0
        self.process = self.start()
        return True


def log_path(name: str) -> Path:
    """Where a child writes."""
    folder = VAR / "data" if name in {"postgres", "valkey"} else VAR / "log"
    return folder / f"{name}.log"


class Product:
    """One running product: servers, web, worker, beat and mail."""

    def __init__(self, *, port: int | None, reset: bool, debug: bool) -> None:
        self.wanted_port = PORT if port is None else port
        self.reset = reset
        self.debug = debug
        self.children: list[Child] = []
        self.stopping = False
        self.servers: Embedded | None = None
        self.own_database = not os.environ.get("DATABASE_URL")
        self.own_redis = not os.environ.get("REDIS_URL")

    def run(self) -> None:
        """Start everything, watch it until a signal comes, stop everything. Raises LaunchError or EmbeddedError."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._ask_to_stop)
        try:
            self._prepare()
            self._start()
            while not self.stopping:
                time.sleep(LOOK_SECONDS)
                started = [child.look() for child in self.children]
                for child in self.children:
                    rotate(log_path(child.name), in_use=True)
                if any(started):
                    self._write_run()
        finally:
            self._stop()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self.stopping:
            say("\nStopping ...")
        self.stopping = True

    def _prepare(self) -> None:
        """Everything before the first service: ports, servers, schema, static files, the demo."""
        RUN.unlink(missing_ok=True)
        if self.reset:
            self._forget_data()
        self.web = listen(self.wanted_port)
        self.smtp = listen(0)
        self.servers = Embedded(VAR / "data")
        self.servers.start(postgres=self.own_database, valkey=self.own_redis)
        self.environment = environment(self._overrides())
        for name, process in self.servers.processes.items():
            self.children.append(Child(name, self._server_start(name), process))
        say("Preparing the database ...")
        with self._collecting_static():
            self._finish(self._begin("migrate", "--verbosity", "0", more={"DATABASE_OWNER_URL": self.owner_url}))
            self.manage("load_demo", "--if-missing")

    def _forget_data(self) -> None:
        if not self.own_database:
            raise LaunchError("--reset empties the embedded database only; DATABASE_URL points at another one.")
        for name in ("data", "mail", "media"):
            shutil.rmtree(VAR / name, ignore_errors=True)
        for path in VAR.glob("celerybeat-schedule*"):
            path.unlink()

    def _overrides(self) -> dict[str, str]:
        assert self.servers is not None  # noqa: S101 - for the type checker: _prepare made them
        return {
            "DATABASE_URL": os.environ.get("DATABASE_URL") or self.servers.database_url,
            "REDIS_URL": os.environ.get("REDIS_URL") or self.servers.redis_url,
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "CSRF_TRUSTED_ORIGINS": f"{self.url},http://127.0.0.1:{self.port}",
            "DEMO": "1",
            "DEBUG": "1" if self.debug else "0",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.smtp.getsockname()[1]),
            "MAIL_DIR": str(VAR / "mail"),
        }

    @property
    def owner_url(self) -> str:
        """The address by which the database is migrated; no service gets it. Empty where none was given."""
        given = os.environ.get("DATABASE_OWNER_URL", "")
        return self.servers.owner_url if self.own_database and self.servers else given

    @property
    def port(self) -> int:
        """The port the web server listens on."""
        return int(self.web.getsockname()[1])

    @property
    def url(self) -> str:
        """Where to go."""
        return f"http://localhost:{self.port}"

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end, return what it prints. LaunchError with its last words if it fails."""
        return self._finish(self._begin(*arguments))

    def _begin(self, *arguments: str, more: dict[str, str] | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        variables = {**self.environment, **(more or {})}
        return subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _finish(self, process: subprocess.Popen[str]) -> str:
        printed, errors = process.communicate()
        if self.stopping:
            raise KeyboardInterrupt
        if process.returncode != 0:
            raise LaunchError(f"This failed: {process.args!r}\n{errors[-4000:]}")
        return printed

    @contextlib.contextmanager
    def _collecting_static(self) -> Iterator[None]:
        """Collect the static files, while the body runs, when they or the packages changed: it takes seconds."""
        digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
        for path in sorted(path for path in (ROOT / "static").rglob("*") if path.is_file()):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
        stamp = VAR / "static.stamp"
        if self.debug or (stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest()):
            yield
            return
        say("Collecting static files ...")
        collecting = self._begin("collectstatic", "--no-input", "--verbosity", "0")
        try:
            yield
            self._finish(collecting)
        finally:
            with collecting:
                collecting.kill()
        stamp.write_text(digest.hexdigest(), encoding="ascii")

    def _server_start(self, name: str) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            assert self.servers is not None  # noqa: S101 - for the type checker: _prepare made them
            {"postgres": self.servers.start_postgres, "valkey": self.servers.start_valkey}[name]()
            return self.servers.processes[name]

        return start

    def _start(self) -> None:
        """Start the services, wait for the web server's answer, tell where to go."""
        commands = service_commands(
            web=self.web.fileno(), smtp=self.smtp.fileno(), mails=VAR / "mail", reload=self.debug
        )
        for name, (command, keep) in commands.items():
            start = self._service_start(name, command, keep)
            self.children.append(Child(name, start, start()))
        self._wait_for_web()
        self._write_run()
        self._tell()

    def _service_start(
        self, name: str, command: list[str], keep: tuple[int, ...]
    ) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            path = log_path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            at_death = AT_DEATH[name]
            with path.open("ab") as log:
                return guarded(command, at_death=at_death, cwd=ROOT, env=self.environment, log=log.fileno(), keep=keep)

        return start

    def _wait_for_web(self) -> None:
        limit = time.monotonic() + READY_SECONDS
        while not self.stopping:
            with (
                contextlib.suppress(OSError, http.client.HTTPException),
                contextlib.closing(http.client.HTTPConnection("localhost", self.port, timeout=10)) as connection,
            ):
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == http.client.OK:
                    return
            if time.monotonic() > limit:
                raise LaunchError(f"The web server does not answer:\n{tail(log_path('web'))}")
            time.sleep(LOOK_SECONDS)

    def _write_run(self) -> None:
        """Tell scripts what runs, in one step."""
        if not hasattr(self, "accounts"):
            self.accounts = json.loads(self.manage("demo_accounts", "--json"))
        run = {
            "url": self.url,
            "pids": {"dev": os.getpid(), **{child.name: child.process.pid for child in self.children}},
            "database_url": self.environment["DATABASE_URL"],
            "database_owner_url": self.owner_url,
            "redis_url": self.environment["REDIS_URL"],
            "mail_dir": self.environment["MAIL_DIR"],
            "accounts": self.accounts,
        }
        half = RUN.with_suffix(".part")
        half.touch(mode=0o600)
        half.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
        half.replace(RUN)

    def _tell(self) -> None:
        if self.port != self.wanted_port and self.wanted_port:
            say(f"Port {self.wanted_port} is taken, so this is on {self.port}.")
        say(f"\n  Counterpoise runs at {self.url}\n")
        for account in self.accounts:
            say("    {email:<30} {role:<8} {workspace}".format(**account))
        passwords = sorted({account["password"] for account in self.accounts})
        say(f"\n  Password for all: {', '.join(passwords)}")
        say(f"  Mails:  {self.url}/dev/mail/\n  Logs:   {VAR / 'log'}\n  Stop:   Ctrl-C\n")

    def _stop(self) -> None:
        """Stop the services, then the servers they use; end by force what does not stop in time."""
        RUN.unlink(missing_ok=True)
        services = [child.process for child in self.children if child.name not in {"postgres", "valkey"}]
        for process in services:
            if process.poll() is None:
                process.terminate()
        limit = time.monotonic() + STOP_SECONDS
        for process in services:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, limit - time.monotonic()))
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self.servers:
            self.servers.stop()


def environment(overrides: dict[str, str]) -> dict[str, str]:
    """The environment of our processes: ours, this checkout's keys, and those given, without the owner's address."""
    kept = {name: value for name, value in os.environ.items() if name not in KEPT_BACK}
    own = {"SECRET_KEY": secret_key(), "ENCRYPTION_KEYS": encryption_key(), "COUNTERPOISE_VAR": str(VAR)}
    return {**own, **kept, **overrides}


@contextlib.contextmanager
def running_or_started() -> Iterator[dict[str, str]]:
    """The environment for one command: of the product that runs, else of servers that run as long as it does."""
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    if "DATABASE_URL" not in given:
        given.pop("DATABASE_OWNER_URL", None)
    try:
        with locked(VAR / "up.lock", wait=False):
            servers = Embedded(VAR / "data")
            servers.start(postgres="DATABASE_URL" not in given, valkey="REDIS_URL" not in given)
            try:
                own = {"REDIS_URL": servers.redis_url}
                if "DATABASE_URL" not in given:
                    own |= {"DATABASE_URL": servers.database_url, "DATABASE_OWNER_URL": servers.owner_url}
                yield environment({"DEMO": "1", **own, **given})
            finally:
                servers.stop()
    except BlockingIOError:
        if not RUN.exists():
            raise LaunchError("Counterpoise is just starting or stopping here; try again in a moment.") from None
        run = json.loads(RUN.read_text(encoding="utf-8"))
        yield environment({"DEMO": "1", **{name: run[key] for name, key in IN_RUN.items()}})


def up(*, port: int | None, reset: bool, debug: bool) -> int:
    """Run the product until it is stopped. Returns the exit code."""
    try:
        with locked(VAR / "up.lock", wait=False):
            Product(port=port, reset=reset, debug=debug).run()
    except BlockingIOError:
        where = json.loads(RUN.read_text(encoding="utf-8"))["url"] if RUN.exists() else "and is just starting"
        say(f"Counterpoise already runs from this checkout: {where}")
        return 1
    except (LaunchError, EmbeddedError) as error:
        say(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        pass  # asked to stop while it was still starting
    say("Stopped.")
    return 0
