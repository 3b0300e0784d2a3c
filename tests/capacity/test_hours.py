"""Reporting hours: the service, who reads them, and the page."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Event
from apps.capacity.access import can_see_reported_hours
from apps.capacity.models import HoursReport
from apps.capacity.queries.capacity import HoursSubject, monday_of
from apps.capacity.queries.hours import hours_sheet, reported_by_week
from apps.capacity.services import report_hours
from apps.goals.models import Goal
from apps.workspaces.models import Member
from tests.factories import (
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HoursReportFactory,
    ResponsibilityFactory,
)

WEEK = date(2026, 3, 2)
ClientOf = Callable[[Member], Client]


def reported(person: Member, week: date = WEEK) -> dict[Any, Decimal]:
    """What is stored, by the thing's id."""
    rows = HoursReport.objects.filter(member=person, week=week)
    return {row.goal_id or row.responsibility_id: row.hours for row in rows}


def test_report_hours_sets_what_is_named_and_keeps_the_rest(bob: Member, goal: Goal, now: datetime) -> None:
    thing, duty = HoursSubject("goal", goal.pk), ResponsibilityFactory(workspace=bob.workspace)
    held = HoursSubject("responsibility", duty.pk)
    assert report_hours(WEEK, {thing: Decimal("6.5"), held: Decimal(2), None: Decimal(20)}, by=bob, at=now)
    assert report_hours(WEEK, {thing: Decimal(8), held: None}, by=bob, at=now)
    assert reported(bob) == {goal.pk: Decimal(8), None: Decimal(20)}


def test_the_same_report_again_changes_nothing(bob: Member, goal: Goal, now: datetime) -> None:
    rows = {HoursSubject("goal", goal.pk): Decimal(6), None: Decimal(3)}
    assert report_hours(WEEK, rows, by=bob, at=now)
    before = list(HoursReport.objects.order_by("pk").values())
    assert not report_hours(WEEK, rows, by=bob, at=now + timedelta(hours=1))
    assert list(HoursReport.objects.order_by("pk").values()) == before
    assert Event.objects.filter(verb="member.hours_reported").count() == 1


def test_no_hours_and_zero_take_a_line_away(bob: Member, now: datetime) -> None:
    report_hours(WEEK, {None: Decimal(3)}, by=bob, at=now)
    report_hours(WEEK, {None: Decimal(0)}, by=bob, at=now)
    assert reported(bob) == {}


def test_the_log_says_that_and_not_how_much(bob: Member, now: datetime) -> None:
    report_hours(WEEK, {None: Decimal(3)}, by=bob, at=now)
    assert Event.objects.get(verb="member.hours_reported").data == {"week": "2026-03-02"}


