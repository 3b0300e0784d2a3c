"""Handing mails to servers that answer as each test says, with and without pipelining (RFC 2920)."""

import re
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from apps.notifications.services import send_due_deliveries
from apps.notifications.services.mime import ReadyMail
from apps.notifications.services.wire import hand_over
from apps.workspaces.models import Member
from tests.factories import DeliveryFactory

BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Script:
    """A mail server: what it says to each command, and what it was told."""

    def __init__(self, *, pipelining: bool) -> None:
        self.pipelining = pipelining
        self.says: dict[str, bytes] = {}
        self.once: dict[str, bytes] = {}
        self.told: list[bytes] = []
        self.mails: list[bytes] = []

    def talk(self, connection: socket.socket) -> None:
        """One connection. “goodbye” closes it, after what follows that; so does a 421."""
        with connection, connection.makefile("rwb") as file:
            file.write(b"220 here\r\n")
            file.flush()
            while line := file.readline():
                name = line[:4].decode().upper()
                self.told.append(line.rstrip())
                if name == "EHLO":
                    said = b"250-here\r\n250-PIPELINING\r\n250 SIZE 9999999\r\n" if self.pipelining else b"250 here\r\n"
                else:
                    usual = b"354 go on\r\n" if name == "DATA" else b"250 fine\r\n"
                    said = self._said(name, usual)
                if not self._says(file, said) or name == "QUIT":
                    return
                if said.startswith(b"354"):
                    self.mails.append(self._mail(file))
                    if not self._says(file, self._said("mail", b"250 taken\r\n")):
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


@pytest.fixture(params=[True, False], ids=["pipelining", "plain"])
def script(request: pytest.FixtureRequest) -> Script:
    return Script(pipelining=request.param)


@pytest.fixture
def backend(script: Script) -> Iterator[EmailBackend]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _peer = listening.accept()
                except OSError:
                    return
                script.talk(connection)

        threading.Thread(target=serve, daemon=True).start()
        host, port = listening.getsockname()
        backend = get_connection(BACKEND, host=host, port=port, username="", password="")
        assert isinstance(backend, EmailBackend)
        backend.open()
        yield backend
        backend.close()
        listening.shutdown(socket.SHUT_RDWR)


def mail(to: str = "jo@example.org", text: str = "Hello.") -> ReadyMail:
    made = ReadyMail("Hello", text, "Team <team@example.org>", [to])
    made.attach_alternative("<p>Hello.</p>", "text/html")
    return made


def lasting(content: bytes) -> bytes:
    """A mail without what is another each time it is written: its boundary and its date."""
    boundary = content.split(b'boundary="')[1].split(b'"')[0]
    return re.sub(rb"\r\nDate: [^\r]+", b"", content.replace(boundary, b"-"))


def test_mails_arrive_as_they_are(backend: EmailBackend, script: Script) -> None:
    for text in ("Hello.", ".\n..\n.hidden\n\n.", "a\0b\r.\rc\r\n.\r\n\x0b\x85\u2028.", "日本語\n" * 300):
        sent = mail(text=text)
        hand_over(backend, sent)
        assert lasting(script.mails[-1]) == lasting(sent.message().as_bytes(linesep="\r\n"))
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", script.mails[-1])
    assert len(script.mails) == 4


def test_the_envelope_holds_bare_addresses(backend: EmailBackend, script: Script) -> None:
    hand_over(backend, mail("jo@exämple.org"))
    told = [line.split(b" SIZE")[0].split(b" size")[0] for line in script.told]
    assert b"MAIL FROM:<team@example.org>" in [line.replace(b"mail FROM", b"MAIL FROM") for line in told]
    assert b"RCPT TO:<jo@xn--exmple-cua.org>" in [line.replace(b"rcpt TO", b"RCPT TO") for line in told]


REFUSALS: list[tuple[str, bytes, type[smtplib.SMTPException]]] = [
    ("MAIL", b"451 not now\r\n", smtplib.SMTPSenderRefused),
    ("RCPT", b"550 no such mailbox\r\n", smtplib.SMTPRecipientsRefused),
    ("RCPT", b"452 too many\r\n", smtplib.SMTPRecipientsRefused),
    ("DATA", b"554 no\r\n", smtplib.SMTPDataError),
    ("mail", b"552 too large\r\n", smtplib.SMTPDataError),
]


