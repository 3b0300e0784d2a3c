"""The outbox: what is claimed, sent, tried again, dropped and given up."""

import smtplib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import Error, connection

from apps.notifications import access, services, tasks
from apps.notifications.models import Delivery
from apps.notifications.services import MAIL_KINDS, RETRY_AFTER, Fact, MailKind, Message, sending
from apps.notifications.services.deliveries import queue_deliveries
from apps.notifications.services.messages import LARGEST_BYTES
from apps.notifications.services.outbox import Outcome, claim_deliveries, record_sent
from apps.notifications.services.sending import BATCH
from apps.workspaces.models import Member, Workspace
from tests.lists import holding, put
from tests.mails import html_of, read

KIND = "test"


def message_of(delivery: Delivery) -> Message | None:
    """What the deliveries of these tests say."""
    if delivery.data.get("unneeded"):
        return None
    if delivery.data.get("broken"):
        raise RuntimeError("a secret word")
    return Message(
        subject=delivery.data.get("subject", "Hello"),
        greeting="Hello Bob,",
        paragraphs=("One & <b>two</b>.",),
        action="Open",
        url="http://testserver/x/?a=1&b=2",
        reason="You get this mail because of a test.",
        facts=(Fact("Median wait", "11.2 days"),),
        quote="A <script> in a note",
    )


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    """A kind of delivery for these tests."""
    with holding(MAIL_KINDS, MailKind(KIND, message_of)):
        yield


@pytest.fixture
def queue(harbour: Workspace, bob: Member, now: datetime) -> Callable[..., Delivery]:
    """`queue("a", subject=...)` puts a mail to bob into the outbox."""

    def put(dedupe_key: str = "a", *, recipient: Member | None = bob, address: str = "", **data: Any) -> Delivery:
        services.queue_delivery(
            workspace=harbour, kind=KIND, dedupe_key=dedupe_key, at=now, recipient=recipient, address=address, data=data
        )
        return Delivery.objects.get(dedupe_key=dedupe_key)

    return put


class Server(EmailBackend):
    """A mail server that answers as each test says: `answers` by subject, an exception to raise."""

    answers: dict[str, Exception] = {}
    unreachable = False
    opened = 0

    def open(self) -> bool:
        """Connect, or not."""
        type(self).opened += 1
        if self.unreachable:
            raise ConnectionRefusedError(111, "Connection refused")
        return True

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Take the mail, or not."""
        for message in messages:
            if answer := self.answers.get(str(message.subject)):
                raise answer
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any) -> Iterator[type[Server]]:
    """The mail server of this test."""
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    yield Server
    Server.answers, Server.unreachable, Server.opened = {}, False, 0


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    """The server's no to a recipient."""
    return smtplib.SMTPRecipientsRefused({"bob@example.org": (code, b"no such mailbox")})


def test_send_writes_one_mail_with_text_and_html(queue: Callable[..., Delivery], now: datetime) -> None:
    delivery = queue()
    assert services.send_due_deliveries(at=now) == {"sent": 1}
    (sent,) = mail.outbox
    assert sent.to == ["bob@example.org"]
    assert sent.extra_headers["Message-ID"] == delivery.message_id
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    html = html_of(sent)
    for said in ("Hello Bob,", "Median wait", "11.2 days", "You get this mail because of a test."):
        assert said in sent.body
        assert said in html
    assert "One & <b>two</b>." in sent.body
    assert "One &amp; &lt;b&gt;two&lt;/b&gt;." in html
    assert "<script>" not in html
    assert "http://testserver/x/?a=1&b=2" in sent.body
    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at, delivery.attempts) == ("sent", now, 1)


def test_send_says_a_thing_once(queue: Callable[..., Delivery], harbour: Workspace, bob: Member, now: datetime) -> None:
    queue()
    assert not services.queue_delivery(workspace=harbour, kind=KIND, dedupe_key="a", at=now, recipient=bob)
    services.send_due_deliveries(at=now)
    assert services.send_due_deliveries(at=now + timedelta(days=1)) == {}
    assert len(mail.outbox) == 1


def test_queue_refuses_somebody_without_an_address(harbour: Workspace, bob: Member, now: datetime) -> None:
    bob.user = None
    assert not services.queue_delivery(workspace=harbour, kind=KIND, dedupe_key="a", at=now, recipient=bob)
    assert not Delivery.objects.exists()


