"""Saying things again: when, how often, and never after they are done."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.models import new_id
from apps.notifications.models import Notice, Reach
from apps.notifications.services import KINDS, NoticeKind, NoticeWords, notify, settle, sweep_repeats
from apps.notifications.services.repeats import repeat
from tests.factories import AbsenceFactory, MemberFactory
from tests.lists import holding

KIND = "test_repeat"
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HELPED: list[object] = []


def read(notices, at):
    return {each.pk: "Text" for each in notices if not each.data.get("moot")}


def say(notice, text):
    return NoticeWords("Title", text, "/x/", "Look", "Thing", "/thing/", "Because.")


@pytest.fixture(autouse=True)
def kind() -> Iterator[NoticeKind[str]]:
    HELPED.clear()
    made = NoticeKind[str](
        name=KIND,
        label="News",
        group="Tests",
        default=Reach.MAIL,
        read=read,
        say=say,
        again=(2, 5),
        escalate=lambda notices, at: HELPED.extend(notice.subject_id for notice in notices),
    )
    with holding(KINDS, made):
        yield made


@pytest.fixture
def ann(bob):
    bob.user.timezone = "UTC"
    bob.user.save()
    return bob


def tell(member, **data):
    subject = new_id()
    notify(
        KIND, recipients=[member], subject_id=subject, about_id=subject, dedupe_key=str(subject), at=MONDAY, data=data
    )
    return subject


def steps_by_day(days: int) -> list[tuple[int, int]]:
    """(days after Monday, step) of each time it was said, with a sweep every six hours."""
    for hours in range(0, days * 24, 6):
        sweep_repeats(at=MONDAY + timedelta(hours=hours))
    rows = Notice.objects.filter(kind=KIND).order_by("created_at")
    return [((row.created_at.date() - MONDAY.date()).days, row.step) for row in rows]


def test_it_is_said_three_times_on_working_days_and_then_to_who_may_help(ann):
    subject = tell(ann)
    assert steps_by_day(20) == [(0, 1), (2, 2), (7, 99)]
    assert [subject] == HELPED
    assert Notice.objects.open().count() == 1


def test_an_absence_takes_no_reminder(ann):
    AbsenceFactory(member=ann, starts_on=MONDAY.date() + timedelta(days=1), ends_on=MONDAY.date() + timedelta(days=9))
    tell(ann)
    assert steps_by_day(12) == [(0, 1), (11, 2)]


@pytest.mark.parametrize("how", ["settled", "moot"])
def test_what_is_done_is_not_said_again(ann, how):
    subject = tell(ann, **({"moot": True} if how == "moot" else {}))
    if how == "settled":
        settle([KIND], [subject], at=MONDAY)
    assert steps_by_day(12) == [(0, 1)]
    assert HELPED == []
    assert not Notice.objects.open().exists()


def test_beat_off_for_days_says_it_once(ann):
    tell(ann)
    later = MONDAY + timedelta(days=15, hours=1)
    assert [sweep_repeats(at=later), sweep_repeats(at=later)] == [1, 0]


def test_many_take_as_many_queries_as_few(ann, kind):
    def count(people) -> int:
        for member in people:
            tell(member)
        with CaptureQueriesContext(connection) as queries:
            said = repeat(kind, 1, at=MONDAY + timedelta(days=3))
        assert said == len(people)
        return len(queries)

    few = count(MemberFactory.create_batch(2, workspace=ann.workspace, user__timezone="UTC"))
    assert count(MemberFactory.create_batch(9, workspace=ann.workspace, user__timezone="UTC")) == few
