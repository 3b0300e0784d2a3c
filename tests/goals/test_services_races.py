"""Several people at the same moment, on real connections: one effect each, and nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from apps.goals import services
from apps.goals.models import CheckIn, Goal
from tests.counts import FULL, times
from tests.factories import CycleFactory, GoalFactory, KeyResultFactory

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run all of them at once; what each gave back, or the error it ended with."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def refused(results: list[Any]) -> int:
    """How many were told no; anything else that went wrong fails here."""
    errors = [each for each in results if isinstance(each, Exception)]
    assert all(isinstance(each, ValidationError | PermissionDenied) for each in errors), errors
    return len(errors)


def test_two_closings_are_one(product, spring, bob, lea, now):
    for _n in range(times(FULL["two closings at once"])):
        goal = GoalFactory(owner=bob, team=product, cycle=spring, activated_at=now)
        results = together(
            partial(services.close_goal, goal, outcome="achieved", lesson="It works.", by=bob, at=now),
            partial(services.close_goal, goal, outcome="missed", lesson="Too late.", by=lea, at=now),
        )
        assert refused(results) == 1
        assert Goal.objects.get(pk=goal.pk).is_closed


def test_one_form_sent_many_times_at_once_is_one_check_in(goal, bob, now):
    key = uuid4()
    send = lambda: services.create_check_in(goal, {"note": "So far."}, readings={}, by=bob, at=now, key=key)  # noqa: E731
    assert len({each.pk for each in together(*[send] * 4)}) == 1
    assert CheckIn.objects.count() == 1


def test_one_form_sent_many_times_at_once_is_one_goal_or_key_result(goal, bob, now):
    key = uuid4()
    results = together(*[lambda: services.create_goal({"title": "One"}, by=bob, at=now, key=key)] * 4)
    assert len({each.pk for each in results}) == 1
    add = lambda: services.create_key_result(goal, {"title": "Calls"}, by=bob, at=now, key=key)  # noqa: E731
    assert len({each.pk for each in together(*[add] * 3)}) == 1
    assert goal.key_results.count() == 1


def test_siblings_check_in_at_once_and_the_parent_counts_both(bob, now):
    top = GoalFactory(owner=bob, activated_at=now)
    parent = GoalFactory(owner=bob, parent=top, activated_at=now)
    children = [GoalFactory(owner=bob, parent=parent, activated_at=now) for _n in range(4)]
    rows = [KeyResultFactory(goal=each) for each in children]

    def call(row):
        return lambda: services.create_check_in(row.goal, {}, readings={row.pk: Decimal(60)}, by=bob, at=now)

    for _turn in range(3):
        assert refused(together(*[call(row) for row in rows])) == 0
    for each in (parent, top):
        each.refresh_from_db()
        assert (each.progress, each.progress_source) == (0.6, "children")


def test_parent_and_child_closed_while_others_check_in(bob, now):
    for _turn in range(4):
        top = GoalFactory(owner=bob, activated_at=now)
        child = GoalFactory(owner=bob, parent=top, activated_at=now)
        low = GoalFactory(owner=bob, parent=child, activated_at=now)
        row = KeyResultFactory(goal=low)
        results = together(
            partial(services.close_goal, top, outcome="missed", lesson="x", by=bob, at=now),
            partial(services.close_goal, child, outcome="dropped", lesson="x", by=bob, at=now),
            partial(services.create_check_in, low, {}, readings={row.pk: Decimal(5)}, by=bob, at=now),
            partial(services.update_goal, child, {"visibility": "private"}, by=bob, at=now),
        )
        assert refused(results) == 0


def test_moves_across_two_trees_do_not_wait_for_each_other_for_ever(bob, now):
    """G goes from one tree to the other while H goes the opposite way and somebody checks in on both."""
    for _turn in range(4):
        roots = [GoalFactory(owner=bob, activated_at=now) for _n in range(2)]
        ends = [GoalFactory(owner=bob, parent=GoalFactory(owner=bob, parent=root), activated_at=now) for root in roots]
        moving = [GoalFactory(owner=bob, parent=end, activated_at=now) for end in ends]
        rows = [KeyResultFactory(goal=each) for each in moving]
        results = together(
            partial(services.update_goal, moving[0], {"parent": ends[1]}, by=bob, at=now),
            partial(services.update_goal, moving[1], {"parent": ends[0]}, by=bob, at=now),
            partial(services.create_check_in, moving[0], {}, readings={rows[0].pk: Decimal(70)}, by=bob, at=now),
            partial(services.create_check_in, moving[1], {}, readings={rows[1].pk: Decimal(30)}, by=bob, at=now),
        )
        assert refused(results) == 0
        shares = [Goal.objects.get(pk=root.pk).progress for root in roots]
        assert shares == [0.3, 0.7]


def test_two_moves_never_close_a_ring(bob, now):
    for _turn in range(4):
        one, two = GoalFactory(owner=bob), GoalFactory(owner=bob)
        results = together(
            partial(services.update_goal, one, {"parent": two}, by=bob, at=now),
            partial(services.update_goal, two, {"parent": one}, by=bob, at=now),
        )
        assert refused(results) == 1


def test_cycle_is_carried_over_while_its_goals_are_worked_on(alice, bob, harbour, now):
    for _turn in range(3):
        old, new = CycleFactory(workspace=harbour), CycleFactory(workspace=harbour)
        parent = GoalFactory(owner=bob, cycle=old, activated_at=now, rank=1)
        children = [GoalFactory(owner=bob, cycle=old, parent=parent, activated_at=now, rank=n) for n in (2, 3)]
        rows = [KeyResultFactory(goal=each) for each in children]
        ids = [parent.pk, *(each.pk for each in children)]
        results = together(
            partial(services.close_cycle, old, carry=ids, into=new, by=alice, at=now),
            partial(services.create_check_in, children[0], {}, readings={rows[0].pk: Decimal(70)}, by=bob, at=now),
            partial(services.create_check_in, children[1], {}, readings={rows[1].pk: Decimal(30)}, by=bob, at=now),
            partial(services.create_goal, {"title": "New", "parent": parent}, by=bob, at=now),
        )
        assert refused(results) == 0
        assert Goal.objects.filter(cycle=new).count() == 3


def test_two_answers_are_one(goal, bob, lea, now):
    asked = services.create_check_in(goal, {"ask": "May we?", "ask_to": lea}, readings={}, by=bob, at=now)
    results = together(
        lambda: services.answer_ask(asked, answer="Yes.", by=lea, at=now),
        lambda: services.answer_ask(asked, answer="No.", by=lea, at=now),
    )
    assert refused(results) == 1
