"""Mails that come back: which ones are believed, whom they are shown to, and what they say of an address."""

import io
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.notifications import queries
from apps.notifications.models import Delivery, FaultyAddress
from apps.notifications.services import begin_anew, mail_health
from apps.notifications.services.bounces import LASTS, take_bounce
from apps.notifications.services.deliveries import new_message_id
from apps.notifications.services.messages import compose
from apps.workspaces.models import Member
from tests.bounces import report
from tests.factories import DeliveryFactory
from tests.mails import read

ClientOf = Callable[[Member], Client]


@pytest.mark.django_db
def test_mail_that_came_back_is_shown_to_admins_and_to_its_reader(
    alice: Member, bob: Member, mo: Member, client_of: ClientOf, now: datetime
) -> None:
    row = DeliveryFactory(
        workspace=bob.workspace, recipient=bob, address="bob@example.org", kind="digest", state="sent", sent_at=now
    )
    DeliveryFactory(workspace=mo.workspace, recipient=mo, kind="digest", state="sent", sent_at=now)
    assert take_bounce(report(row.message_id), at=now) == row
    assert take_bounce(report(row.message_id), at=now) == row, "twice is once"
    assert Delivery.objects.filter(state="failed").count() == 1
    page = client_of(alice).get(reverse("notifications:mail_health", args=["harbour"])).content.decode()
    assert "No such user here" in page
    assert f"/settings/mail/{row.pk}/retry/" not in page
    with pytest.raises(ValidationError, match="cannot be sent again"):
        mail_health.retry_delivery(row, by=alice, at=now)
    address = reverse("notifications:preference_edit", args=["harbour"])
    assert "mail came back" in client_of(bob).get(address).content.decode()
    assert "mail came back" not in client_of(mo).get(address).content.decode()


@pytest.mark.django_db
def test_the_next_mail_that_arrives_ends_the_trouble(bob: Member, now: datetime) -> None:
    DeliveryFactory(workspace=bob.workspace, recipient=bob, state="failed", last_error="550", updated_at=now)
    assert queries.mail_trouble(bob) is not None
    DeliveryFactory(workspace=bob.workspace, recipient=bob, state="sent", sent_at=now)
    newest = Delivery.objects.get(state="sent")
    Delivery.objects.filter(pk=newest.pk).update(updated_at=now.replace(year=now.year + 1))
    assert queries.mail_trouble(bob) is None


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"Out of office", report("<unknown@nowhere>")])
def test_command_takes_what_is_piped_and_never_fails(
    content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    call_command("take_bounce")
    assert "none of our mails" in capsys.readouterr().out


@pytest.mark.django_db
def test_command_notes_the_mail(
    bob: Member, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = timezone.now()
    row = DeliveryFactory(workspace=bob.workspace, recipient=bob, address="bob@example.org", state="sent", sent_at=at)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report(row.message_id))))
    call_command("take_bounce")
    assert row.message_id in capsys.readouterr().out
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("failed", None)
    assert row.last_error.startswith("It came back: 550 5.1.1")


@pytest.mark.django_db
def test_return_path_differs_from_the_sender_readers_see(bob: Member, settings: Any, now: datetime) -> None:
    settings.MAIL_RETURN_PATH = "returns@example.org"
    row = DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="mail_test", next_try_at=now)
    mail = compose(row)
    assert mail is not None
    assert mail.from_email == "returns@example.org"
    assert read(mail)["From"] == settings.DEFAULT_FROM_EMAIL


# ---- whom a notification is believed ------------------------------------------------------------------------------


@pytest.fixture
def sent(bob: Member, now: datetime) -> Delivery:
    """A mail that bob's address was sent."""
    row: Delivery = DeliveryFactory(
        workspace=bob.workspace, recipient=bob, address="bob@example.org", state="sent", sent_at=now
    )
    return row


@pytest.mark.django_db
def test_one_that_names_another_address_changes_nothing(sent: Delivery, now: datetime) -> None:
    assert take_bounce(report(sent.message_id, to="mo@example.org"), at=now) is None
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert not FaultyAddress.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("message_id", ["<x@example.org>", "", "<\0>", "%", "<" + "x" * 9_000 + ">", "'; DROP TABLE x"])
def test_one_that_names_no_mail_of_ours_changes_nothing(sent: Delivery, message_id: str, now: datetime) -> None:
    assert take_bounce(report(message_id), at=now) is None
    assert not FaultyAddress.objects.exists()


@pytest.mark.django_db
def test_one_about_a_mail_that_has_not_left_does_not_stop_it(sent: Delivery, now: datetime) -> None:
    Delivery.objects.update(state="queued", sent_at=None)
    assert take_bounce(report(sent.message_id), at=now) is None
    assert Delivery.objects.get().state == "queued"


@pytest.mark.django_db
def test_one_that_comes_weeks_later_is_not_believed(sent: Delivery, now: datetime) -> None:
    assert take_bounce(report(sent.message_id), at=now + LASTS + timedelta(seconds=1)) is None
    assert not FaultyAddress.objects.exists()


@pytest.mark.django_db
def test_one_counts_once(sent: Delivery, bob: Member, now: datetime) -> None:
    assert bob.user is not None
    take_bounce(report(sent.message_id), at=now)
    begin_anew(bob.user, at=now + timedelta(hours=1))
    take_bounce(report(sent.message_id), at=now + timedelta(hours=2))
    assert queries.own_faulty_address(bob) is None


@pytest.mark.django_db
def test_a_mail_to_the_address_somebody_had_says_nothing_of_the_one_they_have(
    sent: Delivery, bob: Member, now: datetime
) -> None:
    assert bob.user is not None
    bob.user.email = "robert@example.org"
    bob.user.save()
    assert take_bounce(report(sent.message_id), at=now) == sent
    assert queries.own_faulty_address(bob) is None


@pytest.mark.django_db
def test_an_invitation_that_came_back_is_shown_and_marks_nobody(alice: Member, now: datetime) -> None:
    row = DeliveryFactory(
        workspace=alice.workspace, kind="invitation", address="new@example.org", state="sent", sent_at=now
    )
    assert take_bounce(report(row.message_id, to="new@example.org"), at=now) == row
    assert queries.failed_mails(alice, {}).rows == [row]
    assert not FaultyAddress.objects.exists()


def test_message_ids_tell_nothing_of_one_another() -> None:
    """As many bits as UUIDs have, and more, from the operating system; no time and no process in them."""
    ids = [new_message_id() for _n in range(100)]
    assert len(set(ids)) == 100
    assert all(len(each.partition("@")[0]) == 33 for each in ids)
    assert len({each[:4] for each in ids}) > 90


@pytest.mark.django_db
def test_command_lets_the_server_keep_it_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object, **_named: object) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    monkeypatch.setattr("apps.notifications.management.commands.take_bounce.take_bounce", away)
    with pytest.raises(SystemExit) as ended:
        call_command("take_bounce", stderr=io.StringIO())
    assert ended.value.code == 75