def test_send_forgets_the_details(queue: Callable[..., Delivery], now: datetime) -> None:
    """They may hold a secret link."""
    deliveries = [queue("a", secret="token"), queue("b", secret="token", unneeded=True)]
    services.send_due_deliveries(at=now)
    for delivery in deliveries:
        delivery.refresh_from_db()
        assert delivery.data == {}


def test_send_goes_to_the_address_the_account_has_now(
    queue: Callable[..., Delivery], bob: Member, now: datetime
) -> None:
    queue()
    assert bob.user is not None
    bob.user.email = "new@example.org"
    bob.user.save()
    services.send_due_deliveries(at=now)
    assert mail.outbox[0].to == ["new@example.org"]


def test_send_goes_to_a_stranger_in_the_workspaces_zone(queue: Callable[..., Delivery], now: datetime) -> None:
    queue(recipient=None, address="Someone@Example.org")
    assert services.send_due_deliveries(at=now) == {"sent": 1}
    assert mail.outbox[0].to == ["someone@example.org"]


@pytest.mark.parametrize("gone", ["member", "account"])
def test_send_drops_what_is_for_somebody_who_left(
    queue: Callable[..., Delivery], bob: Member, now: datetime, gone: str
) -> None:
    delivery = queue()
    assert bob.user is not None
    if gone == "member":
        bob.deactivated_at = now
        bob.save()
    else:
        bob.user.is_active = False
        bob.user.save()
    assert services.send_due_deliveries(at=now) == {"dropped": 1}
    delivery.refresh_from_db()
    assert (delivery.state, mail.outbox) == ("dropped", [])


def test_send_drops_what_is_no_longer_needed(queue: Callable[..., Delivery], now: datetime) -> None:
    queue(unneeded=True)
    assert services.send_due_deliveries(at=now) == {"dropped": 1}
    assert mail.outbox == []


@pytest.mark.parametrize(
    "text", ["Hello\r\nBcc: eve@example.org", "Hello\nBcc: eve@example.org", "Hello\u2028Bcc: x\x0b"]
)
def test_send_keeps_a_subject_on_one_line(queue: Callable[..., Delivery], now: datetime, text: str) -> None:
    queue(subject=text)
    assert services.send_due_deliveries(at=now) == {"sent": 1}
    assert mail.outbox[0].subject.startswith("Hello Bcc:")
    assert read(mail.outbox[0])["Bcc"] is None


def test_send_cuts_a_long_subject(queue: Callable[..., Delivery], now: datetime) -> None:
    queue(subject="word " * 1000)
    services.send_due_deliveries(at=now)
    assert len(mail.outbox[0].subject) <= 150
    assert len(mail.outbox[0].message().as_bytes()) < LARGEST_BYTES


def test_send_keeps_one_connection_for_all(queue: Callable[..., Delivery], server: type[Server], now: datetime) -> None:
    for number in range(BATCH * 2 + 3):
        queue(str(number))
    assert services.send_due_deliveries(at=now) == {"sent": BATCH * 2 + 3}
    assert server.opened == 1


def test_send_goes_on_after_one_that_cannot_be_written(queue: Callable[..., Delivery], now: datetime) -> None:
    broken = queue("a", broken=True)
    queue("b")
    assert services.send_due_deliveries(at=now) == {"retry": 1, "sent": 1}
    broken.refresh_from_db()
    assert broken.state == "queued"
    assert "secret" not in broken.last_error


def test_send_keeps_a_kind_nobody_knows(queue: Callable[..., Delivery], now: datetime) -> None:
    """A newer release may have queued it."""
    delivery = queue()
    Delivery.objects.update(kind="unknown")
    assert services.send_due_deliveries(at=now) == {"retry": 1}
    delivery.refresh_from_db()
    assert delivery.state == "queued"


def test_send_goes_on_after_a_refused_address(
    queue: Callable[..., Delivery], server: type[Server], now: datetime
) -> None:
    server.answers = {"gone": refused(550), "full": refused(452)}
    gone, full, fine = queue("a", subject="gone"), queue("b", subject="full"), queue("c")
    assert services.send_due_deliveries(at=now) == {"failed": 1, "retry": 1, "sent": 1}
    for delivery in (gone, full, fine):
        delivery.refresh_from_db()
    assert (gone.state, full.state, fine.state) == ("failed", "queued", "sent")
    assert "550 no such mailbox" in gone.last_error
    assert full.next_try_at == now + RETRY_AFTER[0]


