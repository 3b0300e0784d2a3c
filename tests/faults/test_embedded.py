"""The embedded servers: what killed runs leave, and as whom they run."""

import os
import pwd
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
import redis

from devserver import embedded
from devserver.embedded import Embedded, EmbeddedError
from tests.servers import let_pass

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PATIENCE_SECONDS = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that other users may pass through, as PostgreSQL may have to run as another."""
    let_pass(tmp_path)
    return tmp_path


def run_in_child(data: Path) -> subprocess.Popen[str]:
    """The servers as children of a process of their own, their addresses on its first line."""
    return subprocess.Popen([sys.executable, "-m", "devserver.embedded", str(data)], stdout=subprocess.PIPE, text=True)


def wait_until_gone(data: Path) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while embedded.processes_in(data / "postgres") or embedded.processes_in(data / "valkey"):
        assert time.monotonic() < limit, "a server outlived the process that started it"
        time.sleep(0.1)


def test_kill_9_leaves_no_server_and_loses_nothing(folder):
    data = folder / "data"
    starter = run_in_child(data)
    assert starter.stdout
    assert "database_url" in starter.stdout.readline()
    sockets = Path((data / "sockets").read_text())
    with psycopg.connect(f"postgresql://counterpoise@/counterpoise?host={sockets}") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'whole' AS word")
    with redis.Redis(unix_socket_path=f"{sockets}/valkey.sock") as valkey:
        valkey.set("kept", "whole")
        time.sleep(1.1)  # Valkey writes its append-only file to disk once a second
    starter.kill()
    starter.wait()
    starter.stdout.close()
    wait_until_gone(data)

    servers = Embedded(data)
    servers.start()
    try:
        assert not sockets.exists(), "the killed run's sockets are left"
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("whole",)
        with redis.Redis.from_url(servers.redis_url) as valkey:
            assert valkey.get("kept") == b"whole"
    finally:
        servers.stop()
    assert not servers.sockets.exists()


def test_leftovers_of_a_killed_first_start_do_not_hinder(folder):
    data = folder / "data"
    half = data / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    servers = Embedded(data, durable=False)
    servers.start()
    servers.stop()
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data / 'postgres'}\n0\n5432\n\n\n\nready\n")
    again = Embedded(data, durable=False)
    again.start()
    again.stop()


def test_postgres_serves_root_where_namespaces_are_refused(folder):
    nobody = pwd.getpwnam("nobody")
    account = f"{nobody.pw_uid}:{nobody.pw_gid}" if os.geteuid() == 0 else "same"
    with patch.object(embedded, "account_for", return_value=account):
        servers = Embedded(folder / "data", durable=False)
        servers.start()
    try:
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        if os.geteuid() == 0:
            assert (folder / "data" / "postgres").stat().st_uid == nobody.pw_uid
            assert embedded.account_for(folder / "data" / "postgres", servers.postgres_program) == account
    finally:
        servers.stop()


def test_refusal_says_what_to_do(folder):
    with (
        patch("os.geteuid", return_value=0),
        patch.object(embedded, "guarded", return_value=subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])),
        pytest.raises(EmbeddedError, match="ordinary user"),
    ):
        embedded.account_for(folder / "none", Path("/nowhere/postgres"))


def test_missing_package_says_what_to_do():
    with pytest.raises(EmbeddedError, match="DATABASE_URL"):
        embedded.package_file("json", "no-such-program")


def test_one_run_a_folder(folder):
    with (
        embedded.locked(folder / "lock", wait=False),
        pytest.raises(BlockingIOError),
        embedded.locked(folder / "lock", wait=False),
    ):
        pass
