"""Sending to mail servers that answer as each test says: over one connection, and what ends it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from apps.notifications.models import Delivery
from apps.notifications.services import MAIL_KINDS, MailKind, Message, send_due_deliveries
from apps.workspaces.models import Member
from tests.factories import DeliveryFactory
from tests.lists import as_it_was
from tests.lists import put as hold

pytestmark = pytest.mark.django_db

BACKEND = "django.core.mail.backends.smtp.EmailBackend"
KIND = "smtp"


class Script:
    """A mail server: what it says to each command, and what it was told. After `most` mails it
    says `parting` and hangs up."""

    def __init__(self) -> None:
        self.says: dict[str, bytes] = {}
        self.once: dict[str, bytes] = {}
        self.told: list[bytes] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self.most, self.parting = 1_000_000, b""

    def talk(self, connection: socket.socket) -> None:
        """One connection. “goodbye” closes it, after what follows that; so does a 421."""
        self.connections += 1
        taken = len(self.mails)
        with connection, connection.makefile("rwb") as file:
            file.write(b"220 here\r\n")
            file.flush()
            while line := file.readline():
                name = line[:4].decode().upper()
                self.told.append(line.rstrip())
                said = self._said(name, b"354 go on\r\n" if name == "DATA" else b"250 fine\r\n")
                if not self._says(file, said) or name == "QUIT":
                    return
                if said.startswith(b"354"):
                    self.mails.append(self._mail(file))
                    if not self._says(file, self._said("mail", b"250 taken\r\n")):
                        return
                    if len(self.mails) - taken == self.most:
                        self._says(file, self.parting)
                        return

    def _said(self, name: str, usual: bytes) -> bytes:
        return self.once.pop(name, self.says.get(name, usual))

    def _says(self, file: Any, said: bytes) -> bool:
        """Say it; whether the talk goes on."""
        file.write(said.removeprefix(b"goodbye").lstrip())
        file.flush()
        return not said.startswith((b"goodbye", b"421"))

    def _mail(self, file: Any) -> bytes:
        lines = []
        while (line := file.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    script = Script()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _peer = listening.accept()
                except OSError:
                    return
                script.talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        settings.EMAIL_BACKEND, (settings.EMAIL_HOST, settings.EMAIL_PORT) = BACKEND, listening.getsockname()
        yield script
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """What tests add to them goes again."""
    with as_it_was(MAIL_KINDS):
        yield


@pytest.fixture
def queue(bob: Member, now: datetime) -> Callable[..., None]:
    """`queue("a", "b")` puts mails to bob into the outbox, each with its name as its text."""

    def write(delivery: Delivery) -> Message:
        return Message("Hello", "Hello,", (delivery.data["text"],), "Open", "http://testserver/", "A test.")

    hold(MAIL_KINDS, MailKind(KIND, write))

    def put(*texts: str) -> None:
        for n, text in enumerate(texts):
            DeliveryFactory(
                workspace=bob.workspace,
                recipient=bob,
                kind=KIND,
                dedupe_key=str(n),
                data={"text": text},
                next_try_at=now,
            )

    return put


def test_mails_arrive_as_they_are_over_one_connection(
    script: Script, queue: Callable[..., None], now: datetime
) -> None:
    texts = ["Hello.", ".", ".hidden", "日本語 " * 300]
    queue(*texts)
    assert send_due_deliveries(at=now) == {"sent": 4}
    arrived = [message_from_bytes(content, policy=policy.default) for content in script.mails]
    for text, mail in zip(texts, arrived, strict=True):
        body = mail.get_body(("plain",))
        assert body is not None
        assert text.strip() in map(str.strip, body.get_content().splitlines())
    assert script.connections == 1
    assert b"rcpt to:<bob@example.org>" in [line.lower() for line in script.told]


REFUSALS = [
    ("MAIL", b"451 not now\r\n", "retry"),
    ("RCPT", b"550 no such mailbox\r\n", "failed"),
    ("RCPT", b"452 too many\r\n", "retry"),
    ("DATA", b"554 no\r\n", "failed"),
    ("mail", b"552 too large\r\n", "failed"),
    ("MAIL", b"421 too many mails over one connection\r\n", "retry"),
    ("RCPT", b"421 too many recipients\r\n", "retry"),
    ("DATA", b"421 closing\r\n", "retry"),
    ("mail", b"421 closing\r\n", "retry"),
    ("MAIL", b"goodbye", "retry"),
    ("RCPT", b"goodbye", "retry"),
    ("DATA", b"goodbye", "retry"),
    ("RCPT", b"goodbye 550 5.1.1 no such mailbox\r\n", "failed"),
]


@pytest.mark.parametrize(("command", "said", "outcome"), REFUSALS)
def test_after_a_refusal_or_a_goodbye_the_next_mail_goes(
    script: Script, queue: Callable[..., None], now: datetime, command: str, said: bytes, outcome: str
) -> None:
    """It must not pay for the server's leaving (RFC 5321, section 3.8)."""
    queue("refused", "fine")
    script.once = {command: said}
    assert send_due_deliveries(at=now) == {outcome: 1, "sent": 1}
    (last,) = script.mails[1:] if command == "mail" else script.mails
    assert b"fine" in last


@pytest.mark.parametrize(
    "says",
    [
        {"MAIL": b"goodbye 554 5.7.1 blocked\r\n"},
        {"RCPT": b"550-5.1.1 no such\r\n550 5.7.1 mailbox\r\n", "RSET": b"goodbye"},
    ],
)
def test_a_server_that_says_no_and_leaves_has_said_no(
    script: Script, queue: Callable[..., None], now: datetime, says: dict[str, bytes]
) -> None:
    """Else an address that does not work would be tried for days, and nobody would be told what the server said."""
    queue("refused")
    script.says = says
    send_due_deliveries(at=now)
    assert "5.7.1" in Delivery.objects.get().last_error


@pytest.mark.parametrize("says", [b"", b"421 enough\r\n"], ids=["hangs up", "says goodbye"])
@pytest.mark.parametrize("most", [1, 3])
def test_a_server_that_takes_so_many_over_one_connection_gets_all_in_one_sweep(
    script: Script, queue: Callable[..., None], now: datetime, most: int, says: bytes
) -> None:
    """One mail meets with it and is tried again; after that each connection ends before the server ends it."""
    queue(*(f"number {n}" for n in range(20)))
    script.most, script.parting = most, says
    assert send_due_deliveries(at=now) == {"sent": 19, "retry": 1}
    assert len(script.mails) == 19


def test_a_server_that_hangs_up_before_any_mail_puts_off_the_sweep(
    script: Script, queue: Callable[..., None], now: datetime
) -> None:
    queue("a", "b", "c")
    script.says = {"MAIL": b"goodbye"}
    assert send_due_deliveries(at=now) == {"retry": 2}


def test_nothing_goes_where_a_header_cannot_be_written(
    script: Script, queue: Callable[..., None], now: datetime
) -> None:
    queue("a")
    Delivery.objects.update(message_id="<a@b>\r\nBcc: eve@example.org")
    assert send_due_deliveries(at=now) == {"retry": 1}
    assert script.mails == []
