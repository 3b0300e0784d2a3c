"""Two releases of Counterpoise on one database, as plain processes: the one deploy/last-release names, and this one."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import httpx
import pytest
import yaml

from apps.core.management.commands.lint_migrations import deepened
from devserver.embedded import Embedded, locked
from tests.servers import DATABASE, ENVIRONMENT, ROOT

COMMIT = (ROOT / "deploy" / "last-release").read_text(encoding="ascii").strip()
CACHE = ROOT / "var" / "test-release"
CODE = ("manage.py", "docker-compose.yml", "config", "apps", "templates", "static", "locale")
PATIENCE_SECONDS = 120
STOP_SECONDS = 60
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
EACH = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[0-9]+(?=/|$)|(?<=/)[0-9]{4}-[0-9-]+(?=/|$)")
LINK = re.compile(r'href="(/[^"#?]*)')
NO_PAGE = re.compile(r"^/(static|api|dev|admin)/|logout|\.\w+$")
GOOD = range(200, 400)


def interpolated(value: Any, given: dict[str, str]) -> Any:
    """The value with `${NAME:-default}` filled in, as Compose does it."""
    if isinstance(value, dict):
        return {key: interpolated(part, given) for key, part in value.items()}
    if isinstance(value, list):
        return [interpolated(part, given) for part in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: given.get(found[1], found[2] or ""), value)
    return value


def unpack_last_release(folder: Path) -> Path:
    """The last release's code in a folder outside the repository; fails in words where this clone has not got it."""
    folder.mkdir(parents=True)
    archive = folder.with_suffix(".tar")
    command = ["git", "archive", "--format=tar", f"--output={archive}", COMMIT, *CODE]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0 and deepened(ROOT):
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(
            f"The last release, commit {COMMIT} of deploy/last-release, is not in this clone: this test runs its code. "
            f"In a shallow clone fetch the rest of the history: git fetch --unshallow. Git says: {done.stderr.strip()}"
        )
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    with (folder / "static" / "css" / "base.css").open("a", encoding="utf-8") as sheet:
        sheet.write("/* so that its files are others than ours */\n")
    return folder


