"""Mail under kill -9 and in front of servers that hang."""

import email
import json
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from apps.notifications import tasks
from apps.notifications.models import Delivery
from apps.notifications.services import LEASE, MAIL_KINDS, MailKind, Message, queue_delivery, send_due_deliveries
from apps.workspaces.models import Workspace
from tests.counts import FULL, times
from tests.factories import WorkspaceFactory
from tests.lists import as_it_was, put

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MAILS = 200
KILLS = 9
SEEDS = range(1, times(FULL["runs of killed mail senders"]) + 1)


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """What tests add to them goes again."""
    with as_it_was(MAIL_KINDS):
        yield


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A real mail server on a free port, and the folder in which it keeps its mails."""
    folder = tmp_path / "mail"
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.set_inheritable(True)
        script = Path(django_settings.BASE_DIR) / "devserver" / "mail_sink.py"
        process = subprocess.Popen(
            [sys.executable, str(script), str(folder), str(listening.fileno())], pass_fds=[listening.fileno()]
        )
        yield listening.getsockname()[1], folder
        process.terminate()
        process.wait(timeout=10)


def queue(workspace: Workspace, count: int, at: datetime) -> None:
    """Put mails to as many people into the outbox."""
    for number in range(count):
        queue_delivery(
            workspace=workspace, kind="fault", dedupe_key=str(number), address=f"person{number}@example.org", at=at
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_senders_lose_no_mail_and_repeat_only_the_one_in_hand(seed: int, sink: tuple[int, Path]) -> None:
    port, folder = sink
    workspace = WorkspaceFactory()
    queue(workspace, MAILS, timezone.now())
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "mail_sender.py"), str(seed), str(KILLS)],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port), "PYTHONPATH": "."},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    ran = json.loads(done.stdout)
    assert ran["last"] == 0, done.stderr
    assert ran["killed"] > 0
    arrived = [email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml")]
    copies = Counter((str(mail["Message-ID"]), str(mail["To"])) for mail in arrived)
    queued = set(Delivery.objects.values_list("message_id", "address"))
    assert set(copies) == queued
    assert len(arrived) - MAILS <= ran["killed"]
    assert max(copies.values()) <= 1 + ran["killed"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_sender_whose_clock_is_wrong_sends_nothing_twice_and_delays_nothing(
    hours: int, sink: tuple[int, Path]
) -> None:
    """It takes up nothing that another has in hand, and what it takes up is due again when its own lease ends."""
    port, folder = sink
    queue(WorkspaceFactory(), MAILS, timezone.now())
    subprocess.run(
        [sys.executable, str(Path(__file__).parent / "clock_sender.py"), str(hours)],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port), "PYTHONPATH": "."},
        check=True,
        timeout=120,
    )
    arrived = [email.message_from_bytes(path.read_bytes())["To"] for path in folder.glob("*.eml")]
    assert sorted(arrived) == sorted(Delivery.objects.values_list("address", flat=True))
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_hanging_server_holds_up_one_mail_and_no_other(settings: Any) -> None:
    """It takes the connection and never says a word."""
    put(MAIL_KINDS, MailKind("fault", lambda _: Message("Hello", "Hello,", (), "Open", "http://testserver/", "")))
    now = timezone.now()
    queue(WorkspaceFactory(), 5, now)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_TIMEOUT, (settings.EMAIL_HOST, settings.EMAIL_PORT) = 0.3, silent.getsockname()
        assert send_due_deliveries(at=now) == {"retry": 1}
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert Delivery.objects.due(now + timedelta(seconds=15)).count() == 4


def test_server_that_hangs_at_one_mail_gets_the_others_over_a_new_connection(settings: Any) -> None:
    put(
        MAIL_KINDS,
        MailKind("fault", lambda each: Message("Hello", "Hello,", (), "Open", "http://testserver/", each.dedupe_key)),
    )
    now = timezone.now()
    queue(WorkspaceFactory(), 4, now)
    with server_that_hangs_at(b"person1@") as address:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_TIMEOUT, (settings.EMAIL_HOST, settings.EMAIL_PORT) = 0.5, address
        assert send_due_deliveries(at=now) == {"sent": 3, "retry": 1}
    assert Delivery.objects.get(address="person1@example.org").state == "queued"


@contextmanager
def server_that_hangs_at(recipient: bytes) -> Iterator[tuple[str, int]]:
    """Run a mail server that falls silent at one recipient; gives its address and leaves no socket behind."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        thread = threading.Thread(target=serve_but_hang_at, args=(listening, recipient))
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            # Closing alone would not wake a thread that waits in accept().
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def serve_but_hang_at(listening: socket.socket, recipient: bytes) -> None:
    """Speak just enough SMTP, and fall silent at one recipient with the connection left open."""
    with ExitStack() as connections:
        while True:
            try:
                talk, _peer = listening.accept()
            except OSError:
                return
            connections.enter_context(talk)
            talk.sendall(b"220 here\r\n")
            for line in connections.enter_context(talk.makefile("rb")):
                if line.upper().startswith(b"RCPT") and recipient in line:
                    break
                if line.upper().startswith(b"DATA"):
                    talk.sendall(b"354 go on\r\n")
                elif line == b".\r\n" or line.upper().startswith((b"EHLO", b"MAIL", b"RCPT", b"RSET")):
                    talk.sendall(b"250 fine\r\n")


def test_limits_keep_one_sweep_from_holding_up_the_next() -> None:
    """No sweep outlives its lease, and a server that answers in drips costs the others at most a minute."""
    assert tasks.send_deliveries.time_limit == tasks.TIME_LIMIT <= 60
    assert timedelta(seconds=tasks.TIME_LIMIT) < LEASE
    assert django_settings.EMAIL_TIMEOUT <= 10
    assert connection.get_autocommit()
