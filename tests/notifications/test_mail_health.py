"""How mail is doing: figures and failures for admins, a test, and another try."""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.notifications import queries, services
from apps.notifications.models import Delivery
from apps.notifications.services import mail_health
from apps.workspaces.models import Member
from tests.factories import DeliveryFactory

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]


def address(member: Member) -> str:
    return reverse("notifications:mail_health", args=[member.workspace.slug])


def test_the_figures_count_this_workspaces_mails_by_what_became_of_them(
    alice: Member, bob: Member, eve: Member, now: datetime
) -> None:
    here = {"workspace": alice.workspace, "created_at": now, "next_try_at": now}
    DeliveryFactory(**here)
    DeliveryFactory(**{**here, "next_try_at": now - timedelta(hours=1)}, last_error="451 later", attempts=2)
    DeliveryFactory(**here, state="sent", sent_at=now)
    DeliveryFactory(**here, state="dropped")
    DeliveryFactory(**here, state="failed", last_error="550 unknown")
    DeliveryFactory(**{**here, "created_at": now - timedelta(days=8)}, state="failed", last_error="550 long ago")
    DeliveryFactory(**{**here, "workspace": eve.workspace}, state="failed", last_error="550 elsewhere")
    health = queries.mail_health(alice, at=now)
    assert (health.waiting, health.retrying, health.sent, health.dropped, health.failed) == (2, 1, 1, 1, 1)
    assert (health.oldest_due_at, health.last_sent_at) == (now - timedelta(hours=1), now)
    assert health.last_error in {"451 later", "550 unknown"}
    assert health.is_late
    assert not health.is_well
    assert queries.mail_health(bob, at=now).failed == 0, "not an admin"


def test_the_page_of_a_workspace_without_mail_is_well(alice: Member, client_of: ClientOf) -> None:
    assert "All is well" in client_of(alice).get(address(alice)).content.decode()


def test_failures_show_the_address_and_what_the_server_said_but_not_what_the_mail_is_about(
    alice: Member, bob: Member, client_of: ClientOf
) -> None:
    DeliveryFactory(
        workspace=bob.workspace, recipient=bob, address="bob@gone.example", kind="check_in_due",
        state="failed", last_error="550 <no such user>", dedupe_key="canary-dedupe_key", data={"word": "canary-data"},
    )  # fmt: skip
    page = client_of(alice).get(address(alice)).content.decode()
    assert "bob@gone.example" in page
    assert "550 &lt;no such user&gt;" in page
    assert "canary" not in page
    assert "check_in_due" not in page


def test_a_test_mail_goes_to_whoever_asked_once_a_minute(alice: Member, client_of: ClientOf, now: datetime) -> None:
    client = client_of(alice)
    assert "A test mail to alice@example.org" in client.post(address(alice) + "test/", follow=True).content.decode()
    services.send_due_deliveries(at=timezone.now())
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert "/settings/mail/" in mail.outbox[0].body
    mail_health.send_test_mail(by=alice, at=now)
    with pytest.raises(ValidationError, match="a moment ago"):
        mail_health.send_test_mail(by=alice, at=now)


def test_only_admins_send_tests(bob: Member, now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        mail_health.send_test_mail(by=bob, at=now)


def test_a_failed_mail_keeps_its_ids_and_is_sent_again(
    alice: Member, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = timezone.now()
    mail_health.send_test_mail(by=alice, at=at)
    Delivery.objects.update(data={"notices": ["an id"]})

    def refuse(*_arguments: object) -> int:
        raise SMTPRecipientsRefused({"alice@example.org": (550, b"unknown")})

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        services.send_due_deliveries(at=at)
    failed = Delivery.objects.get()
    assert (failed.state, failed.data) == ("failed", {"notices": ["an id"]})
    client = client_of(alice)
    answer = client.post(f"{address(alice)}{failed.pk}/retry/", follow=True).content.decode()
    assert "It will be sent again in a moment." in answer
    services.send_due_deliveries(at=timezone.now())
    assert Delivery.objects.get().state == "sent"
    assert mail.outbox[-1].extra_headers["Message-ID"] == failed.message_id
    assert "has gone out" in client.post(f"{address(alice)}{failed.pk}/retry/", follow=True).content.decode()


def test_a_mail_whose_secret_was_erased_cannot_be_sent_again(alice: Member, now: datetime) -> None:
    row = DeliveryFactory(workspace=alice.workspace, kind="invitation", state="failed")
    with pytest.raises(ValidationError, match="Make a new one"):
        mail_health.retry_delivery(row, by=alice, at=now)
