"""Notices as mails: merged, never at the wrong time, ended with one click, acted on after a yes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.notifications.models import Delivery, DeliverySchedule, Notice, Reach
from apps.notifications.services import KINDS, NoticeKind, NoticeWords, notify, settle, update_schedule
from apps.notifications.services.delivery_schedules import schedule_of
from apps.notifications.services.mail_links import DAILY, act_url, stop_url
from apps.notifications.services.messages import compose
from apps.notifications.services.notice_mail import queue_notice_mails, sentence, sweep_notice_mails
from apps.notifications.services.preferences import reaches_of
from tests.factories import AbsenceFactory, MemberFactory
from tests.lists import holding, put
from tests.mails import html_of

KIND = "test_mail"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
DONE: list[object] = []


def read(notices, at):
    return {each.pk: each.data.get("n", 1) for each in notices if not each.data.get("hidden")}


def say(notice, n):
    return NoticeWords(f"News {n}", "Look at it.", "/x/", "Look", "Thing", "/thing/", "Because.")


def act(notice, by, at):
    if DONE:
        raise ValidationError("Somebody was faster.")
    DONE.append(notice.pk)


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    DONE.clear()
    with holding(KINDS, NoticeKind(KIND, "News", "Tests", Reach.MAIL, read, say)):
        yield


@pytest.fixture
def ann(bob):
    bob.user.timezone = "UTC"
    bob.user.save()
    return bob


def tell(member, at, **data):
    subject = uuid4()
    notify(KIND, recipients=[member], subject_id=subject, about_id=subject, dedupe_key=str(subject), at=at, data=data)
    return subject


def mails() -> list[str]:
    made = []
    for delivery in Delivery.objects.order_by("created_at").select_related("workspace", "recipient__user"):
        mail = compose(delivery)
        if mail is not None:
            made.append(f"{mail.subject}\n{mail.body}")
    return made


def test_one_notice_is_a_mail_of_its_own(ann):
    tell(ann, NOON)
    assert sweep_notice_mails(at=NOON) == 1
    (mail,) = mails()
    assert mail.startswith("News 1\n")
    assert "Look at it." in mail
    assert "Because." in mail


def test_what_is_due_together_comes_together_and_the_rest_an_hour_later(ann):
    tell(ann, NOON, n=1)
    tell(ann, NOON, n=2)
    assert sweep_notice_mails(at=NOON) == 1
    later = NOON + timedelta(minutes=20)
    tell(ann, later, n=3)
    assert sweep_notice_mails(at=later) == 0
    tell(ann, later, n=4)
    assert sweep_notice_mails(at=NOON + timedelta(minutes=59)) == 0
    assert sweep_notice_mails(at=NOON + timedelta(minutes=60)) == 1
    first, second = mails()
    assert first.startswith("2 things for you: News 1")
    assert "News 2" in first
    assert "News 3" in second
    assert "News 4" in second


def test_a_second_sweep_mails_nothing_again(ann):
    tell(ann, NOON)
    assert [sweep_notice_mails(at=NOON) for _sweep in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("case", ["quiet", "day off", "away", "paused"])
def test_a_mail_waits_until_its_reader_may_be_written_to(ann, case):
    at = {
        "quiet": datetime(2026, 3, 4, 22, 0, tzinfo=UTC),
        "day off": datetime(2026, 3, 7, 12, 0, tzinfo=UTC),
        "away": NOON,
        "paused": NOON,
    }[case]
    tell(ann, at.replace(hour=12) - timedelta(days=1))  # due while it was still allowed, swept late
    if case == "away":
        AbsenceFactory(member=ann, starts_on=NOON.date(), ends_on=NOON.date())
    if case == "paused":
        update_schedule(ann, {"paused_until": NOON.date() + timedelta(days=1)}, by=ann, at=NOON)
    assert sweep_notice_mails(at=at) == 0
    due = Notice.objects.get().mail_due_at
    days = {"quiet": 5, "day off": 9, "away": 5, "paused": 5}
    assert due == datetime(2026, 3, days[case], 7, 30, tzinfo=UTC)
    assert sweep_notice_mails(at=due) == 1


def test_nothing_is_mailed_of_what_was_done_or_hidden_meanwhile(ann):
    done = tell(ann, NOON)
    sweep_notice_mails(at=NOON)
    settle([KIND], [done], at=NOON)
    assert mails() == []
    later = NOON + timedelta(hours=2)
    tell(ann, later, hidden=True)
    sweep_notice_mails(at=later)
    assert mails() == []


def test_what_could_not_be_mailed_for_days_is_left_to_the_inbox(ann):
    tell(ann, NOON)
    assert sweep_notice_mails(at=NOON + timedelta(days=2)) == 0
    assert Notice.objects.open().count() == 1


def test_many_people_take_as_many_queries_as_one(ann):
    def count(people) -> int:
        for member in people:
            tell(member, NOON)
        with CaptureQueriesContext(connection) as queries:
            made = queue_notice_mails(at=NOON)
        assert made == (len(people), len(people))
        return len(queries)

    one = count([ann])
    many = MemberFactory.create_batch(9, workspace=ann.workspace, user__timezone="UTC")
    assert count(many) == one


def test_two_beats_at_once_make_one_mail(ann, transactional_db):
    tell(ann, NOON)

    def sweep() -> None:
        try:
            sweep_notice_mails(at=NOON)
        finally:
            connection.close()

    threads = [Thread(target=sweep) for _beat in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Delivery.objects.count() == 1


# ---- links that need no signing in ----


def path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def test_one_click_ends_mails_of_a_kind_and_looking_does_not(ann):
    tell(ann, NOON)
    sweep_notice_mails(at=NOON)
    mail = compose(Delivery.objects.select_related("workspace", "recipient__user", "recipient__workspace").get())
    assert mail is not None
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    scanner = Client(enforce_csrf_checks=True)
    assert scanner.get(path(link)).status_code == 200
    assert reaches_of(ann)[KIND] == Reach.MAIL
    for _twice in range(2):
        assert scanner.post(path(link), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert reaches_of(ann)[KIND] == Reach.INBOX


def test_a_digest_ends_with_its_link(ann):
    Client().post(path(stop_url(ann, [DAILY])))
    schedule = schedule_of(ann)
    assert (schedule.daily_digest, schedule.next_digest_at) == (False, None)
    assert DeliverySchedule.objects.get().weekly_digest


def test_what_a_mail_asks_for_is_done_by_a_yes_and_once(ann):
    put(KINDS, replace(KINDS[KIND], act=act))
    tell(ann, NOON)
    notice = Notice.objects.get()
    link = path(act_url(notice))
    client = Client()
    assert "Look at it." in client.get(link).content.decode()
    assert DONE == []
    assert client.post(link).status_code == 200
    assert notice.pk in DONE
    assert client.post(link).status_code == 410  # done: it is not open any more


@pytest.mark.parametrize("where", ["stop", "act"])
@pytest.mark.parametrize("token", ["nonsense", "eyJhIjoxfQ:1abc:xyz"])
def test_a_link_that_is_not_ours_is_absent(db, where, token):
    assert Client().get(f"/mail/{where}/{token}/").status_code == 404
    assert Client().post(f"/mail/{where}/{token}/").status_code == 404


# ---- what it says ----


def mail_of(reader, at=NOON):
    sweep_notice_mails(at=at)
    mail = compose(Delivery.objects.select_related("workspace", "recipient__user", "recipient__workspace").get())
    assert mail is not None
    return mail


def test_a_mail_can_be_read_without_its_subject(ann):
    tell(ann, NOON)
    lines = mail_of(ann).body.splitlines()
    assert lines[0] == "Hello Bob,"
    assert lines.index("News 1.") < lines.index("Look at it.")


@pytest.mark.parametrize("title", ["Will you cover?", "Welcome back.", "Look!", "Cut short…"])
def test_a_title_that_ends_like_a_sentence_stays_as_it_is(title):
    assert sentence(title) == title


@pytest.mark.parametrize(("language", "quoted"), [("en", "“May we hire 5 %?”"), ("de", "„May we hire 5 %?“")])
def test_what_a_person_wrote_stands_apart(ann, language, quoted):
    def quoting(notice, n):
        return NoticeWords(
            "Lea asks you", "", "/x/", "Answer", "Thing", "/thing/", "Because.", quote="May we hire 5 %?"
        )

    put(KINDS, replace(KINDS[KIND], say=quoting))
    ann.user.language = language
    ann.user.save()
    tell(ann, NOON)
    mail = mail_of(ann)
    assert f"Lea asks you.\n\n  {quoted}" in mail.body
    assert '<p class="quote">May we hire 5 %?</p>' in html_of(mail)


def test_nobody_says_yes_in_a_mail_to_what_it_does_not_name(ann):
    def secret(notice, n):
        return NoticeWords(
            "Take “Canary”", "Sign in.", "/x/", "Accept", "Canary", "/x/", "Because.", outside="Take a goal"
        )

    put(KINDS, replace(KINDS[KIND], say=secret, act=act))
    tell(ann, NOON)
    mail = mail_of(ann)
    assert "Open it in Counterpoise:\nhttp://testserver/x/" in mail.body
    assert "/mail/act/" not in mail.body
    assert "Canary" not in mail.body


def test_in_a_list_what_is_of_another_day_says_which(ann):
    tell(ann, NOON, n=1)
    tell(ann, NOON, n=2)
    Notice.objects.filter(data={"n": 1}).update(created_at=NOON - timedelta(days=1))
    Notice.objects.filter(data={"n": 2}).update(created_at=NOON)
    sweep_notice_mails(at=NOON)
    row = Delivery.objects.select_related("workspace", "recipient__user", "recipient__workspace").get()
    row.updated_at = NOON
    mail = compose(row)
    assert mail is not None
    assert "- News 1 (Tue 12:00)" in mail.body
    assert "- News 2 (12:00)" in mail.body