@pytest.mark.parametrize(
    ("week", "words"),
    [
        (date(2026, 3, 3), "Monday"),
        (date(2026, 3, 9), "not begun"),
        (date(2025, 2, 3), "more than a year"),
    ],
)
def test_report_hours_refuses_weeks_that_are_none(bob: Member, now: datetime, week: date, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        report_hours(week, {None: Decimal(1)}, by=bob, at=now)
    assert "week" in refused.value.message_dict


@pytest.mark.parametrize("hours", ["-1", "168.1", "NaN", "Infinity"])
def test_report_hours_refuses_hours_that_fit_no_week(bob: Member, now: datetime, hours: str) -> None:
    with pytest.raises(ValidationError, match="0 to 168"):
        report_hours(WEEK, {None: Decimal(hours)}, by=bob, at=now)


def test_report_hours_refuses_more_than_a_week_has(bob: Member, goal: Goal, now: datetime) -> None:
    report_hours(WEEK, {None: Decimal(100)}, by=bob, at=now)
    with pytest.raises(ValidationError, match="168"):
        report_hours(WEEK, {HoursSubject("goal", goal.pk): Decimal(69)}, by=bob, at=now)
    assert reported(bob) == {None: Decimal(100)}


def test_report_hours_knows_only_what_its_person_sees(bob: Member, mo: Member, eve: Member, now: datetime) -> None:
    hidden = [GoalFactory(owner=bob, visibility="private"), GoalFactory(owner=eve)]
    for goal in hidden:
        with pytest.raises(ValidationError, match="not there"):
            report_hours(WEEK, {HoursSubject("goal", goal.pk): Decimal(1)}, by=mo, at=now)
    strange = ResponsibilityFactory(workspace=eve.workspace)
    with pytest.raises(ValidationError, match="not there"):
        report_hours(WEEK, {HoursSubject("responsibility", strange.pk): Decimal(1)}, by=mo, at=now)


def test_who_is_deactivated_reports_nothing(bob: Member, now: datetime) -> None:
    bob.deactivated_at = now
    with pytest.raises(PermissionDenied):
        report_hours(WEEK, {None: Decimal(1)}, by=bob, at=now)


def test_who_reads_reported_hours(
    bob: Member, lea: Member, mo: Member, alice: Member, adam: Member, gus: Member, eve: Member
) -> None:
    HoursReportFactory(member=bob, week=WEEK, hours=9)
    seen = {
        viewer.name: (can_see_reported_hours(viewer, bob), bool(reported_by_week(bob, [WEEK], viewer=viewer)))
        for viewer in (bob, lea, mo, alice, adam, gus, eve)
    }
    yes, no = (True, True), (False, False)
    assert seen == {"Bob": yes, "Lea": yes, "Mo": no, "Alice": yes, "Adam": yes, "Gus": no, "Eve": no}
    bob.manager = mo
    bob.save()
    assert can_see_reported_hours(mo, bob)
    assert reported_by_week(bob, [WEEK], viewer=mo) == {WEEK: Decimal(9)}


def test_reported_hours_on_hidden_goals_are_not_summed(bob: Member, adam: Member) -> None:
    private = GoalFactory(owner=bob, visibility="private")
    HoursReportFactory(member=bob, week=WEEK, goal=private, hours=5)
    HoursReportFactory(member=bob, week=WEEK, hours=4)
    assert reported_by_week(bob, [WEEK], viewer=adam) == {WEEK: Decimal(4)}
    assert reported_by_week(bob, [WEEK], viewer=bob) == {WEEK: Decimal(9)}


def test_the_sheet_has_a_line_for_all_that_is_promised_held_or_reported(bob: Member, goal: Goal, lea: Member) -> None:
    ContributorFactory(goal=goal, member=bob, hours_per_week=6)
    held = AssignmentFactory(
        responsibility=ResponsibilityFactory(workspace=bob.workspace, title="Rota"), member=bob,
        offered_at=datetime(2026, 1, 5, 9, tzinfo=timezone.get_default_timezone()),
    )  # fmt: skip
    other = GoalFactory(owner=lea, title="Something else")
    HoursReportFactory(member=bob, week=WEEK - timedelta(days=7), goal=other, hours=2)
    sheet = hours_sheet(bob, WEEK)
    assert [(line.words.title if line.words else "", line.planned, line.last_week) for line in sheet.lines] == [
        ("Answer every call", Decimal(6), None),
        ("Rota", 0, None),
        ("Something else", 0, Decimal(2)),
        ("", 0, None),
    ]
    assert held.hours_per_week is None
    assert not sheet.was_reported
    assert sheet.last_week == Decimal(2)


def this_week() -> date:
    """The Monday of the present week."""
    return monday_of(timezone.localdate())


def url_of(week: date | str) -> str:
    """The page of a week's hours."""
    return reverse("capacity:hours_week", args=["harbour", str(week)])


def test_the_page_starts_from_what_was_promised_and_saves(client_of: ClientOf, bob: Member) -> None:
    goal = GoalFactory(owner=bob, title="Answer every call", activated_at=timezone.now() - timedelta(days=30))
    ContributorFactory(goal=goal, member=bob, hours_per_week="6.5")
    client = client_of(bob)
    page = client.get(url_of(this_week()))
    assert 'value="6.5"' in page.content.decode()
    answer = client.post(url_of(this_week()), {f"goal-{goal.pk}": "7", "rest": "20.5"})
    assert answer.status_code == 302
    assert reported(bob, this_week()) == {goal.pk: Decimal(7), None: Decimal("20.5")}
    assert 'value="20.5"' in client.get(url_of(this_week())).content.decode()


def test_the_page_takes_hours_as_germans_write_them(client_of: ClientOf, bob: Member) -> None:
    assert bob.user is not None
    bob.user.language = "de"
    bob.user.save()
    client_of(bob).post(url_of(this_week()), {"rest": "2,5"})
    assert reported(bob, this_week()) == {None: Decimal("2.5")}


@pytest.mark.parametrize("text", ["much", "-1", "169", "1e400", "NaN", "9" * 50, "<script>", "1.234"])
def test_the_page_refuses_what_are_no_hours(client_of: ClientOf, bob: Member, text: str) -> None:
    answer = client_of(bob).post(url_of(this_week()), {"rest": text})
    assert answer.status_code == 422
    assert reported(bob, this_week()) == {}


def test_the_page_says_where_a_week_is_too_full(client_of: ClientOf, bob: Member) -> None:
    goal = GoalFactory(owner=bob, activated_at=timezone.now() - timedelta(days=30))
    ContributorFactory(goal=goal, member=bob, hours_per_week=6)
    answer = client_of(bob).post(url_of(this_week()), {f"goal-{goal.pk}": "100", "rest": "100"})
    assert answer.status_code == 422
    assert "A week has 168 hours" in answer.content.decode()


@pytest.mark.parametrize("text", ["today", "2026-02-30", "0001-01-01", "9999-12-27", "2026-03-03", "2026-W10"])
def test_addresses_of_no_week_are_not_there(client_of: ClientOf, bob: Member, text: str) -> None:
    assert client_of(bob).get(url_of(text)).status_code == 404


def test_next_week_is_not_there_yet(client_of: ClientOf, bob: Member) -> None:
    assert client_of(bob).get(url_of(this_week() + timedelta(days=7))).status_code == 404


def test_the_short_address_leads_to_this_week(client_of: ClientOf, bob: Member) -> None:
    answer = client_of(bob).get(reverse("capacity:hours_now", args=["harbour"]))
    assert answer["Location"] == url_of(this_week())
