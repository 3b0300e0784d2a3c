"""Addresses that do not work: when one counts as such, what is held back, who sees it, and how it ends."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.services import carry_address
from apps.activity.models import Event
from apps.notifications import access, queries, services
from apps.notifications.models import Delivery, FaultyAddress
from apps.notifications.services import addresses, mail_health
from apps.notifications.services.faults import Fault
from apps.workspaces.models import Member
from tests.factories import DeliveryFactory, FaultyAddressFactory, MemberFactory
from tests.lists import holding

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]
DAY = timedelta(days=1)


def fault(member: Member, fault: Fault, *, mailed_at: datetime, at: datetime | None = None) -> None:
    """A mail to somebody did not arrive."""
    assert member.user is not None
    addresses.note_fault(member.user, fault=fault, said="no", mailed_at=mailed_at, at=at or mailed_at)


def queue(member: Member, dedupe_key: str, *, at: datetime, kind: str = "mail_test") -> Delivery:
    """A mail to somebody that waits."""
    services.queue_delivery(workspace=member.workspace, recipient=member, kind=kind, dedupe_key=dedupe_key, at=at)
    row: Delivery = Delivery.objects.get(recipient=member, dedupe_key=dedupe_key)
    return row


def is_marked(member: Member) -> bool:
    """Whether their mail is held back."""
    return queries.own_faulty_address(member) is not None


# ---- when ---------------------------------------------------------------------------------------------------------


def test_a_fault_for_good_ends_an_address_at_once(bob: Member, mo: Member, now: datetime) -> None:
    fault(bob, Fault.FOR_GOOD, mailed_at=now)
    assert is_marked(bob)
    assert not is_marked(mo)


def test_others_end_it_on_the_third_day_in_a_row(bob: Member, now: datetime) -> None:
    for hours in (0, 1, 24, 25, 26):
        fault(bob, Fault.PERHAPS, mailed_at=now + timedelta(hours=hours))
        assert not is_marked(bob), "several on one day count once"
    fault(bob, Fault.PERHAPS, mailed_at=now + 2 * DAY)
    assert is_marked(bob)


def test_a_mail_that_arrived_between_begins_the_count_anew(bob: Member, now: datetime) -> None:
    fault(bob, Fault.PERHAPS, mailed_at=now)
    fault(bob, Fault.PERHAPS, mailed_at=now + DAY)
    DeliveryFactory(workspace=bob.workspace, recipient=bob, state="sent", sent_at=now + 2 * DAY)
    fault(bob, Fault.PERHAPS, mailed_at=now + 3 * DAY)
    fault(bob, Fault.PERHAPS, mailed_at=now + 4 * DAY)
    assert not is_marked(bob)
    fault(bob, Fault.PERHAPS, mailed_at=now + 5 * DAY)
    assert is_marked(bob)


def test_a_mail_of_the_same_day_may_still_come_back_and_counts_for_nothing(bob: Member, now: datetime) -> None:
    for day in range(3):
        DeliveryFactory(workspace=bob.workspace, recipient=bob, state="sent", sent_at=now + day * DAY - DAY / 12)
        fault(bob, Fault.PERHAPS, mailed_at=now + day * DAY)
        Delivery.objects.update(state="failed", sent_at=None)
    assert is_marked(bob)


def test_our_own_fault_is_not_the_addresss(bob: Member, now: datetime) -> None:
    for day in range(5):
        fault(bob, Fault.NONE, mailed_at=now + day * DAY)
    assert not FaultyAddress.objects.exists()


def test_what_went_out_before_it_was_mailed_again_no_longer_counts(bob: Member, now: datetime) -> None:
    assert bob.user is not None
    fault(bob, Fault.FOR_GOOD, mailed_at=now)
    services.begin_anew(bob.user, at=now + DAY)
    fault(bob, Fault.FOR_GOOD, mailed_at=now + DAY / 2, at=now + 2 * DAY)
    assert not is_marked(bob)
    fault(bob, Fault.FOR_GOOD, mailed_at=now + 2 * DAY)
    assert is_marked(bob)


# ---- sending ------------------------------------------------------------------------------------------------------


class Refusing(EmailBackend):
    """A mail server that refuses recipients with `answer`."""

    answer: tuple[int, bytes] | None = None

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Take the mail, or not."""
        if self.answer:
            raise SMTPRecipientsRefused({messages[0].to[0]: self.answer})
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any) -> Iterator[type[Refusing]]:
    """The mail server of this test."""
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    yield Refusing
    Refusing.answer = None


