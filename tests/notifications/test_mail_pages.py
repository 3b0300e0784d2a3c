"""The demo's mailbox: the server that keeps mails as files, and the pages that show them."""

import smtplib
import socket
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import include, path

from apps.notifications.urls import mailbox
from config import urls
from tests.servers import ROOT

urlpatterns = [*urls.urlpatterns, path("dev/mail/", include(mailbox))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

NAME = f"{1_790_000_000_000_000_000:020d}-000000"


def mail(subject="Check in on “Retention”", html="<p>Hello <a href='/x'>there</a></p><script>alert(1)</script>"):
    message = EmailMessage()
    message["From"] = "Counterpoise <counterpoise@localhost>"
    message["To"] = "Bob Böttcher <bob@example.org>"
    message["Subject"] = subject
    message.set_content("Hello there. https://example.org/go\n")
    message.add_alternative(html, subtype="html")
    return message


@pytest.fixture
def mail_dir(tmp_path: Path, settings: Any) -> Path:
    settings.MAIL_DIR = tmp_path
    return tmp_path


def keep(folder, message, name=NAME):
    (folder / f"{name}.eml").write_bytes(message.as_bytes())


def test_list_is_open_to_visitors_and_teaches_when_empty(mail_dir):
    answer = Client().get("/dev/mail/")
    assert answer.status_code == 200
    assert "No mail yet" in answer.content.decode()


def test_list_shows_newest_first(mail_dir):
    keep(mail_dir, mail("The older one"), f"{1_790_000_000_000_000_000:020d}-000000")
    keep(mail_dir, mail("The newer one"), f"{1_790_000_001_000_000_000:020d}-000000")
    (mail_dir / ".half.eml.part").write_bytes(b"half")
    page = Client().get("/dev/mail/").content.decode()
    assert page.index("The newer one") < page.index("The older one")
    assert "Bob Böttcher" in page


def test_mail_shows_text_and_frames_its_html(mail_dir):
    keep(mail_dir, mail())
    answer = Client().get(f"/dev/mail/{NAME}/")
    page = answer.content.decode()
    assert "Check in on “Retention”" in page
    assert 'href="https://example.org/go"' in page
    assert "alert(1)" not in page
    assert f'src="/dev/mail/{NAME}/html/"' in page
    assert "frame-src 'self'" in answer["Content-Security-Policy"]


def test_html_part_runs_nothing_wherever_it_is_opened(mail_dir):
    keep(mail_dir, mail())
    answer = Client().get(f"/dev/mail/{NAME}/html/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["none", "..", "%2e%2e%2fsecret-key", NAME])
def test_other_files_are_not_mails(mail_dir, name):
    (mail_dir / "none.eml").write_text("Subject: not named by the mail server\n\n")
    assert Client().get(f"/dev/mail/{name}/").status_code == 404


def test_mailbox_exists_in_demos_only():
    assert not any("dev/mail" in str(vars(pattern)) for pattern in urls.urlpatterns)


def test_mail_server_keeps_each_mail_whole(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        sink = subprocess.Popen(
            [sys.executable, str(ROOT / "devserver" / "mail_sink.py"), str(tmp_path), str(listening.fileno())],
            pass_fds=(listening.fileno(),),
        )
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as connection:
            connection.send_message(mail("First"))
            connection.send_message(mail("Second"), to_addrs=["hidden@example.org"])
    finally:
        sink.terminate()
        assert sink.wait(20) == 0
    first, second = sorted(tmp_path.iterdir())
    assert "Subject: First" in first.read_text()
    assert "X-Envelope-To: hidden@example.org" in second.read_text()
    assert first.stat().st_mtime <= time.time()
