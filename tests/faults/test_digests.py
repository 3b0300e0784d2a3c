"""Digests under kill -9, with the broker or the database lost and back: each person gets theirs, once."""

import email
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings as django_settings

from apps.notifications.models import Delivery, DeliverySchedule
from devserver.embedded import Embedded
from tests.counts import FULL, times
from tests.faults.digest_crowd import make_crowd
from tests.faults.test_mail import sink  # noqa: F401 - a fixture
from tests.servers import DATABASE, ROOT, copy_template, let_pass

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = times(FULL["kills of digest workers"])
PEOPLE = 50 * KILLS
"""So many that the last who is killed still has something to do."""
MORNING = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
FEW = 200
PATIENCE_SECONDS = 60


def arrivals(folder: Path) -> Counter[tuple[str, str]]:
    """How often each mail arrived, by its Message-ID and reader."""
    mails = (email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml"))
    return Counter((str(mail["Message-ID"]), str(mail["To"])) for mail in mails)


@pytest.mark.django_db(transaction=True)
def test_killed_workers_send_each_person_one_digest(sink: tuple[int, Path]) -> None:  # noqa: F811 - as above
    port, folder = sink
    make_crowd(PEOPLE, due_at=MORNING)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "digest_workers.py"), "1", str(KILLS), MORNING.isoformat()],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port), "PYTHONPATH": "."},
        check=True,
        capture_output=True,
        text=True,
        timeout=300 + 3 * KILLS,
    )
    ran = json.loads(done.stdout)
    assert ran["last"] == [0] * 4, done.stderr
    assert ran["killed"] > KILLS // 2
    copies = arrivals(folder)
    assert len({message_id for message_id, _to in copies}) == PEOPLE, "one Message-ID for each person"
    assert {to for _id, to in copies} == {f"person{number}@example.org" for number in range(PEOPLE)}
    assert set(copies) == set(Delivery.objects.values_list("message_id", "address"))
    assert copies.total() - PEOPLE <= ran["killed"], "a copy only where a worker died between sending and noting"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert not DeliverySchedule.objects.filter(next_digest_at__lte=MORNING).exists()


class RunningProduct:
    """Servers of its own, a real worker, and a beat that rings every half second."""

    def __init__(self, folder: Path, *, port: int) -> None:
        let_pass(folder)
        data = folder / "data"
        data.mkdir()
        copy_template(data / "postgres")
        self.servers = Embedded(data, database=DATABASE)
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(port),
            "PYTHONPATH": str(ROOT),
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = folder / "worker.log"

    def run(self, *command: str) -> None:
        """Start one process of it."""
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.environment, stdout=log, stderr=log)
            )

    def ask(self, query: str) -> Any:
        """One value from the database; None while it does not answer."""
        with suppress(psycopg.OperationalError), psycopg.connect(self.servers.database_url) as connection:
            row = connection.execute(query.encode()).fetchone()
            return row[0] if row else None

    def stop(self) -> None:
        """End all of it."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.servers.stop()


@contextmanager
def product(folder: Path, *, port: int) -> Iterator[RunningProduct]:
    """The product with FEW people whose digest has just become due."""
    made = RunningProduct(folder, port=port)
    try:
        made.servers.start()
        script = str(Path(__file__).parent / "digest_bell.py")
        subprocess.run(
            [sys.executable, script, "crowd", str(FEW)], cwd=ROOT, env=made.environment, check=True, timeout=60
        )
        made.run(script, "ring")
        made.run(script, "ring")
        made.run("-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "WARNING")
        yield made
    finally:
        made.stop()


def wait_for(is_so: Callable[[], bool], told: Callable[[], str]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < limit, told()
        time.sleep(0.2)


def lose_broker(made: RunningProduct) -> None:
    """Everything that is queued is gone, and for a while there is no broker at all."""
    with redis.Redis.from_url(made.servers.redis_url) as broker:
        broker.flushall()
    made.servers.processes["valkey"].kill()
    made.servers.processes["valkey"].wait()
    time.sleep(1)
    made.servers.start_valkey()


def lose_database(made: RunningProduct) -> None:
    """Killed in the middle of its work, and recovered."""
    made.servers.processes["postgres"].kill()
    made.servers.processes["postgres"].wait()
    time.sleep(1)
    made.servers.start_postgres()


UNSENT = "SELECT count(*) FROM notifications_delivery WHERE state <> 'sent'"
END_LEASES = (
    "WITH ended AS (UPDATE notifications_delivery SET next_try_at = now() RETURNING 1) SELECT count(*) FROM ended"
)
"""What a worker held when the database died comes back after its lease of five minutes, which the test cuts short."""


def stands_still(made: RunningProduct) -> bool:
    """Whether nobody is sending: what is left waits for the end of a lease."""
    before = made.ask(UNSENT)
    time.sleep(5)
    return before is not None and made.ask(UNSENT) == before


@pytest.mark.parametrize("lose", [lose_broker, lose_database])
def test_digests_survive_the_loss_of_a_server(
    lose: Callable[[RunningProduct], None],
    tmp_path: Path,
    sink: tuple[int, Path],  # noqa: F811 - a fixture
) -> None:
    """Two beats ring all the while; whatever was lost on the way, a row is still there."""
    port, folder = sink
    (tmp_path / "product").mkdir()
    with product(tmp_path / "product", port=port) as made:
        wait_for(lambda: len(list(folder.glob("*.eml"))) > 0, made.log.read_text)
        lose(made)
        wait_for(lambda: made.ask("SELECT count(*) FROM notifications_delivery") == FEW, made.log.read_text)
        if lose is lose_database:
            wait_for(lambda: made.ask(UNSENT) == 0 or stands_still(made), made.log.read_text)
            made.ask(END_LEASES)
        wait_for(lambda: made.ask(UNSENT) == 0, made.log.read_text)
        copies = arrivals(folder)
    assert {to for _id, to in copies} == {f"person{number}@example.org" for number in range(FEW)}
    assert len(copies) == FEW
    assert copies.total() - FEW <= 2, "at most one for each process of the worker"