@pytest.fixture
def kind() -> Iterator[str]:
    """A kind of mail that nobody sends by hand."""
    with holding(services.MAIL_KINDS, replace(services.MAIL_KINDS["mail_test"], name="daily")):
        yield "daily"


def test_a_refused_recipient_ends_the_address(
    bob: Member, alice: Member, server: type[Refusing], kind: str, now: datetime
) -> None:
    queue(bob, "a", at=now, kind=kind)
    server.answer = (550, b"5.1.1 <bob@example.org> unknown")
    assert services.send_due_deliveries(at=now) == {"failed": 1}
    assert is_marked(bob)
    assert FaultyAddress.objects.get().said == "550 5.1.1 <bob@example.org> unknown"
    server.answer = None
    row, other = queue(bob, "b", at=now, kind=kind), queue(alice, "b", at=now, kind=kind)
    assert services.send_due_deliveries(at=now) == {"held": 1, "sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error, row.sent_at, row.data) == ("held", addresses.HELD, None, {})
    assert [message.to for message in mail.outbox] == [[other.address]]
    assert services.send_due_deliveries(at=now + DAY) == {}, "held back once and for all"


@pytest.mark.parametrize("answer", [(450, b"later"), (552, b"full"), (550, b"5.7.26 no DMARC")])
def test_other_refusals_do_not(bob: Member, server: type[Refusing], answer: tuple[int, bytes], now: datetime) -> None:
    queue(bob, "a", at=now)
    server.answer = answer
    services.send_due_deliveries(at=now)
    assert not is_marked(bob)


def test_what_was_asked_for_by_hand_goes_all_the_same(bob: Member, now: datetime) -> None:
    FaultyAddressFactory(user=bob.user, since=now)
    queue(bob, "a", at=now, kind="mail_test")
    assert services.send_due_deliveries(at=now) == {"sent": 1}


@pytest.mark.usefixtures("account_mails_leave")
def test_mails_about_the_account_go_all_the_same(bob: Member, now: datetime) -> None:
    FaultyAddressFactory(user=bob.user, since=now)
    Client().post(reverse("account_reset_password"), {"email": "bob@example.org"})
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]


