"""Notes of what went out, of which one may be on its way: nothing else gets in between, and none is lost unseen."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection

from apps.notifications.models import Delivery
from apps.notifications.services import noting, send_due_deliveries, sending
from apps.notifications.services.deliveries import queue_deliveries, queue_delivery
from apps.notifications.services.noting import SentNotes
from apps.workspaces.models import Member
from tests.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(bob: Member, now: datetime) -> list[Delivery]:
    return [
        DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="mail_test", occasion=str(n), data={"secret": n})
        for n in range(3)
    ]


def test_it_says_when_and_forgets_the_details(rows: list[Delivery], now: datetime) -> None:
    notes = SentNotes()
    for row in rows[:2]:
        notes.begin(row.pk, at=now)
    notes.finish()
    kept = {row.pk: row for row in Delivery.objects.all()}
    for row in rows[:2]:
        found = kept[row.pk]
        assert (found.state, found.sent_at, found.data, found.updated_at) == ("sent", now, {}, now)
    assert (kept[rows[2].pk].state, kept[rows[2].pk].data) == ("queued", {"secret": 2})


def test_what_is_finished_already_stays_as_it_is(rows: list[Delivery], now: datetime) -> None:
    Delivery.objects.filter(pk=rows[0].pk).update(state="dropped", data={})
    notes = SentNotes()
    notes.begin(rows[0].pk, at=now)
    notes.finish()
    assert Delivery.objects.get(pk=rows[0].pk).state == "dropped"


def test_other_statements_come_after_it(rows: list[Delivery], now: datetime) -> None:
    notes = SentNotes()
    with connection.execute_wrapper(notes.before):
        notes.begin(rows[0].pk, at=now)
        assert Delivery.objects.filter(state="sent").count() == 1
        notes.begin(rows[1].pk, at=now)
        Delivery.objects.filter(pk=rows[2].pk).update(state="dropped")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dropped", "sent", "sent"]


def test_a_note_that_fails_is_an_error_at_the_next_step(rows: list[Delivery], now: datetime) -> None:
    """A trigger of the database stands in for whatever may go wrong there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
            "CREATE TRIGGER refuse BEFORE UPDATE ON notifications_delivery FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        cursor.execute("SAVEPOINT before")
    notes = SentNotes()
    notes.begin(rows[0].pk, at=now)
    with pytest.raises(Error, match="no"):
        notes.finish()
    notes.finish()  # said once
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK TO SAVEPOINT before")
    assert Delivery.objects.get(pk=rows[0].pk).state == "queued"


class TimeIsUpError(Exception):
    """What ends a sender from outside, as Celery's soft limit does, anywhere."""


@pytest.mark.parametrize("where", ["_flush", "select.select"], ids=["sending", "waiting"])
def test_a_time_limit_leaves_the_connection_fit_for_use(
    rows: list[Delivery], now: datetime, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Else what was claimed could not be given back, and Django's next statement would fail."""

    def time_is_up(*_arguments: Any) -> None:
        raise TimeIsUpError

    def note(notes: SentNotes) -> None:
        notes.begin(rows[0].pk, at=now)
        notes.finish()

    notes = SentNotes()
    with connection.execute_wrapper(notes.before):
        with monkeypatch.context() as patched:
            patched.setattr(f"{noting.__name__}.{where}", time_is_up)
            with pytest.raises(TimeIsUpError):
                note(notes)
        notes.finish()
    assert Delivery.objects.get(pk=rows[0].pk).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_stops_the_sweep_before_another_mail_goes(
    bob: Member, now: datetime, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="mail_test", occasion=str(n), next_try_at=now)
    begin = SentNotes.begin

    def and_lose_it(notes: SentNotes, pk: Any, *, at: datetime) -> None:
        begin(notes, pk, at=at)
        connection.connection.pgconn.finish()

    monkeypatch.setattr(SentNotes, "begin", and_lose_it)
    with pytest.raises(Error):
        send_due_deliveries(at=now)
    connection.close()
    assert len(mailoutbox) == 1
    monkeypatch.undo()
    assert send_due_deliveries(at=now + timedelta(minutes=6))["sent"] >= 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len({sent.extra_headers["Message-ID"] for sent in mailoutbox}) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("connection_is", ["busy", "lost"])
def test_what_is_not_tried_is_given_back_whatever_became_of_the_connection(
    bob: Member, now: datetime, monkeypatch: pytest.MonkeyPatch, connection_is: str
) -> None:
    """Else each time costs all of a batch a try and five minutes, and after so many tries they would have failed."""
    for n in range(3):
        DeliveryFactory(workspace=bob.workspace, recipient=bob, kind="mail_test", occasion=str(n), next_try_at=now)

    def time_is_up(*_arguments: Any) -> None:
        pgconn = connection.connection.pgconn
        if connection_is == "busy":  # as a time limit leaves it that comes while a statement runs
            pgconn.send_query(b"SELECT 1")
        else:
            pgconn.finish()
        raise TimeIsUpError

    with monkeypatch.context() as patched:
        patched.setattr(f"{sending.__name__}.write_together", time_is_up)
        with pytest.raises(TimeIsUpError):
            send_due_deliveries(at=now)
    assert send_due_deliveries(at=now) == {"sent": 3}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_many_are_queued_as_one_is(bob: Member, mo: Member, now: datetime) -> None:
    data = {"day": "2026-03-04", "news": ["x"], "words": "“ä” \\ ' \" %s"}
    queue_delivery(workspace=bob.workspace, recipient=bob, kind="digest", occasion="a", data=data, at=now)
    queue_deliveries([(bob, "a", {"other": 1}), (mo, "a", data), (mo, "a", data)], kind="digest", at=now)
    one, many = Delivery.objects.get(recipient=bob), Delivery.objects.get(recipient=mo)
    own = {"id", "recipient_id", "address", "message_id", "created_at", "updated_at"}
    for field in Delivery._meta.concrete_fields:
        if field.attname not in own:
            assert getattr(one, field.attname) == getattr(many, field.attname), field.attname
    assert (many.address, many.created_at, many.data) == ("mo@example.org", now, data)
    assert many.message_id != one.message_id
    assert many.pk.version == 7
