"""The mails about an account: what they say, in which language, and that they leave through a real mail server."""

import email
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from apps.accounts.adapter import mails
from apps.accounts.models import User
from tests.accounts.people import SIGNUP, is_signed_in, link_in, verified
from tests.factories import UserFactory
from tests.mails import html_of

CONTEXT = {
    "activate_url": "http://evil.example/account/confirm-email/x/",
    "password_reset_url": "http://evil.example/account/password/reset/",
    "signup_url": "http://evil.example/account/signup/",
    "from_email": "old@example.org",
    "to_email": "new@example.org",
    "ip": "192.0.2.7",
    "user_agent": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("kind", mails.KINDS)
def test_every_mail_says_one_thing_in_text_and_html(kind: str) -> None:
    context = {**CONTEXT, "user": User(language="en", timezone="Asia/Tokyo"), "timestamp": timezone.now()}
    message = mails.compose(kind, context, ["noor@example.org"])
    assert message is not None
    html = str(message.alternatives[0][0])
    assert message.subject
    assert "evil.example" not in message.body + html, "links lead to the address the site is configured to have"
    assert django_settings.SITE_URL in message.body
    assert html.count('class="button"') == 1
    assert "<script>" not in html
    assert len(message.message().as_bytes()) < 30 * 1024
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_who_lost_the_address_is_not_sent_for_a_password_that_goes_to_the_new_one() -> None:
    context = {**CONTEXT, "user": User(language="en", timezone="UTC"), "timestamp": timezone.now()}
    message = mails.compose("account/email/email_changed", context, ["old@example.org"])
    assert message is not None
    assert "from old@example.org to new@example.org" in message.body
    assert "tell an admin" in message.body
    assert "/password/reset/" not in message.body


def test_a_change_says_from_which_device_in_words() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    context = {**CONTEXT, "user": User(language="en", timezone="UTC"), "timestamp": timezone.now(), "user_agent": agent}
    message = mails.compose("account/email/password_changed", context, ["old@example.org"])
    assert message is not None
    assert "Device: Firefox on Linux" in message.body
    assert "Mozilla" not in message.body


def test_unknown_kinds_are_left_to_allauth() -> None:
    assert mails.compose("account/email/login_code", {}, ["x@example.org"]) is None


@pytest.mark.django_db
def test_a_mail_speaks_the_language_of_its_reader(client: Client) -> None:
    verified(UserFactory(email="noor@example.org", language="de"))
    with translation.override("en"):
        client.post("/account/password/reset/", {"email": "noor@example.org"}, headers={"accept-language": "en"})
    html = html_of(mail.outbox[0])
    assert '<html lang="de">' in html


@pytest.fixture
def mail_server(tmp_path: Path, settings: object) -> Iterator[Path]:
    """A real mail server; the folder its mails land in."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-m", "devserver.mail_sink", str(tmp_path), str(listening.fileno())]
        process = subprocess.Popen(command, cwd=django_settings.BASE_DIR, pass_fds=[listening.fileno()])
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
        settings.EMAIL_HOST = "127.0.0.1"  # type: ignore[attr-defined]
        settings.EMAIL_PORT = listening.getsockname()[1]  # type: ignore[attr-defined]
        yield tmp_path
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.django_db
def test_sign_up_through_a_real_mail_server(client: Client, mail_server: Path) -> None:
    client.post("/account/signup/", SIGNUP)
    deadline = time.monotonic() + 10
    while not (found := list(mail_server.glob("*.eml"))) and time.monotonic() < deadline:
        time.sleep(0.02)
    message = email.message_from_bytes(found[0].read_bytes(), policy=policy.default)
    text = message.get_body(("plain",))
    assert message["Subject"] == "Please confirm your address"
    assert message["To"] == "noor@example.org"
    assert text is not None
    client.post(link_in(mail.EmailMessage(body=text.get_content())))
    assert is_signed_in(client)
