"""What people are informed of, for many of them at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals import services as goals
from apps.responsibilities import services
from apps.routines.queries.informed import informed_news
from apps.tasks.services import complete_task
from tests.factories import AssignmentFactory, GoalFactory, MemberFactory, ResponsibilityFactory, TaskFactory

HOUR = timedelta(hours=1)


def informed(member=None, **thing):
    return AssignmentFactory(member=member, role="informed", **thing)


def news(people, now):
    rows = informed_news([person.pk for person in people], since=now - HOUR, until=now + HOUR)
    names = {person.pk: person.name for person in people}
    return sorted((names[row.member_id], row.kind, row.title, row.outcome) for row in rows)


@pytest.fixture
def duty(harbour, product):
    return ResponsibilityFactory(workspace=harbour, team=product, title="Keep the phones up")


def test_the_informed_hear_of_ends_and_changes(goal, duty, bob, lea, mo, care, alice, now):
    informed(mo, goal=goal)
    informed(team=care, responsibility=duty)
    informed(lea, responsibility=duty)
    services.update_responsibility(duty, {"goal": goal, "title": "Keep all phones up"}, by=alice, at=now)
    for thing in ({"goal": goal, "title": "Buy"}, {"responsibility": duty, "title": "Pay"}):
        complete_task(TaskFactory(**thing), by=alice, at=now)
    goals.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    ended = ("goal_closed", "Answer every call", "missed")
    changed, paid = ("responsibility_changed", "Keep all phones up", ""), ("task_completed", "Pay", "")
    both = [(name, *each) for name in ("Lea", "Mo") for each in (ended, changed, paid)]
    assert news([mo, lea, bob], now) == sorted([*both, ("Mo", "task_completed", "Buy", "")])
    assert news([mo, lea], now + 3 * HOUR) == []


def test_only_what_one_sees_and_what_others_did(goal, bob, lea, mo, now):
    private = GoalFactory(owner=bob, visibility="private")
    for member in (lea, mo, bob):
        informed(member, goal=private)
        informed(member, goal=goal)
    AssignmentFactory(goal=goal, member=lea, role="consulted", status="declined", answered_at=now)
    for each in (private, goal):
        complete_task(TaskFactory(goal=each, title="Do"), by=bob, at=now)
    goals.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    assert news([lea, mo, bob], now) == [("Lea", "task_completed", "Do", "")]


def test_who_declined_or_is_something_else_is_not_informed(goal, bob, lea, mo, now):
    AssignmentFactory(goal=goal, member=lea, role="informed", status="declined", answered_at=now)
    AssignmentFactory(goal=goal, member=mo, role="responsible")
    goals.close_goal(goal, outcome="dropped", lesson="x", by=bob, at=now)
    assert news([lea, mo], now) == []


def test_the_queries_do_not_grow(goal, bob, harbour, now):
    counts = []
    for size in (1, 6):
        people = [MemberFactory(workspace=harbour) for _n in range(size)]
        for person in people:
            each = GoalFactory(owner=bob)
            informed(person, goal=each)
            informed(person, responsibility=ResponsibilityFactory(workspace=harbour, goal=each))
            complete_task(TaskFactory(goal=each), by=bob, at=now)
            goals.close_goal(each, outcome="missed", lesson="x", by=bob, at=now)
        with CaptureQueriesContext(connection) as asked:
            found = informed_news([person.pk for person in people], since=now - HOUR, until=now + HOUR)
        assert len(found) == 2 * size
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5