def test_send_waits_longer_after_each_try_and_gives_up(
    queue: Callable[..., Delivery], server: type[Server], now: datetime
) -> None:
    delivery = queue()
    server.unreachable = True
    waits = []
    at = now
    while True:
        outcomes = services.send_due_deliveries(at=at)
        delivery.refresh_from_db()
        if delivery.state != "queued":
            break
        assert outcomes == {"retry": 1}
        waits.append(delivery.next_try_at - at)
        assert services.send_due_deliveries(at=delivery.next_try_at - timedelta(seconds=1)) == {}
        at = delivery.next_try_at
    assert tuple(waits) == RETRY_AFTER
    assert list(waits) == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(hours=12)
    assert delivery.state == "failed"
    assert outcomes == {"failed": 1}
    assert "Connection refused" in delivery.last_error


def test_send_stops_at_a_server_out_of_reach_and_charges_only_one(
    queue: Callable[..., Delivery], server: type[Server], now: datetime
) -> None:
    server.unreachable = True
    for number in range(5):
        queue(str(number))
    assert services.send_due_deliveries(at=now) == {"retry": 1}
    assert server.opened == 1
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    server.unreachable = False
    assert services.send_due_deliveries(at=now + timedelta(seconds=15)) == {"sent": 4}
    assert services.send_due_deliveries(at=now + timedelta(minutes=2)) == {"sent": 1}


def test_send_goes_on_after_one_that_breaks_the_connection(
    queue: Callable[..., Delivery], server: type[Server], now: datetime
) -> None:
    server.answers = {"slow": TimeoutError("timed out")}
    queue("a", subject="slow")
    queue("b")
    assert services.send_due_deliveries(at=now) == {"retry": 1, "sent": 1}
    assert server.opened == 2


def test_send_puts_off_the_rest_after_two_broken_connections(
    queue: Callable[..., Delivery], server: type[Server], now: datetime
) -> None:
    server.answers = {"slow": TimeoutError("timed out")}
    for dedupe_key in "abc":
        queue(dedupe_key, subject="slow")
    queue("d")
    assert services.send_due_deliveries(at=now) == {"retry": 2}
    assert services.send_due_deliveries(at=now + timedelta(seconds=15)) == {"retry": 1, "sent": 1}


def test_claim_keeps_others_away_until_the_lease_ends(queue: Callable[..., Delivery], now: datetime) -> None:
    queue()
    (claimed,) = claim_deliveries(at=now, limit=10)
    assert claimed.attempts == 1
    assert services.send_due_deliveries(at=now + timedelta(minutes=4)) == {}
    assert services.send_due_deliveries(at=now + timedelta(minutes=5)) == {"sent": 1}


def test_send_gives_up_on_what_ends_its_sender_each_time(queue: Callable[..., Delivery], now: datetime) -> None:
    delivery = queue()
    at = now
    for _try in range(len(RETRY_AFTER) + 1):
        assert len(claim_deliveries(at=at, limit=1)) == 1
        at += services.LEASE
    assert services.send_due_deliveries(at=at) == {"failed": 1}
    delivery.refresh_from_db()
    assert "ended at every try" in delivery.last_error


def test_send_stops_at_its_limit(queue: Callable[..., Delivery], now: datetime) -> None:
    for number in range(5):
        queue(str(number))
    assert services.send_due_deliveries(at=now, limit=3) == {"sent": 3}