class Release:
    """One release's code, its own folder for what it writes, and the servers it shares with others."""

    def __init__(self, code: Path, var: Path, servers: Embedded, kept: Path) -> None:
        self.code = code
        self.var = var
        self.servers = servers
        self.kept = kept
        var.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """Of its processes: as an installation's, but for http and the demo."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SECRET_KEY": ENVIRONMENT["SECRET_KEY"],
            "ENCRYPTION_KEYS": ENVIRONMENT["ENCRYPTION_KEYS"],
            "SITE_URL": "http://127.0.0.1",
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "COUNTERPOISE_VAR": str(self.var),
            "KEPT_STATIC_DIR": str(self.kept),
            "API_RATE": "100000",
            "DEMO": "1",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command as the owner of the tables; what it prints."""
        command = [sys.executable, str(self.code / "manage.py"), *arguments]
        environment = {**self.environment, "DATABASE_OWNER_URL": self.servers.owner_url}
        done = subprocess.run(command, check=False, cwd=self.code, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator["Web"]:
        """Its web, by the command of its own docker-compose.yml, until it is stopped or the block ends."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        composed = yaml.safe_load((self.code / "docker-compose.yml").read_text(encoding="utf-8"))
        command = interpolated(composed["services"]["web"]["command"], {"WEB_PORT": str(port), "WEB_WORKERS": "2"})
        with (self.var / "web.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.code, env=self.environment, stdout=log, stderr=log)
        web = Web(f"http://127.0.0.1:{port}", process, self.var / "web.log")
        try:
            web.wait_until_ready()
            yield web
        finally:
            process.kill() if process.poll() is None and not web.stop() else None


class Web:
    """A web server that runs: its address, its process, its log."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.url = url
        self.process = process
        self.log = log

    def wait_until_ready(self) -> None:
        """As Compose waits for the health check."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health/ready", timeout=PATIENCE_SECONDS).status_code == httpx.codes.OK:
                    return
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < limit, self.log.read_text()
            time.sleep(0.2)

    def stop(self) -> bool:
        """Let it end what it has and stop, as `docker stop` does. Whether it did."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        return self.process.poll() == 0


class Proxy:
    """Stands for Caddy: each request to the next web, to another one where a connection is refused."""

    def __init__(self, *webs: Web) -> None:
        self.webs = list(webs)
        self._next = count()

    def ask(self, client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer of one web. httpx's error where none takes the connection, or one breaks it off."""
        for _try in range(2 * len(self.webs)):
            webs = self.webs
            with suppress(httpx.ConnectError):
                return client.request(method, f"{webs[next(self._next) % len(webs)].url}{path}", **more)
        raise httpx.ConnectError(f"No web takes connections: {method} {path}")


def visitor(proxy: Proxy, account: dict[str, str]) -> httpx.Client:
    """A browser in which somebody signed in by the page."""
    client = httpx.Client(follow_redirects=True, timeout=PATIENCE_SECONDS)
    page = proxy.ask(client, "GET", "/")
    said = {"login": account["email"], "password": account["password"]}
    answer = proxy.ask(client, "POST", page.url.path, data={**said, "csrfmiddlewaretoken": client.cookies["csrftoken"]})
    assert answer.status_code in GOOD, answer.text
    assert "counterpoise_session" in client.cookies, answer.text
    return client


def program(account: dict[str, str]) -> httpx.Client:
    """A program with the account's token of the API."""
    return httpx.Client(headers={"Authorization": f"Bearer {account['token']}"}, timeout=PATIENCE_SECONDS)


def walk(proxy: Proxy, client: httpx.Client) -> dict[str, int]:
    """Follow links from the first page, one of each kind: what each answered, by its address with * for each id."""
    found: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        kind = EACH.sub("*", path)
        if kind in found:
            continue
        answer = proxy.ask(client, "GET", path)
        found[kind] = answer.status_code
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += pages_named_on(answer.text)
    return found


def pages_named_on(page: str) -> list[str]:
    """The addresses of our pages to which a page links."""
    return [link for link in LINK.findall(page) if not NO_PAGE.search(link)]


def call_api(proxy: Proxy, client: httpx.Client) -> dict[str, int]:
    """Read each list of the API and one row of each, by its own description: what each answered."""
    schema = proxy.ask(client, "GET", "/api/v1/schema/?format=json").json()
    reads = {path: each["get"] for path, each in schema["paths"].items() if "get" in each}
    found = {}
    for path, described in reads.items():
        if "{" in path or any(each.get("required") for each in described.get("parameters", [])):
            continue
        answer = proxy.ask(client, "GET", path)
        found[path] = answer.status_code
        rows = answer.json().get("results") if "json" in answer.headers.get("content-type", "") else None
        if rows and f"{path}{{id}}/" in reads:
            found[f"{path}{{id}}/"] = proxy.ask(client, "GET", f"{path}{rows[0]['id']}/").status_code
    return found


def write_by_api(proxy: Proxy, client: httpx.Client, title: str) -> dict[str, int]:
    """Write a goal, change it, take a key result for it: what each answered."""
    made = proxy.ask(client, "POST", "/api/v1/goals/", json={"title": title})
    if made.status_code != httpx.codes.CREATED:
        return {f"POST goals/: {made.text}": made.status_code}
    goal = f"/api/v1/goals/{made.json()['id']}/"
    match = {"If-Match": made.headers["ETag"]}
    return {
        "PATCH goals/*/": proxy.ask(client, "PATCH", goal, json={"title": f"{title}!"}, headers=match).status_code,
        "GET goals/*/": proxy.ask(client, "GET", goal).status_code,
    }


class Crowd:
    """Some who read and write all the time, by pages and by the API, and note each request that fails."""

    def __init__(self, tasks: list[Callable[[int], dict[str, int]]]) -> None:
        self.failed: list[str] = []
        self.rounds = dict.fromkeys(range(len(tasks)), 0)
        self._lock = Lock()
        self._over = Event()
        self._threads = [Thread(target=self._work, args=each, daemon=True) for each in enumerate(tasks)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> list[str]:
        """End after the round each is in; what failed."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        return self.failed

    def _work(self, number: int, task: Callable[[int], dict[str, int]]) -> None:
        while not self._over.is_set():
            try:
                bad = [f"{status} {what}" for what, status in task(self.rounds[number]).items() if status not in GOOD]
            except (httpx.HTTPError, KeyError, ValueError) as error:
                bad = [f"{type(error).__name__}: {error}"]
            with self._lock:
                self.failed += bad
                self.rounds[number] += 1

    def wait_for_rounds(self, number: int) -> None:
        """Until each of them did so many more."""
        goal = {each: done + number for each, done in self.rounds.items()}
        limit = time.monotonic() + PATIENCE_SECONDS
        while any(self.rounds[each] < wanted for each, wanted in goal.items()):
            assert time.monotonic() < limit, (self.rounds, self.failed)
            time.sleep(0.05)


@contextmanager
def running(crowd: Crowd) -> Iterator[Crowd]:
    """Let them work until they are stopped or the block ends."""
    crowd.start()
    try:
        yield crowd
    finally:
        crowd.stop()


# ---- the last release's data ------------------------------------------------------------------------------------


def copy_last_release(code: Path, target: Path) -> None:
    """Copy a folder with the database and the static files that the last release made; they are made once."""
    digest = hashlib.sha256(COMMIT.encode())
    for name in ("requirements.lock", "devserver/embedded.py", "deploy/roles.sql"):
        digest.update((ROOT / name).read_bytes())
    made = CACHE / digest.hexdigest()[:16]
    with locked(CACHE / "lock", wait=True):
        if not made.exists():
            for earlier in [path for path in CACHE.iterdir() if path.is_dir()]:
                shutil.rmtree(earlier)
            _make_last_release(code, made)
        shutil.copytree(made, target, symlinks=True)


def _make_last_release(code: Path, made: Path) -> None:
    half = made.with_suffix(".new")
    servers = Embedded(half, database=DATABASE, durable=False)
    servers.start()
    try:
        release = Release(code, half / "old", servers, half / "kept")
        release.manage("migrate", "--verbosity", "0")
        release.manage("load_demo")
        release.manage("collectstatic", "--no-input", "--verbosity", "0")
    finally:
        servers.durable = True  # a fast shutdown, so that the copies need no recovery
        servers.stop()
    half.rename(made)


def accounts_of(release: Release) -> list[dict[str, str]]:
    """As whom one can sign in, with new tokens."""
    return list(json.loads(release.manage("demo_accounts", "--json")))