@pytest.mark.parametrize(("command", "said", "error"), REFUSALS)
def test_after_a_refusal_the_next_mail_goes(
    backend: EmailBackend, script: Script, command: str, said: bytes, error: type[smtplib.SMTPException]
) -> None:
    script.says = {command: said}
    with pytest.raises(error) as caught:
        hand_over(backend, mail())
    assert said[:3].decode() in str(caught.value)
    script.says = {}
    script.mails.clear()
    hand_over(backend, mail("mo@example.org"))
    assert len(script.mails) == 1
    assert b"To: mo@example.org" in script.mails[0]


def test_nobody_is_sent_a_mail_whose_recipient_was_refused(backend: EmailBackend, script: Script) -> None:
    """A server may say yes to “data” all the same; what it gets then is empty (RFC 2920, section 3.1)."""
    script.says = {"RCPT": b"550 no such mailbox\r\n"}
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_over(backend, mail())
    assert [content for content in script.mails if content] == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("said", [b"421 closing\r\n", b"goodbye"])
def test_a_server_that_leaves_is_an_error(backend: EmailBackend, script: Script, command: str, said: bytes) -> None:
    script.says = {command: said}
    with pytest.raises((smtplib.SMTPException, OSError)):
        hand_over(backend, mail())
    assert [content for content in script.mails if content] == []


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ({"MAIL": b"554 5.7.1 blocked\r\n", "RCPT": b"goodbye"}, smtplib.SMTPSenderRefused),
        ({"RCPT": b"550-5.1.1 no such\r\n550 5.1.1 mailbox\r\n", "DATA": b"goodbye"}, smtplib.SMTPRecipientsRefused),
        ({"RCPT": b"550 5.1.1 no such mailbox\r\n", "mail": b"goodbye"}, smtplib.SMTPRecipientsRefused),
    ],
)
def test_a_server_that_says_no_and_leaves_has_said_no(
    backend: EmailBackend, script: Script, says: dict[str, bytes], error: type[smtplib.SMTPException]
) -> None:
    """Else an address that does not work would be tried for days, and nobody would be told what the server said."""
    script.says = says
    with pytest.raises(error, match=r"5\.[17]\.1"):
        hand_over(backend, mail())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "said", "outcome"),
    [
        ("MAIL", b"421 too many mails over one connection\r\n", "retry"),
        ("RCPT", b"421 too many recipients\r\n", "retry"),
        ("DATA", b"421 closing\r\n", "retry"),
        ("mail", b"421 closing\r\n", "retry"),
        ("RCPT", b"goodbye 550 5.1.1 no such mailbox\r\n", "failed"),
    ],
)
def test_after_a_goodbye_the_next_mail_goes_over_another_connection(
    backend: EmailBackend,
    script: Script,
    bob: Member,
    now: datetime,
    settings: Any,
    command: str,
    said: bytes,
    outcome: str,
) -> None:
    """It must not pay for the server's leaving (RFC 5321, section 3.8)."""
    backend.close()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = BACKEND, backend.host, backend.port
    for n in "ab":
        DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="mail_test", occasion=n, next_try_at=now)
    script.once = {command: said}
    assert send_due_deliveries(at=now) == {outcome: 1, "sent": 1}
    assert len([content for content in script.mails if content]) == (2 if command == "mail" else 1)


def test_other_backends_are_given_the_mail(mailoutbox: list[Any], settings: Any) -> None:
    backend = get_connection("django.core.mail.backends.locmem.EmailBackend")
    hand_over(backend, mail())
    assert [sent.to for sent in mailoutbox] == [["jo@example.org"]]


def test_nothing_goes_where_a_header_cannot_be_written(backend: EmailBackend, script: Script) -> None:
    bad = mail()
    bad.extra_headers["X-Kind"] = "a\r\nBcc: eve@example.org"
    with pytest.raises(ValueError, match="newlines"):
        hand_over(backend, bad)
    assert script.mails == []