def test_looking_takes_one_query_however_many_mails(
    bob: Member, kind: str, now: datetime, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    people = [MemberFactory(workspace=bob.workspace) for _n in range(4)]
    rows = [DeliveryFactory(workspace=bob.workspace, recipient=person, kind=kind) for person in people]
    with django_assert_num_queries(1):
        assert addresses.hold_back(rows, at=now) == rows
    FaultyAddressFactory(user=people[0].user)
    with django_assert_num_queries(2):
        assert addresses.hold_back(rows, at=now) == rows[1:]


# ---- how it ends --------------------------------------------------------------------------------------------------


def test_another_address_is_mailed(bob: Member, kind: str, now: datetime) -> None:
    assert bob.user is not None
    FaultyAddressFactory(user=bob.user, since=now)
    bob.user.email = "robert@example.org"
    bob.user.save()
    queue(bob, "a", at=now, kind=kind)
    assert services.send_due_deliveries(at=now) == {"sent": 1}
    fault(bob, Fault.PERHAPS, mailed_at=now + DAY)
    assert FaultyAddress.objects.get().address == "robert@example.org"
    assert not is_marked(bob), "its own count begins"


def test_confirming_the_address_ends_it(bob: Member, now: datetime) -> None:
    assert bob.user is not None
    FaultyAddressFactory(user=bob.user, since=now)
    carry_address(bob.user)
    assert not is_marked(bob)


def test_its_person_reads_the_day_as_their_language_writes_it(bob: Member, client_of: ClientOf, now: datetime) -> None:
    assert bob.user is not None
    FaultyAddressFactory(user=bob.user, since=now)
    bob.user.language = "de"
    bob.user.save()
    shown = client_of(bob).get(reverse("notifications:preference_edit", args=["harbour"])).content.decode()
    assert "seit dem 4. März" in shown


def test_its_person_sees_it_and_tries_again(bob: Member, mo: Member, client_of: ClientOf, now: datetime) -> None:
    FaultyAddressFactory(user=bob.user, since=now, said="5.1.1 <no> such mailbox")
    page = reverse("notifications:preference_edit", args=["harbour"])
    client = client_of(bob)
    shown = client.get(page).content.decode()
    assert "has not worked since 4 March" in shown
    assert "5.1.1 &lt;no&gt; such mailbox" in shown
    assert "has not worked" not in client_of(mo).get(page).content.decode()
    again = reverse("notifications:own_mail_again", args=["harbour"])
    assert "Mail goes to bob@example.org again." in client.post(again, follow=True).content.decode()
    client.post(again)
    assert not is_marked(bob)
    assert not Event.objects.filter(verb="member.mailed_again").exists(), "one's own business"


def test_nobody_tries_again_for_somebody_else(bob: Member, mo: Member, client_of: ClientOf, now: datetime) -> None:
    FaultyAddressFactory(user=bob.user, since=now)
    client_of(mo).post(reverse("notifications:own_mail_again", args=["harbour"]))
    assert is_marked(bob)


def test_an_admin_sees_it_and_mails_it_again(
    adam: Member, bob: Member, client_of: ClientOf, kind: str, now: datetime
) -> None:
    row = FaultyAddressFactory(user=bob.user, since=now - DAY, said="550 gone")
    for dedupe_key in "abc":
        queue(bob, dedupe_key, at=now, kind=kind)
    services.send_due_deliveries(at=now)
    (found,) = queries.faulty_addresses(adam)
    assert (found.name, found.held) == ("Bob", 3)  # type: ignore[attr-defined]
    client = client_of(adam)
    page = reverse("notifications:mail_health", args=["harbour"])
    shown = client.get(page).content.decode()
    assert "Addresses that do not work" in shown
    assert "550 gone" in shown
    again = reverse("notifications:address_mail_again", args=["harbour", row.pk])
    shown = client.post(again, follow=True).content.decode()
    assert "bob@example.org is mailed again from now on." in shown
    assert "Addresses that do not work" not in shown
    client.post(again)
    event = Event.objects.get(verb="member.mailed_again")
    assert (event.actor, event.subject_id, event.data) == (adam, bob.pk, {})
    queue(bob, "d", at=now, kind=kind)
    assert services.send_due_deliveries(at=now) == {"sent": 1}


def test_admins_see_the_people_of_their_workspace_only(
    alice: Member, bob: Member, eve: Member, client_of: ClientOf, now: datetime
) -> None:
    row = FaultyAddressFactory(user=bob.user, since=now)
    assert queries.faulty_addresses(eve) == []
    with pytest.raises(PermissionDenied):
        addresses.mail_again(row, by=bob, at=now)
    addresses.mail_again(row, by=eve, at=now)
    assert is_marked(bob)
    address = reverse("notifications:address_mail_again", args=[eve.workspace.slug, row.pk])
    assert client_of(eve).post(address).status_code == 404
    MemberFactory(workspace=eve.workspace, user=bob.user, name="Bob elsewhere")
    DeliveryFactory(workspace=bob.workspace, recipient=bob, state="held")
    (found,) = queries.faulty_addresses(eve)
    assert (found.name, found.held) == ("Bob elsewhere", 0), "what another workspace sends stays there"  # type: ignore[attr-defined]
    bob.deactivated_at = now
    bob.save()
    assert queries.faulty_addresses(alice) == []


def test_one_sees_ones_own(bob: Member, mo: Member, now: datetime) -> None:
    row = FaultyAddressFactory(user=bob.user, since=now)
    assert list(access.visible_faulty_addresses(bob)) == [row]
    assert not access.visible_faulty_addresses(mo).exists()


def test_a_failed_mail_is_not_sent_again_to_an_address_that_does_not_work(
    alice: Member, bob: Member, now: datetime
) -> None:
    row = DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="notices", state="failed")
    FaultyAddressFactory(user=bob.user, since=now)
    with pytest.raises(ValidationError, match="let it be mailed again first"):
        mail_health.retry_delivery(row, by=alice, at=now)


def test_many_addresses_fill_one_page(alice: Member, client_of: ClientOf, now: datetime) -> None:
    for hours in range(queries.ADDRESSES_SHOWN + 1):
        member = MemberFactory(workspace=alice.workspace)
        FaultyAddressFactory(user=member.user, since=now + timedelta(hours=hours))
    page = client_of(alice).get(reverse("notifications:mail_health", args=["harbour"])).content.decode()
    assert page.count("/settings/mail/addresses/") == queries.ADDRESSES_SHOWN
    assert "There are more" in page
