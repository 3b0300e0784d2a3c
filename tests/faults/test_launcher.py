"""`dev.py up`: started, killed, started again; its port taken; its children dying; as root and as an ordinary user."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from devserver import launcher
from devserver.guard import guarded
from tests.servers import ROOT, let_pass

pytestmark = [pytest.mark.faults, pytest.mark.slow]

START_SECONDS = 180
STOP_SECONDS = 30


class Run:
    """One `dev.py up` on a folder of its own."""

    def __init__(self, var: Path, *, port: int, account: str = "same", more: tuple[str, ...] = ()) -> None:
        self.var = var
        RUNS.append(self)
        self.output = var.with_suffix(".out")
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        with self.output.open("ab") as output:
            self.process = guarded(
                [sys.executable, str(ROOT / "dev.py"), "up", "--port", str(port), *more],
                account=account,
                cwd=ROOT,
                env={**environment, "COUNTERPOISE_VAR": str(var)},
                log=output.fileno(),
            )

    def told(self) -> str:
        return self.output.read_text()

    def wait_until_up(self) -> dict[str, Any]:
        wait_for(lambda: self.is_up() or self.process.poll() is not None, START_SECONDS, self.told)
        assert self.process.poll() is None, self.told()
        return self.facts()

    def is_up(self) -> bool:
        return (self.var / "run.json").exists() and self.facts()["pids"]["dev"] == self.process.pid

    def facts(self) -> dict[str, Any]:
        return json.loads((self.var / "run.json").read_text())

    def has_new(self, name: str, before: int) -> bool:
        return self.facts()["pids"][name] != before

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


RUNS: list[Run] = []
FOREIGN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "DEBUG",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "EMAIL_HOST",
)


def wait_for(is_so: Callable[[], bool], seconds: float, told: Callable[[], str]) -> None:
    limit = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < limit, told()
        time.sleep(0.2)


def processes_of(var: Path) -> list[int]:
    """Every living process that was started for this folder or works in it."""
    found = []
    mark = f"COUNTERPOISE_VAR={var}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            works_there = str((entry / "cwd").resolve()).startswith(f"{var}/")
            if works_there or mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def answers(url: str) -> bool:
    with closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)) as connection:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder for one product; what a failing test leaves running there is ended."""
    let_pass(tmp_path)
    yield tmp_path / "var"
    for run in RUNS:
        run.process.kill()
        run.process.wait()
    RUNS.clear()
    for pid in processes_of(tmp_path / "var"):
        os.kill(pid, signal.SIGKILL)


def test_kill_9_leaves_no_orphan_and_the_next_start_finds_the_data(var):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        first = Run(var, port=port)
        facts = first.wait_until_up()
        assert f"Port {port} is taken" in first.told()
        assert not facts["url"].endswith(f":{port}")
    assert answers(facts["url"])
    assert set(facts["pids"]) == {"dev", "postgres", "valkey", "mail", "web", "worker", "importer", "beat"}
    for name in ("web", "worker", "importer", "beat"):
        variables = Path(f"/proc/{facts['pids'][name]}/environ").read_bytes()
        assert b"DATABASE_URL=postgresql://counterpoise_app@" in variables
        assert b"DATABASE_OWNER_URL" not in variables, name
    with psycopg.connect(facts["database_owner_url"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'whole' AS word")

    second = Run(var, port=0)
    assert second.process.wait(START_SECONDS) == 1
    assert f"already runs from this checkout: {facts['url']}" in second.told()

    first.end(signal.SIGKILL)
    wait_for(lambda: not processes_of(var), STOP_SECONDS, lambda: f"left: {processes_of(var)}")

    third = Run(var, port=0)
    facts = third.wait_until_up()
    assert answers(facts["url"])
    with psycopg.connect(facts["database_url"]) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("whole",)
    assert third.end(signal.SIGINT) == 0
    assert third.told().rstrip().endswith("Stopped.")
    assert not (var / "run.json").exists()
    wait_for(lambda: not processes_of(var), STOP_SECONDS, lambda: f"left: {processes_of(var)}")


@pytest.mark.parametrize("port", ["65536", "-1", "many", "1e3"])
def test_a_port_that_is_none_is_refused_in_one_line(port):
    command = [sys.executable, str(ROOT / "dev.py"), "up", f"--port={port}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "a port is a number from 0 to 65535" in done.stderr
    assert "Traceback" not in done.stderr


def test_reset_starts_anew_with_the_demo(var):
    var.mkdir()
    (var / "media").mkdir()
    (var / "media" / "old").write_text("of the last run")
    (var / "data").mkdir()
    (var / "data" / "old").write_text("no database at all")
    run = Run(var, port=0, more=("--reset",))
    facts = run.wait_until_up()
    assert answers(facts["url"])
    assert not (var / "media" / "old").exists()
    assert not (var / "data" / "old").exists()
    assert {"email", "password", "role", "workspace", "token"} <= set(facts["accounts"][0])
    assert (var / "run.json").stat().st_mode & 0o077 == 0, "it holds passwords and tokens"
    with psycopg.connect(facts["database_url"]) as connection:
        row = connection.execute("SELECT count(*) FROM workspaces_workspace").fetchone()
    assert row is not None
    assert row[0] == len({each["workspace"] for each in facts["accounts"]})
    assert run.end(signal.SIGINT) == 0


def test_reset_empties_no_database_that_is_not_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setattr(launcher, "VAR", tmp_path)
    (tmp_path / "data").mkdir()
    product = launcher.Product(port=0, reset=True, debug=False)
    with pytest.raises(launcher.LaunchError, match="--reset empties the embedded database only"):
        product._prepare()
    assert (tmp_path / "data").exists()


def test_children_that_die_are_started_again(var):
    run = Run(var, port=0)
    facts = run.wait_until_up()
    for name in ("worker", "web", "postgres", "valkey"):
        os.kill(facts["pids"][name], signal.SIGKILL)
        before = facts["pids"][name]
        wait_for(partial(run.has_new, name, before), STOP_SECONDS, run.told)
        assert f"{name} ended with code -9" in run.told()

    def is_back() -> bool:
        try:
            return answers(run.facts()["url"])
        except OSError:
            return False

    wait_for(is_back, STOP_SECONDS, run.told)
    assert run.end(signal.SIGTERM) == 0


def test_up_runs_as_an_ordinary_user(var):
    account = "namespace" if os.geteuid() == 0 else "same"
    var.mkdir()
    run = Run(var, port=0, account=account)
    facts = run.wait_until_up()
    assert answers(facts["url"])
    assert (var / "secret-key").stat().st_mode & 0o777 == 0o600
    status = Path(f"/proc/{facts['pids']['web']}/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff"))
    assert int(effective.split()[1], 16) == 0, "the web server runs without root's capabilities"
    assert run.end(signal.SIGTERM) == 0