def test_send_gets_on_where_many_take_longer_to_write_than_a_sweep_lasts(
    queue: Callable[..., Delivery], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they would be given back each time, and nobody would get a mail any more."""
    for number in range(100):
        queue(str(number))
    clock = [0.0]

    def slowly(batch: Sequence[Delivery]) -> dict[Any, Message | None]:
        clock[0] += len(batch)
        return {}

    monkeypatch.setattr(sending, "write_together", slowly)
    monkeypatch.setattr(sending, "FIRST_BATCH", 10)
    monkeypatch.setattr(f"{sending.__name__}.time.monotonic", lambda: clock[0])
    assert services.send_due_deliveries(at=now)["sent"] >= 10
    waiting = Delivery.objects.filter(state="queued")
    assert set(waiting.values_list("attempts", flat=True)) == {0}


def test_send_deliveries_runs_twice_without_harm(queue: Callable[..., Delivery]) -> None:
    queue()
    assert tasks.send_deliveries() == {"sent": 1}
    assert tasks.send_deliveries() == {}
    assert len(mail.outbox) == 1


def test_visible_deliveries_are_ones_own(queue: Callable[..., Delivery], bob: Member, alice: Member) -> None:
    delivery = queue()
    assert list(access.visible_deliveries(bob)) == [delivery]
    assert not access.visible_deliveries(alice).exists()


@pytest.mark.parametrize("where", ["write_together", "compose"])
def test_a_workers_time_limit_ends_the_sweep_and_charges_nobody(
    queue: Callable[..., Delivery], now: datetime, where: str
) -> None:
    """It comes anywhere, also while a mail is being written: that is no fault of this mail."""

    def time_is_up(*_arguments: Any) -> NoReturn:
        raise SoftTimeLimitExceeded

    put(MAIL_KINDS, MailKind(KIND, time_is_up, time_is_up if where == "write_together" else None))
    for dedupe_key in "abc":
        queue(dedupe_key)
    with pytest.raises(SoftTimeLimitExceeded):
        services.send_due_deliveries(at=now)
    assert set(Delivery.objects.values_list("last_error", flat=True)) == {""}
    tried = 0 if where == "write_together" else 1  # the one in hand may have gone out: it waits for its lease to end
    assert sum(Delivery.objects.values_list("attempts", flat=True)) == tried


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_stops_the_sweep_before_another_mail_goes(
    queue: Callable[..., Delivery], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dedupe_key in "abc":
        queue(dedupe_key)

    def lose_it(delivery: Delivery, *, at: datetime) -> Outcome:
        connection.connection.pgconn.finish()
        return record_sent(delivery, at=at)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "record_sent", lose_it)
        with pytest.raises(Error):
            services.send_due_deliveries(at=now)
    connection.close()
    assert len(mail.outbox) == 1
    assert services.send_due_deliveries(at=now + timedelta(minutes=6))["sent"] >= 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("connection_is", ["busy", "lost"])
def test_what_is_not_tried_is_given_back_whatever_became_of_the_connection(
    queue: Callable[..., Delivery], now: datetime, monkeypatch: pytest.MonkeyPatch, connection_is: str
) -> None:
    """Else each time costs all of a batch a try and five minutes, and after so many tries they would have failed."""
    for dedupe_key in "abc":
        queue(dedupe_key)

    def time_is_up(*_arguments: Any) -> NoReturn:
        pgconn = connection.connection.pgconn
        if connection_is == "busy":  # as a time limit leaves it that comes while a statement runs
            pgconn.send_query(b"SELECT 1")
        else:
            pgconn.finish()
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patched:
        patched.setattr(sending, "write_together", time_is_up)
        with pytest.raises(SoftTimeLimitExceeded):
            services.send_due_deliveries(at=now)
    assert services.send_due_deliveries(at=now) == {"sent": 3}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_what_is_finished_already_stays_as_it_is(queue: Callable[..., Delivery], now: datetime) -> None:
    queue()
    (claimed,) = claim_deliveries(at=now, limit=1)
    Delivery.objects.update(state="dropped")
    record_sent(claimed, at=now)
    assert Delivery.objects.get().state == "dropped"


def test_many_are_queued_as_one_is(bob: Member, mo: Member, now: datetime) -> None:
    data = {"day": "2026-03-04", "news": ["x"], "words": "“ä” \\ ' \" %s"}
    services.queue_delivery(workspace=bob.workspace, recipient=bob, kind="digest", dedupe_key="a", data=data, at=now)
    queue_deliveries([(bob, "a", {"other": 1}), (mo, "a", data), (mo, "a", data)], kind="digest", at=now)
    one, many = Delivery.objects.get(recipient=bob), Delivery.objects.get(recipient=mo)
    own = {"id", "recipient_id", "address", "message_id", "created_at", "updated_at"}
    for field in Delivery._meta.concrete_fields:
        if field.attname not in own:
            assert getattr(one, field.attname) == getattr(many, field.attname), field.attname
    assert (many.address, many.created_at, many.data) == ("mo@example.org", now, data)
    assert many.message_id != one.message_id
    assert many.pk.version == 7
