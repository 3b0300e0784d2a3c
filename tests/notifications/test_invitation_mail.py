"""The mail of an invitation, and its secret link."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from apps.notifications.models import Delivery
from apps.notifications.services import send_due_deliveries
from apps.workspaces.models import Member
from apps.workspaces.services.invitations import create_invitations, create_link, resend_invitation, revoke_invitation
from tests.mails import html_of, read

ADDRESS = "Nora Quist <nora@example.org>"


def test_invitation_goes_out_with_its_link(alice: Member, now: datetime) -> None:
    (invited,) = create_invitations(ADDRESS, by=alice, at=now)
    assert send_due_deliveries(at=now) == {"sent": 1}
    (sent,) = mail.outbox
    assert sent.to == ["nora@example.org"]
    assert sent.subject == "Alice invites you to Harbour"
    assert "Hello Nora Quist," in sent.body
    assert invited.url in sent.body
    assert invited.url in html_of(sent)
    assert "open until Wednesday 18 March" in sent.body


def test_invitation_leaves_no_link_behind(alice: Member, now: datetime) -> None:
    (invited,) = create_invitations(ADDRESS, by=alice, at=now)
    token = invited.url.rstrip("/").rpartition("/")[2]
    assert token in str(Delivery.objects.get().data)
    send_due_deliveries(at=now)
    delivery = Delivery.objects.get()
    assert token not in str([getattr(delivery, field.attname) for field in Delivery._meta.fields])


def test_invitation_sent_again_says_only_the_new_link(alice: Member, now: datetime) -> None:
    (invited,) = create_invitations(ADDRESS, by=alice, at=now)
    again = resend_invitation(invited.invitation, by=alice, at=now)
    assert send_due_deliveries(at=now) == {"dropped": 1, "sent": 1}
    assert again.url in mail.outbox[0].body
    assert invited.url not in mail.outbox[0].body


@pytest.mark.parametrize("end", ["revoked", "expired", "inviter left"])
def test_invitation_is_dropped_once_it_is_not_open(alice: Member, now: datetime, end: str) -> None:
    (invited,) = create_invitations(ADDRESS, by=alice, at=now)
    if end == "revoked":
        revoke_invitation(invited.invitation, by=alice, at=now)
    if end == "inviter left":
        Member.objects.filter(pk=alice.pk).update(deactivated_at=now)
    at = now + timedelta(days=15 if end == "expired" else 0)
    assert send_due_deliveries(at=at) == {"dropped": 1}
    assert Delivery.objects.get().data == {}


def test_link_for_many_is_not_sent(alice: Member, now: datetime) -> None:
    create_link(by=alice, at=now)
    assert not Delivery.objects.exists()


def test_invitation_cannot_write_headers(alice: Member, now: datetime) -> None:
    alice.workspace.name = "Harbour\nBcc: eve@example.org " + "x" * 150
    alice.workspace.save()
    create_invitations(ADDRESS, by=alice, at=now)
    assert send_due_deliveries(at=now) == {"sent": 1}
    message = read(mail.outbox[0])
    assert message["Bcc"] is None
    assert len(mail.outbox[0].subject) <= 150
