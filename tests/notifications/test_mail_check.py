"""`manage.py check_mail` says what is wrong and what to do, for each thing that can be wrong."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.notifications.models import Delivery
from apps.notifications.services import send_due_deliveries
from apps.notifications.services.mail_check import MailCheckResult, check_mail
from tests.factories import DeliveryFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db

GOOD = {b"EHLO": b"250-here\r\n250 AUTH PLAIN", b"AUTH": b"235 welcome", b"MAIL": b"250 fine", b"RSET": b"250 fine"}
SIGNED_IN = {"EMAIL_HOST_USER": "goals", "EMAIL_HOST_PASSWORD": "secret"}


@pytest.fixture(autouse=True)
def well_set(settings: Any) -> None:
    """Settings with which nothing is wrong but what a test makes so."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Counterpoise <goals@harbour.io>"
    settings.SITE_URL = "https://goals.harbour.io"
    settings.EMAIL_TIMEOUT = 2
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


@contextmanager
def server(settings: Any, **answers: bytes) -> Iterator[None]:
    """A mail server with these answers to these commands, and good ones to all others."""
    said = GOOD | {command.encode(): answer for command, answer in answers.items()}
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        thread = threading.Thread(target=_serve, args=(listening, said))
        thread.start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # closing alone would not wake a thread that waits in accept()
            thread.join(timeout=10)


def _serve(listening: socket.socket, said: dict[bytes, bytes]) -> None:
    while True:
        try:
            talk, _peer = listening.accept()
        except OSError:
            return
        talk.settimeout(5)
        with suppress(OSError), talk, talk.makefile("rb") as lines:
            talk.sendall(b"220 here\r\n")
            for line in lines:
                answer = said.get(line[:4].upper(), b"250 fine")
                talk.sendall(answer + b"\r\n")
                if line[:4].upper() == b"QUIT":
                    break


def wrong(at: datetime) -> dict[str, MailCheckResult]:
    return {each.name: each for each in check_mail(at=at) if not each.ok}


def test_all_is_well(settings: Any, now: datetime) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = SIGNED_IN.values()
    with server(settings):
        found = check_mail(at=now)
    assert [each.name for each in found if each.ok] == [each.name for each in found]
    assert {"settings", "sender", "links", "connection", "sending", "outbox"} == {each.name for each in found}
    assert not any("secret" in f"{each.said}{each.advice}" for each in found)


@pytest.mark.parametrize(
    ("changed", "name", "advice"),
    [
        ({"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": True}, "settings", "not both"),
        ({"EMAIL_HOST_USER": "me"}, "settings", "Set both"),
        (SIGNED_IN | {"EMAIL_HOST": "mail.invalid"}, "settings", "in the clear"),
        ({"DEFAULT_FROM_EMAIL": "Counterpoise"}, "sender", "Set DEFAULT_FROM_EMAIL"),
        ({"DEFAULT_FROM_EMAIL": "Counterpoise <counterpoise@localhost>"}, "sender", "Nobody accepts"),
        ({"SITE_URL": "http://localhost:8000"}, "links", "SITE_URL"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}, "connection", "keeps its mails"),
        ({"EMAIL_HOST": "mail.invalid"}, "connection", "EMAIL_HOST"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)  # fmt: skip
def test_each_wrong_setting_is_named_with_its_remedy(
    settings: Any, now: datetime, changed: dict[str, Any], name: str, advice: str
) -> None:
    with server(settings):
        for key, value in changed.items():
            setattr(settings, key, value)
        assert advice in wrong(now)[name].advice


def test_what_the_server_refuses_is_told_apart(settings: Any, now: datetime) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = SIGNED_IN.values()
    with server(settings, AUTH=b"535 5.7.8 wrong password"):
        assert "535 5.7.8 wrong password" in wrong(now)["account"].said
    with server(settings, MAIL=b"553 not yours"):
        assert wrong(now)["sending"].said == "553 not yours"
    with server(settings, EHLO=b"250 here"):
        assert "STARTTLS" in wrong(now)["encryption"].advice
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        settings.EMAIL_PORT = taken.getsockname()[1]
    assert "Nobody answers" in wrong(now)["connection"].advice
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_SSL = True
    with server(settings):
        assert "do not fit" in wrong(now)["encryption"].advice


def test_outbox_that_stands_still_is_found(settings: Any, now: datetime) -> None:
    DeliveryFactory(next_try_at=now - timedelta(minutes=6))
    with server(settings):
        assert "no worker or no beat" in wrong(now)["outbox"].advice


def test_command_tells_and_answers_by_its_exit_code(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with server(settings):
        call_command("check_mail")
        assert "ok   connection: Reached, without TLS." in capsys.readouterr().out
        call_command("check_mail", "--json")
    assert json.loads(capsys.readouterr().out)["ok"] is True
    with pytest.raises(SystemExit, match="1"):
        call_command("check_mail")
    assert "NOT  connection" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="1"):
        call_command("check_mail", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert any(not each["ok"] and each["advice"] for each in told["checks"])


def test_test_mail_goes_the_whole_way(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    WorkspaceFactory()
    monkeypatch.setattr(time, "sleep", lambda _seconds: send_due_deliveries(at=timezone.now()))  # a worker meanwhile
    with server(settings, DATA=b"354 go on", RCPT=b"550 unknown"), pytest.raises(SystemExit):
        call_command("check_mail", "--to", "somebody@harbour.io", "--wait", "5")
    assert "NOT  test mail: SMTPRecipientsRefused: 550 unknown" in capsys.readouterr().out
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with pytest.raises(SystemExit):  # no talk with a server
        call_command("check_mail", "--to", "other@harbour.io", "--wait", "5")
    assert "ok   test mail: Handed to the mail server for other@harbour.io." in capsys.readouterr().out
    assert [message.to for message in mail.outbox] == [["other@harbour.io"]]


def test_test_mail_that_nobody_takes_up_is_told(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with server(settings):
        with pytest.raises(SystemExit):
            call_command("check_mail", "--to", "somebody@harbour.io")
        assert "no workspace yet" in capsys.readouterr().out
        WorkspaceFactory()
        with pytest.raises(SystemExit):
            call_command("check_mail", "--to", "somebody@harbour.io", "--wait", "0")
        assert "No worker took it within 0 s." in capsys.readouterr().out
        with pytest.raises(CommandError, match="not an e-mail address"):
            call_command("check_mail", "--to", "nobody")
    assert Delivery.objects.get().recipient is None
