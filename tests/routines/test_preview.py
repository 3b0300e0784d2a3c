"""The preview says what the next digest would say now, when it would come, and that none would where nothing is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.goals import services as goals
from apps.goals.models import Goal
from apps.goals.services import CheckInFields
from apps.notifications.models import Delivery, DeliverySchedule, Notice
from apps.notifications.services import update_schedule
from apps.notifications.services.delivery_schedules import make_schedules
from apps.notifications.services.messages import compose
from apps.notifications.services.outbox import claim_deliveries
from apps.routines.services import Which, preview_digest, sweep_digests
from apps.workspaces.models import Member, Team
from tests.factories import GoalFactory

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]
TUESDAY = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def reader(bob: Member) -> Member:
    """Bob in UTC, with a schedule."""
    assert bob.user is not None
    bob.user.timezone = "UTC"
    bob.user.save()
    make_schedules([bob], at=TUESDAY)
    return bob


def due_goal(owner: Member, title: str = "Answer every call") -> Goal:
    return GoalFactory(owner=owner, title=title, check_in_due_on=MORNING.date())


def address(member: Member, name: str = "digest_preview") -> str:
    return reverse(f"routines:{name}", args=[member.workspace.slug])


def test_preview_equals_the_mail_that_comes_and_takes_nothing_up(reader: Member, lea: Member) -> None:
    due_goal(reader)
    asking: CheckInFields = {"note": "Fine.", "ask": "Can you lend us Ann?", "ask_to": reader}
    goals.create_check_in(GoalFactory(owner=lea, workspace=reader.workspace), asking, readings={}, by=lea, at=TUESDAY)
    before = DeliverySchedule.objects.values().get(member=reader), list(Notice.objects.values())
    shown = preview_digest(reader, Which.DAILY, at=TUESDAY + timedelta(hours=1))
    assert (DeliverySchedule.objects.values().get(member=reader), list(Notice.objects.values())) == before
    assert not Delivery.objects.exists()
    assert (shown.comes_at, shown.is_wanted, shown.together) == (MORNING, True, False)
    assert sweep_digests(at=MORNING) == 1
    (row,) = claim_deliveries(at=MORNING, limit=5)
    mail = compose(row)
    assert mail is not None
    assert shown.mail is not None
    assert (shown.mail.subject, without_links(shown.mail.text)) == (mail.subject, without_links(str(mail.body)))


def without_links(text: str) -> list[str]:
    """Its lines but those with signed links, which differ by their moment."""
    return [line for line in text.splitlines() if "/mail/" not in line]


def test_nothing_to_say_is_said(reader: Member) -> None:
    for which in Which:
        shown = preview_digest(reader, which, at=TUESDAY)
        assert shown.mail is None
        assert shown.comes_at is not None


def test_who_is_new_or_wants_none_sees_when_it_would_come(mo: Member, reader: Member) -> None:
    shown = preview_digest(mo, Which.DAILY, at=TUESDAY)  # no schedule yet
    assert shown.comes_at is not None
    update_schedule(reader, {"daily_digest": False}, by=reader, at=TUESDAY)
    GoalFactory(owner=reader, check_in_due_on=TUESDAY.date())
    shown = preview_digest(reader, Which.DAILY, at=TUESDAY)
    assert (shown.is_wanted, shown.comes_at) == (False, None)
    assert shown.mail is not None


def test_after_months_in_which_nobody_looked_it_names_no_day_of_the_past(reader: Member) -> None:
    later = TUESDAY + timedelta(days=200)
    for which in Which:
        comes_at = preview_digest(reader, which, at=later).comes_at
        assert comes_at is not None
        assert later < comes_at < later + timedelta(days=8)


def test_page_shows_both_digests_in_a_frame_that_runs_nothing(
    reader: Member, product: Team, client_of: ClientOf
) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    goal = GoalFactory(owner=reader, team=product, title=hostile, check_in_due_on=timezone.localdate())
    Goal.objects.filter(pk=goal.pk).update(due_on=timezone.localdate() + timedelta(days=7))
    client = client_of(reader)
    for query in ("", "?digest=weekly", "?digest=nonsense", "?digest="):
        page = client.get(address(reader) + query)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "iframe" in page.content.decode()
        framed = client.get(address(reader, "digest_preview_html") + query)
        policy = framed["Content-Security-Policy"]
        assert "sandbox allow-popups" in policy
        assert "allow-scripts" not in policy
        assert "default-src 'none'" in policy
        assert framed["X-Frame-Options"] == "SAMEORIGIN"
        assert "<script>alert" not in framed.content.decode()
        assert "&lt;script&gt;" in framed.content.decode()


def test_page_without_news_teaches(reader: Member, client_of: ClientOf) -> None:
    client = client_of(reader)
    assert "nothing to tell about your day" in client.get(address(reader)).content.decode()
    assert "nothing to tell about your week" in client.get(address(reader) + "?digest=weekly").content.decode()
    assert "There is nothing to say." in client.get(address(reader, "digest_preview_html")).content.decode()


def test_a_german_reader_gets_dates_as_germans_write_them(
    reader: Member, client_of: ClientOf, time_machine: Any
) -> None:
    assert reader.user is not None
    reader.user.language = "de"
    reader.user.save()
    time_machine.move_to(TUESDAY, tick=False)
    make_schedules([reader], at=TUESDAY)
    assert "Mittwoch, 4. März, 08:30" in client_of(reader).get(address(reader)).content.decode()


def test_preferences_lead_there(reader: Member, client_of: ClientOf) -> None:
    page = client_of(reader).get(reverse("notifications:preference_edit", args=[reader.workspace.slug]))
    assert address(reader) in page.content.decode()
