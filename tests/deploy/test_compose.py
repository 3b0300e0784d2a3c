"""docker-compose.yml and the Dockerfile, as far as they can be proven without a container engine.

The compose file is held against the Compose specification's schema, and every command line of our image runs as it is
written there, with its health check, against the embedded servers.
"""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
import yaml
from gunicorn.config import GracefulTimeout

from config.timetable import QUEUES
from devserver.embedded import SILENT, SUPERUSER, Embedded
from tests.releases import interpolated
from tests.servers import DATABASE, ROOT, copy_template, let_pass

WORKERS = tuple(f"worker-{queue}" for queue in QUEUES)
OURS = ("migrate", "web", *WORKERS, "beat")
PATIENCE_SECONDS = 60
FAREWELL = "worker: Warm shutdown (MainProcess)"
"""Celery writes this from within a signal's handler, where nothing may log."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


class Stack:
    """The compose file's services as plain processes, with its secrets as files and the embedded servers behind."""

    def __init__(self, compose: dict[str, Any], folder: Path) -> None:
        self.folder = folder
        self.servers = Embedded(folder / "data", database=DATABASE, durable=False)
        (folder / "data").mkdir()
        copy_template(folder / "data" / "postgres")
        self.servers.start()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        self.given = {"WEB_PORT": port, "BEAT_SCHEDULE": str(folder / "celerybeat-schedule")}
        self.services = interpolated(compose["services"], self.given)
        for name, value in {
            "secret_key": secrets.token_urlsafe(64),
            "encryption_keys": os.environ["ENCRYPTION_KEYS"],
            "database_url": self.servers.database_url,
            "database_owner_url": self.servers.owner_url,
            **dict.fromkeys(("secret_key_fallbacks", "email_password", "oidc_client_secret"), ""),
        }.items():
            (folder / name).write_text(value)

    def environment(self, service: str) -> dict[str, str]:
        """Nothing of ours but the PATH: what the compose file sets has to do."""
        inside = {
            name: str(value).replace("/run/secrets", str(self.folder))
            for name, value in self.services[service]["environment"].items()
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"COUNTERPOISE_VAR": str(self.folder), "KEPT_STATIC_DIR": str(self.folder / "kept")}
        return {"PATH": path, **inside, "REDIS_URL": self.servers.redis_url, **own}

    def start(self, service: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{service}.log").open("wb") as log:
            return subprocess.Popen(
                self.services[service]["command"], cwd=ROOT, env=self.environment(service), stdout=log, stderr=log
            )

    def is_healthy(self, service: str) -> bool:
        kind, *command = self.services[service]["healthcheck"]["test"]
        assert kind == "CMD"
        return subprocess.run(command, cwd=ROOT, env=self.environment(service), capture_output=True).returncode == 0

    def log(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text()


@pytest.fixture(scope="module")
def stack(compose: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    let_pass(folder)
    stack = Stack(compose, folder)
    yield stack
    stack.servers.stop()


def test_compose_file_follows_the_specification(compose):
    schema = json.loads(files("check_jsonschema.builtin_schemas.vendor").joinpath("compose-spec.json").read_text())
    jsonschema.Draft7Validator(schema).validate(compose)


def test_every_service_is_there_and_guarded(compose):
    services = compose["services"]
    assert set(services) == {*OURS, "postgres", "redis", "proxy"}
    for name, service in services.items():
        assert "healthcheck" in service, name
        assert service["restart"] in {"unless-stopped", "no"}, name
    for name in OURS:
        assert services[name]["read_only"], name
        assert services[name]["cap_drop"] == ["ALL"], name


def test_each_kind_of_work_has_a_worker_that_does_nothing_else(compose):
    for queue in QUEUES:
        command = compose["services"][f"worker-{queue}"]["command"]
        assert [part for part in command if part.startswith("--queues")] == [f"--queues={queue}"]


def test_secrets_come_from_files_only(compose):
    for name, service in compose["services"].items():
        for variable in service.get("environment", {}):
            assert not re.search(r"(KEY|PASSWORD|SECRET|DATABASE_URL)$", variable), f"{name}: {variable}"
        for secret in service.get("secrets", []):
            assert secret in compose["secrets"]
        for value in service.get("environment", {}).values():
            if str(value).startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], f"{name}: {value}"
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())


def test_only_migrate_knows_the_owner_of_the_tables(compose):
    for name in OURS:
        knows = "database_owner_url" in compose["services"][name]["secrets"]
        told = "DATABASE_OWNER_URL_FILE" in compose["services"][name]["environment"]
        assert (knows, told) == ((name == "migrate"),) * 2, name
    assert compose["services"]["migrate"]["environment"]["DATABASE_URL_FILE"] == "/run/secrets/database_url"


def test_database_logs_nothing_people_wrote(compose):
    """As the embedded server, whose log tests/faults/test_embedded.py reads."""
    program, *options = compose["services"]["postgres"]["command"]
    assert program == "postgres"
    assert dict(option.removeprefix("--").split("=") for option in options) == SILENT


def make_roles(stack: Stack, database_url: str, owner_url: str) -> subprocess.CompletedProcess[str]:
    """Run the init script as the image of PostgreSQL does, on the files that Compose mounts into it."""
    volumes = dict(volume.split(":")[:2] for volume in stack.services["postgres"]["volumes"])
    script, roles = (ROOT / source for source in list(volumes)[1:])
    assert volumes["./deploy/roles.sh"].startswith("/docker-entrypoint-initdb.d/")
    assert volumes["./deploy/roles.sql"] in script.read_text()
    folder = stack.folder / "init"
    folder.mkdir(exist_ok=True)
    (folder / "database_url").write_text(f"{database_url}\n")
    (folder / "database_owner_url").write_text(f"{owner_url}\n")
    environment = {
        "PATH": f"{stack.servers.postgres_program.parent}{os.pathsep}{os.environ['PATH']}",
        "SECRETS": str(folder),
        "ROLES": str(roles),
        "PGHOST": str(stack.servers.sockets),
        "POSTGRES_USER": SUPERUSER,
        "POSTGRES_DB": "from_compose",
    }
    return subprocess.run([script], env=environment, capture_output=True, text=True)


def test_init_script_makes_both_roles(stack):
    with psycopg.connect(stack.servers.address_for(SUPERUSER), autocommit=True) as superuser:
        superuser.execute("CREATE DATABASE from_compose")
        done = make_roles(
            stack,
            "postgresql://web_role:first_password@postgres:5432/counterpoise",
            "postgresql://owner_role:Second-password@postgres:5432/counterpoise",
        )
        assert (done.returncode, done.stderr) == (0, "")
        found = superuser.execute(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication, rolcanlogin, "
            "rolpassword LIKE 'SCRAM-SHA-256$%', datname FROM pg_authid a LEFT JOIN pg_database ON datdba = a.oid "
            "WHERE rolname IN ('web_role', 'owner_role') ORDER BY 1"
        ).fetchall()
    assert found == [
        ("owner_role", False, True, True, "from_compose"),
        ("web_role", False, True, True, None),
    ]


@pytest.mark.parametrize("address", ["postgresql://web:pass%40word@postgres/x", "postgresql:///x", "web", ""])
def test_init_script_refuses_an_address_it_cannot_read(address, stack):
    done = make_roles(stack, address, "postgresql://owner_role:password@postgres/x")
    assert done.returncode == 1
    assert done.stderr.startswith("database_url must begin with postgresql://ROLE:PASSWORD@")
    assert "pass" not in done.stderr


def test_health_check_tells_of_a_process_that_is_not_there(stack):
    assert not any(stack.is_healthy(service) for service in ("web", "beat"))


@pytest.fixture(scope="module")
def static_files(stack: Stack) -> None:
    """What the Dockerfile does with the static files while the image is built."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    line = re.search(r"SECRET_KEY=\S+ (python manage\.py collectstatic [^\\\n]*)", dockerfile)
    key = re.search(r"ENCRYPTION_KEYS=(\S+)", dockerfile)
    assert line
    assert key
    environment = {**stack.environment("web"), "SECRET_KEY": "only-for-collectstatic"}
    environment["ENCRYPTION_KEYS"] = key[1]
    environment = {name: value for name, value in environment.items() if not name.endswith("_FILE")}
    subprocess.run(line[1].split(), cwd=ROOT, env=environment, check=True)


def test_migrate_keeps_the_static_files_and_ends_well(stack, static_files):
    process = stack.start("migrate")
    assert process.wait(PATIENCE_SECONDS) == 0, stack.log("migrate")
    assert list((stack.folder / "kept" / "css").glob("*.css.br"))


def test_releases_share_their_static_files(compose):
    """`migrate` writes them, web only reads them; the image gives the folder to the user that writes."""
    assert compose["services"]["migrate"]["volumes"] == ["static:/srv/kept"]
    assert compose["services"]["web"]["volumes"] == ["static:/srv/kept:ro"]
    assert {compose["services"][name]["environment"]["KEPT_STATIC_DIR"] for name in ("migrate", "web")} == {"/srv/kept"}
    assert "/srv/kept && chown counterpoise /srv/kept" in (ROOT / "Dockerfile").read_text()


def test_web_has_time_to_end_its_requests(compose):
    """Longer than gunicorn gives them, which is longer than a statement may take."""
    given = int(compose["services"]["web"]["stop_grace_period"].removesuffix("s"))
    assert given > GracefulTimeout.default > 20


def test_an_upgrade_can_send_requests_to_the_new_release_alone(compose):
    services = interpolated(compose["services"], {"COUNTERPOISE_VERSION": "1.3.0"})
    assert services["web"]["networks"]["outside"]["aliases"] == ["web-1.3.0"]
    assert "outside" in services["proxy"]["networks"]
    assert "dynamic a {$WEB_HOST:web} {$WEB_PORT}" in (ROOT / "deploy" / "Caddyfile").read_text()
    written = (ROOT / "docs" / "deployment.md").read_text()
    for version in ("1.2.0", "1.3.0"):
        assert f"--env WEB_HOST=web-{version} proxy caddy reload --config /etc/caddy/Caddyfile" in written
    assert "./deploy/Caddyfile:/etc/caddy/Caddyfile:ro" in services["proxy"]["volumes"]


@pytest.mark.parametrize("service", ["web", *WORKERS, "beat"])
def test_service_runs_and_is_healthy(service, stack, static_files):
    process = stack.start(service)
    limit = time.monotonic() + PATIENCE_SECONDS
    try:
        while not stack.is_healthy(service):
            assert process.poll() is None, stack.log(service)
            assert time.monotonic() < limit, stack.log(service)
            time.sleep(0.5)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    lines = [line for line in stack.log(service).splitlines() if line and line != FAREWELL]
    assert [line for line in lines if not line.startswith("{") or "event" not in json.loads(line)] == []
    assert lines


def test_no_log_grows_for_ever(compose):
    for name, service in compose["services"].items():
        assert service["logging"]["driver"] == "json-file", name
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name


def test_broker_command_keeps_what_it_was_told(stack, tmp_path):
    program, *arguments = stack.services["redis"]["command"]
    assert program == "valkey-server"
    arguments[arguments.index("/data")] = str(tmp_path)
    command = [str(stack.servers.valkey_program), *arguments, "--port", "0", "--unixsocket", str(tmp_path / "s")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + PATIENCE_SECONDS
        while not (tmp_path / "appendonlydir").exists():
            assert process.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def test_image_copies_only_what_is_there():
    dockerfile = (ROOT / "Dockerfile").read_text()
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = re.findall(r"^COPY (?!--from)(\S+) \S+$", dockerfile, re.MULTILINE)
    assert "config" in copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in allowed, source
    assert "\nUSER counterpoise\n" in dockerfile


def test_image_leaves_out_what_serves_development():
    """The embedded servers open the database to whoever reaches their socket: no business of an installation's."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    for name in ("devserver", "dev.py", "tests", "benchmarks"):
        assert (ROOT / name).exists(), name
        assert not re.search(rf"^COPY .*\b{re.escape(name)}\b", dockerfile, re.MULTILINE), name
        assert f"!{name}" not in allowed, name
    assert "*" in allowed
    left_out = {ROOT / line for line in allowed if line.startswith("apps/")}
    used = {path for folder in ("apps", "config") for path in (ROOT / folder).rglob("*.py")} - left_out
    assert [path for path in [*used, ROOT / "manage.py"] if re.search(r"\bdevserver\b", path.read_text())] == []


def test_image_installs_the_tested_versions():
    pins = re.compile(r"^([\w.\[\]-]+==[^ ;\\]+)", re.MULTILINE)
    tested = set(pins.findall((ROOT / "requirements.lock").read_text()))
    deployed = set(pins.findall((ROOT / "deploy" / "requirements.lock").read_text()))
    assert deployed < tested
    for name in ("requirements.lock", "deploy/requirements.lock"):
        assert "://" not in (ROOT / name).read_text(), "a lock names no registry"
