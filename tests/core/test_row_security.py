"""Confidential areas open only for a role that policies bind; each other one is named in one sentence."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from celery.signals import beat_init, worker_init
from celery.utils.dispatch import Signal
from django.core import checks
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, connections

from apps.core import row_security
from apps.core.row_security import is_confidential_ready, require_confidential, role_fault
from config import celery
from devserver.embedded import OWNER, RUNTIME, SUPERUSER, Embedded
from tests.servers import DATABASE, ROOT, copy_template, let_pass

ROLES = """
CREATE ROLE trial_bypass LOGIN BYPASSRLS;
CREATE ROLE trial_maker LOGIN CREATEROLE;
CREATE ROLE trial_member LOGIN NOINHERIT; GRANT counterpoise_owner TO trial_member;
CREATE ROLE trial_high LOGIN; GRANT trial_bypass TO trial_high;
CREATE ROLE trial_table LOGIN; CREATE SCHEMA trial; CREATE TABLE trial.one ();
ALTER TABLE trial.one OWNER TO trial_table;
CREATE ROLE trial_plain LOGIN;
"""
WRONG = {
    SUPERUSER: "is a superuser",
    "trial_bypass": "has BYPASSRLS",
    OWNER: "owns the database or tables in it",
    "trial_table": "owns the database or tables in it",
    "trial_member": "is a member of a role that owns them or that no policy binds",
    "trial_high": "is a member of a role that owns them or that no policy binds",
    "trial_maker": "may create roles and so become another",
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A server of its own, of which we are the superuser, wherever the other tests run."""
    folder: Path = tmp_path_factory.mktemp("roles")
    let_pass(folder)
    (folder / "data").mkdir()
    copy_template(folder / "data" / "postgres")
    servers = Embedded(folder / "data", database=DATABASE, durable=False)
    servers.start(valkey=False)
    with psycopg.connect(servers.address_for(SUPERUSER), autocommit=True) as superuser:
        superuser.execute(ROLES)
    yield servers
    servers.stop()


@pytest.fixture
def work_as(servers: Embedded, db: None) -> Iterator[Callable[[str], None]]:
    """`work_as(role)` lets Django work as that role until the test ends."""
    ours = connections["default"]

    def become(role: str) -> None:
        described = {**ours.settings_dict, "USER": role, "HOST": str(servers.sockets), "PORT": "", "NAME": DATABASE}
        connections["default"] = type(ours)(described, "default")

    yield become
    if connections["default"] is not ours:
        connections["default"].close()
        connections["default"] = ours


@pytest.mark.parametrize("role", WRONG)
def test_areas_stay_closed_for_a_role_that_policies_do_not_bind(role: str, work_as: Callable[[str], None]) -> None:
    work_as(role)
    fault = role_fault()
    assert fault.startswith(f"The database role {role} of DATABASE_URL {WRONG[role]}, so row security")
    assert fault.count(". ") == 0, "one sentence"
    assert not is_confidential_ready()
    with pytest.raises(PermissionDenied, match="This area is closed"):
        require_confidential()
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert [(each.id, each.msg) for each in found if each.id == row_security.CHECK_ID] == [
        (row_security.CHECK_ID, fault)
    ]


@pytest.mark.parametrize("role", [RUNTIME, "trial_plain"])
def test_areas_open_for_a_role_that_only_reads_and_writes_rows(role: str, work_as: Callable[[str], None]) -> None:
    work_as(role)
    connection.cursor().execute("CREATE TEMPORARY TABLE one_of_ours (id int)")
    assert role_fault() == ""
    assert is_confidential_ready()
    require_confidential()
    assert not checks.run_checks(tags=[checks.Tags.database], databases=["default"])


def test_a_role_that_only_plays_another_is_found(work_as: Callable[[str], None]) -> None:
    work_as(SUPERUSER)
    connection.cursor().execute(f"SET ROLE {RUNTIME}")
    assert "is a superuser" in role_fault()


@pytest.mark.django_db
def test_areas_stay_closed_while_nobody_can_say() -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        assert not is_confidential_ready()


def test_the_check_asks_the_database_only_when_told_to() -> None:
    assert row_security.check_role(databases=None) == []


@pytest.mark.parametrize("role", [SUPERUSER, RUNTIME])
def test_web_says_so_as_it_starts(role: str, servers: Embedded) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": servers.address_for(role), "DATABASE_OWNER_URL": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert ("is a superuser, so row security does not bind it" in done.stderr) == (role == SUPERUSER)


def test_a_start_without_the_database_goes_on(work_as: Callable[[str], None], caplog: pytest.LogCaptureFixture) -> None:
    work_as("nobody_of_that_name")
    row_security.tell_of_role()
    assert "did not say what its role may do" in caplog.text


@pytest.mark.parametrize("signal", [worker_init, beat_init], ids=["worker", "beat"])
def test_worker_and_beat_say_so_as_they_start(
    signal: Signal, work_as: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    work_as(SUPERUSER)
    signal.send(sender=celery.app)
    assert "is a superuser, so row security does not bind it" in caplog.text
