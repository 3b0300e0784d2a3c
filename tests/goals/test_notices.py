"""What people are told about goals, and when it ends."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals import services
from apps.goals.models import Contributor
from apps.goals.services.notices import ASK, GOAL_KINDS, tell_leads
from apps.notifications.models import Notice
from apps.notifications.services import describe_notices
from tests.factories import GoalFactory, MemberFactory, NoticeFactory


def told(member) -> list[str]:
    """The titles of what stands in somebody's inbox."""
    rows = list(Notice.objects.open().filter(recipient=member).select_related("recipient__user").order_by("created_at"))
    said = describe_notices(rows, at=rows[0].created_at) if rows else {}
    return [said[row.pk].title for row in rows if row.pk in said]


@pytest.fixture
def asked(goal, bob, lea, now):
    return services.create_check_in(
        goal, {"note": "x", "ask": "May we hire?", "ask_to": lea}, readings={}, by=bob, at=now
    )


def test_who_is_asked_is_told_until_they_answer(asked, bob, lea, now):
    assert told(lea) == ["Bob asks you something about “Answer every call”"]
    services.answer_ask(asked, answer="Yes.", by=lea, at=now)
    assert told(lea) == []
    assert told(bob) == ["Lea answered what you asked about “Answer every call”"]


def test_an_ask_that_goes_to_another_leaves_the_first(asked, bob, lea, alice, now):
    services.edit_check_in(asked, {"ask_to": alice}, readings=None, by=bob, at=now)
    assert (told(lea), len(told(alice))) == ([], 1)
    services.edit_check_in(asked, {"ask_to": None, "ask": ""}, readings=None, by=bob, at=now)
    assert told(alice) == []


def test_who_asks_themselves_or_asked_long_ago_is_not_told(goal, bob, lea, now):
    fields: services.CheckInFields = {"note": "x", "ask": "Why?", "ask_to": lea}
    services.create_check_in(goal, fields, readings={}, by=bob, at=now, made_at=now - timedelta(days=30))
    services.create_check_in(goal, {**fields, "ask_to": bob}, readings={}, by=bob, at=now)
    assert told(lea) == told(bob) == []


def test_nothing_is_told_of_a_goal_that_was_closed_to_its_reader(asked, goal, bob, lea, now):
    services.update_goal(goal, {"visibility": "private"}, by=bob, at=now)
    assert Notice.objects.open().filter(recipient=lea).exists()
    assert told(lea) == []


def test_closing_tells_those_named_and_ends_what_was_asked(asked, goal, bob, mo, lea, alice, now):
    Contributor.objects.create(workspace=goal.workspace, goal=goal, member=mo)
    services.close_goal(goal, outcome="achieved", lesson="Ask earlier.", by=bob, at=now)
    assert told(mo) == ["“Answer every call” was closed: Achieved"]
    assert told(lea) == told(bob) == told(alice) == []
    services.reopen_goal(goal, by=bob, at=now)
    assert told(mo) == []


@pytest.mark.parametrize(("days", "expected"), [(4, 0), (3, 1), (2, 0), (0, 1), (-1, 0)])
def test_owner_is_told_of_the_due_date(goal, bob, now, days, expected):
    services.update_goal(goal, {"due_on": now.date() + timedelta(days=days)}, by=bob, at=now)
    for _twice in range(2):
        services.tell_of_goals_due(now.date(), at=now)
    assert len(told(bob)) == expected


def test_a_due_date_that_moved_is_not_told_of(goal, bob, now):
    services.update_goal(goal, {"due_on": now.date()}, by=bob, at=now)
    services.tell_of_goals_due(now.date(), at=now)
    services.update_goal(goal, {"due_on": now.date() + timedelta(days=30)}, by=bob, at=now)
    assert told(bob) == []


@pytest.mark.parametrize(("visibility", "expected"), [("workspace", 1), ("private", 0)])
def test_leads_are_told_last_and_never_of_a_private_goal(bob, lea, product, now, visibility, expected):
    due = date(2026, 3, 2)
    goal = GoalFactory(owner=bob, team=product, visibility=visibility, check_in_due_on=due)
    reminder = NoticeFactory(kind="check_in_due", recipient=bob, subject_id=goal.pk, data={"due_on": str(due)}, step=3)
    tell_leads([reminder], now)
    assert len(told(lea)) == expected
    assert len(told(bob)) == 1  # their own reminder


def test_outside_nothing_private_is_named(bob, lea, now):
    goal = GoalFactory(owner=bob, title="Plumtree", visibility="private")
    Contributor.objects.create(workspace=goal.workspace, goal=goal, member=lea)
    services.create_check_in(goal, {"note": "Plumtree", "ask": "Plumtree?", "ask_to": lea}, readings={}, by=bob, at=now)
    services.close_goal(goal, outcome="missed", lesson="Plumtree.", by=bob, at=now)
    rows = list(Notice.objects.filter(recipient=lea).select_related("recipient"))
    for said in describe_notices(rows, at=now).values():
        assert "Plumtree" in said.title
        assert "Plumtree" not in f"{said.outside}{said.text}{said.quote}{said.facts}{said.reason}{said.action}"
        assert said.outside


@pytest.mark.parametrize("kind", GOAL_KINDS, ids=lambda kind: kind.name)
def test_words_take_as_many_queries_for_many_as_for_few(kind, bob, product, now):
    def count(many: int) -> int:
        rows = []
        for owner in MemberFactory.create_batch(many, workspace=bob.workspace):
            goal = GoalFactory(owner=owner, team=product, check_in_due_on=now.date(), due_on=now.date())
            data = {"due_on": str(now.date())}
            row = NoticeFactory(kind=kind.name, recipient=owner, subject_id=goal.pk, data=data)
            rows.append(row)
        with CaptureQueriesContext(connection) as queries:
            kind.read(rows, now)
        return len(queries)

    assert count(2) == count(7)


def test_kinds_are_told_apart():
    assert len({kind.name for kind in GOAL_KINDS}) == len(GOAL_KINDS)
    assert ASK in {kind.name for kind in GOAL_KINDS}
