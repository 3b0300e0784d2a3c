"""Mails that come back: what a mail server's notification says, whom it is shown to, and what is none."""

import io
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.notifications import queries
from apps.notifications.models import Delivery
from apps.notifications.services import mail_health
from apps.notifications.services.bounces import Bounce, read_bounce, take_bounce
from apps.notifications.services.messages import compose
from apps.workspaces.models import Member
from tests.factories import DeliveryFactory

ClientOf = Callable[[Member], Client]

NOTICE = """From: MAILER-DAEMON@mx.example.org
To: counterpoise@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; bob@gone.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <bob@gone.example> No such
 user here

--b
Content-Type: {kind}

{whole}Message-ID: {message_id}
Subject: Your day

--b--
"""


def notice(message_id: str, action: str = "failed", kind: str = "text/rfc822-headers") -> bytes:
    whole = "From: us@example.org\n"
    return NOTICE.format(message_id=message_id, action=action, kind=kind, whole=whole).encode()


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_notification_says_which_mail_and_why(kind: str) -> None:
    found = read_bounce(notice("<a@b>", kind=kind))
    assert found == Bounce("<a@b>", "5.1.1 550 5.1.1 <bob@gone.example> No such user here")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_delays_and_successes_are_no_bounces(action: str) -> None:
    assert read_bounce(notice("<a@b>", action=action)) is None


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: notice(text).replace(b"550", b"\0"))))
def test_anything_may_arrive(content: bytes) -> None:
    assert isinstance(read_bounce(content), Bounce | None)


@pytest.mark.django_db
def test_mail_that_came_back_is_shown_to_admins_and_to_its_reader(
    alice: Member, bob: Member, mo: Member, client_of: ClientOf, now: datetime
) -> None:
    row = DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="digest", state="sent", sent_at=now)
    DeliveryFactory(workspace=mo.workspace, recipient=mo, kind="digest", state="sent", sent_at=now)
    assert take_bounce(notice(row.message_id), at=now) == row
    assert take_bounce(notice(row.message_id, action="failed"), at=now) == row, "twice is once"
    assert Delivery.objects.filter(state="failed").count() == 1
    page = client_of(alice).get(reverse("notifications:mail_health", args=["harbour"])).content.decode()
    assert "No such user here" in page
    assert f"/settings/mail/{row.pk}/retry/" not in page
    with pytest.raises(ValidationError, match="cannot be sent again"):
        mail_health.retry_delivery(row, by=alice, at=now)
    address = reverse("notifications:preference_edit", args=["harbour"])
    assert "did not arrive" in client_of(bob).get(address).content.decode()
    assert "did not arrive" not in client_of(mo).get(address).content.decode()


@pytest.mark.django_db
def test_the_next_mail_that_arrives_ends_the_trouble(bob: Member, now: datetime) -> None:
    DeliveryFactory(workspace=bob.workspace, recipient=bob, state="failed", last_error="550", updated_at=now)
    assert queries.mail_trouble(bob) is not None
    DeliveryFactory(workspace=bob.workspace, recipient=bob, state="sent", sent_at=now)
    newest = Delivery.objects.get(state="sent")
    Delivery.objects.filter(pk=newest.pk).update(updated_at=now.replace(year=now.year + 1))
    assert queries.mail_trouble(bob) is None


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"Out of office", notice("<unknown@nowhere>")])
def test_command_takes_what_is_piped_and_never_fails(
    content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    call_command("take_bounce")
    assert "none of our mails" in capsys.readouterr().out


@pytest.mark.django_db
def test_command_notes_the_mail(
    bob: Member, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = DeliveryFactory(workspace=bob.workspace, recipient=bob, state="sent", sent_at=now)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(notice(row.message_id))))
    call_command("take_bounce")
    assert row.message_id in capsys.readouterr().out
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("failed", None)
    assert row.last_error.startswith("It came back: 5.1.1")


@pytest.mark.django_db
def test_return_path_differs_from_the_sender_readers_see(bob: Member, settings: Any, now: datetime) -> None:
    settings.MAIL_RETURN_PATH = "returns@example.org"
    row = DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="mail_test", next_try_at=now)
    mail = compose(row)
    assert mail is not None
    assert mail.from_email == "returns@example.org"
    assert mail.message()["From"] == settings.DEFAULT_FROM_EMAIL
