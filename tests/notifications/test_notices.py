"""Telling people once, the way they chose, and taking it back."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.notifications.models import DeliverySchedule, Notice, Preference, Reach
from apps.notifications.services import KINDS, NoticeKind, NoticeWords, notify, set_reaches, settle, update_schedule
from apps.notifications.services.delivery_schedules import realign_account, schedule_of
from tests.factories import MemberFactory
from tests.lists import holding

KIND = "test_news"


def read(notices, at):
    return {each.pk: "Text" for each in notices}


def say(notice, text):
    return NoticeWords("Title", text, "/x/", "Look", "Thing", "/thing/", "Because.")


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    with holding(KINDS, NoticeKind(KIND, "News", "Tests", Reach.MAIL, read, say)):
        yield


def tell(people, at, **more):
    subject = more.pop("subject", uuid4())
    return notify(KIND, recipients=people, subject_id=subject, about_id=subject, dedupe_key=f"{subject}", at=at, **more)


def test_each_is_told_once(bob, mo, lea, now):
    subject = uuid4()
    assert tell([bob, mo], now, subject=subject) == 2
    assert tell([bob, mo, lea], now, subject=subject) == 1
    assert Notice.objects.filter(subject_id=subject).count() == 3


def test_nobody_is_told_of_their_own_doing(bob, mo, now):
    assert tell([bob, mo], now, by=bob) == 1
    assert Notice.objects.get().recipient == mo


def test_who_left_or_has_no_account_is_not_told(bob, now):
    gone = MemberFactory(workspace=bob.workspace, deactivated_at=now)
    without = MemberFactory(workspace=bob.workspace, user=None)
    locked = MemberFactory(workspace=bob.workspace, user__is_active=False)
    assert tell([gone, without, locked], now) == 0


def test_reach_decides_what_becomes_of_it(bob, mo, lea, alice, now):
    for member, reach in ((bob, Reach.OFF), (mo, Reach.INBOX), (lea, Reach.DIGEST)):
        set_reaches(member, {KIND: reach}, by=member, at=now)
    tell([bob, mo, lea, alice], now)
    got = {row.recipient_id: (row.reach, row.mail_due_at is not None) for row in Notice.objects.all()}
    assert got == {mo.pk: ("inbox", False), lea.pk: ("digest", False), alice.pk: ("mail", True)}


def test_choosing_no_mail_also_holds_back_what_waits(bob, now):
    tell([bob], now)
    assert Notice.objects.get().mail_due_at is not None
    set_reaches(bob, {KIND: Reach.INBOX}, by=bob, at=now)
    assert Notice.objects.get().mail_due_at is None
    assert Preference.objects.get().reach == Reach.INBOX


@pytest.mark.parametrize("wanted", [{"nonsense": "mail"}, {KIND: "shout"}])
def test_unknown_choices_are_refused(bob, now, wanted):
    with pytest.raises(ValidationError):
        set_reaches(bob, wanted, by=bob, at=now)
    assert not Preference.objects.exists()


def test_nobody_chooses_for_another(bob, alice, now):
    with pytest.raises(PermissionDenied):
        set_reaches(bob, {KIND: Reach.OFF}, by=alice, at=now)
    with pytest.raises(PermissionDenied):
        update_schedule(bob, {"daily_digest": False}, by=alice, at=now)


def test_what_is_done_leaves_the_inbox(bob, mo, now):
    subject = uuid4()
    tell([bob, mo], now, subject=subject)
    assert settle([KIND], [subject], at=now, recipients=[bob]) == 1
    assert settle([KIND], [subject], at=now) == 1
    assert not Notice.objects.open().exists()


def test_telling_takes_as_many_queries_for_many_as_for_one(bob, now):
    def count(people) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tell(people, now)
        return len(queries)

    one = count([bob])
    assert count(MemberFactory.create_batch(12, workspace=bob.workspace)) <= one + 1


def test_mail_waits_for_the_end_of_quiet_hours(bob, now):
    bob.user.timezone = "UTC"
    bob.user.save()
    night = datetime(2026, 3, 3, 22, 0, tzinfo=now.tzinfo)  # a Tuesday
    tell([bob], night)
    assert Notice.objects.get().mail_due_at == datetime(2026, 3, 4, 7, 30, tzinfo=now.tzinfo)


def test_a_schedule_is_planned_when_it_is_chosen(bob, now):
    update_schedule(bob, {"digest_at": time(7, 0), "working_days": [3, 1, 3]}, by=bob, at=now)
    schedule = schedule_of(bob)
    assert schedule.working_days == [1, 3]
    assert schedule.next_digest_at is not None
    assert schedule.next_digest_at > now
    assert schedule.next_digest_on is not None
    assert schedule.next_digest_on.isoweekday() in {1, 3}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"working_days": []}, "working_days"),
        ({"working_days": [8]}, "working_days"),
        ({"weekly_on": 9}, "weekly_on"),
        ({"paused_until": datetime(2099, 1, 1).date()}, "paused_until"),  # noqa: DTZ001 - a date
    ],
)
def test_a_bad_schedule_is_refused_by_field(bob, now, fields, field):
    with pytest.raises(ValidationError) as refused:
        update_schedule(bob, fields, by=bob, at=now)
    assert field in refused.value.message_dict
    assert not DeliverySchedule.objects.filter(working_days=[]).exists()


def test_another_time_zone_moves_the_digest_and_loses_no_day(bob, now):
    bob.user.timezone = "Europe/Berlin"
    bob.user.save()
    update_schedule(bob, {}, by=bob, at=now)
    before = schedule_of(bob)
    bob.user.timezone = "America/New_York"
    bob.user.save()
    realign_account(bob.user, at=now)
    after = schedule_of(bob)
    assert after.next_digest_on == before.next_digest_on
    assert before.next_digest_at is not None
    assert after.next_digest_at is not None
    assert after.next_digest_at - before.next_digest_at in {timedelta(hours=5), timedelta(hours=6)}
