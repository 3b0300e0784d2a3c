"""The rules of progress as plain functions, and what the database itself refuses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.goals.models import Contributor, Cycle, Goal, KeyResult
from apps.goals.models.progress import (
    BEHIND_MARGIN,
    clamp,
    expected_progress,
    is_behind,
    key_result_progress,
    next_check_in_due,
    next_working_day,
    weighted_mean,
)
from tests.factories import CheckInFactory, ContributorFactory, CycleFactory, GoalFactory, KeyResultFactory

VALUES = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False)
PAIRS = st.tuples(VALUES, VALUES).filter(lambda pair: pair[0] != pair[1])
SHARES = st.floats(0, 1)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


# ---- key results ----


@pytest.mark.parametrize(
    ("start", "target", "current", "expected"),
    [
        (0, 100, 62, 0.62),
        (14, 9, 14, 0.0),
        (14, 9, "11.5", 0.5),
        (14, 9, 9, 1.0),
        (61, 90, 61, 0.0),
        (0, 1, 1, 1.0),
        (-10, 10, 0, 0.5),
        (0, 100, 130, 1.0),
        (0, 100, -5, 0.0),
        (14, 9, 20, 0.0),
        (14, 9, 5, 1.0),
        (0, 100, None, 0.0),
    ],
)
def test_key_result_progress_is_the_share_of_the_way(start, target, current, expected):
    now = None if current is None else Decimal(current)
    assert key_result_progress(Decimal(start), Decimal(target), now) == pytest.approx(expected)


def test_key_result_progress_refuses_a_way_without_length():
    with pytest.raises(ValueError, match="other than its start"):
        key_result_progress(Decimal(5), Decimal(5), Decimal(5))


@given(PAIRS, VALUES)
def test_key_result_progress_stays_within_0_and_1(pair, current):
    start, target = pair
    assert 0.0 <= key_result_progress(start, target, current) <= 1.0


@given(PAIRS)
def test_key_result_progress_runs_from_start_to_target(pair):
    start, target = pair
    assert key_result_progress(start, target, start) == 0.0
    assert key_result_progress(start, target, target) == 1.0


@given(PAIRS, VALUES, VALUES)
def test_key_result_progress_never_falls_on_the_way_to_the_target(pair, one, other):
    start, target = pair
    near, far = sorted((one, other), reverse=target < start)
    assert key_result_progress(start, target, near) <= key_result_progress(start, target, far)


@given(PAIRS, VALUES)
def test_key_result_progress_is_the_same_mirrored(pair, current):
    """Falling from 14 to 9 is measured as rising from -14 to -9 is."""
    start, target = pair
    assert key_result_progress(start, target, current) == pytest.approx(key_result_progress(-start, -target, -current))


# ---- means ----


def test_weighted_mean_counts_by_weight():
    assert weighted_mean([(1.0, 3.0), (0.0, 1.0)]) == pytest.approx(0.75)


def test_weighted_mean_of_nothing_is_none():
    assert weighted_mean([]) is None
    assert weighted_mean([(0.5, 0.0)]) is None


@given(st.lists(st.tuples(SHARES, st.floats(0.01, 100)), min_size=1, max_size=12))
def test_weighted_mean_lies_between_the_least_and_the_most(parts):
    mean = weighted_mean(parts)
    assert min(value for value, _w in parts) - 1e-9 <= mean <= max(value for value, _w in parts) + 1e-9


@given(st.lists(st.tuples(SHARES, st.floats(0.01, 100)), min_size=1, max_size=8), st.floats(0.1, 50))
def test_weighted_mean_knows_only_the_ratio_of_weights(parts, factor):
    assert weighted_mean(parts) == pytest.approx(weighted_mean([(v, w * factor) for v, w in parts]))


@given(st.lists(st.tuples(SHARES, st.floats(0.01, 100)), min_size=1, max_size=8), st.data())
def test_weighted_mean_rises_with_each_part(parts, data):
    index = data.draw(st.integers(0, len(parts) - 1))
    raised = list(parts)
    raised[index] = (data.draw(st.floats(parts[index][0], 1)), parts[index][1])
    before, after = weighted_mean(parts), weighted_mean(raised)
    assert before is not None
    assert after is not None
    assert after >= before - 1e-9


# ---- time ----


def test_expected_progress_is_the_share_of_days_gone():
    assert expected_progress(date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 6)) == pytest.approx(0.5)


@pytest.mark.parametrize(("start", "due"), [(None, date(2026, 1, 1)), (date(2026, 1, 1), None), (None, None)])
def test_expected_progress_needs_both_dates(start, due):
    assert expected_progress(start, due, date(2026, 1, 1)) is None


@given(DAYS, st.integers(0, 2000), DAYS)
def test_expected_progress_is_0_until_the_start_and_1_from_the_end(start, length, day):
    due = start + timedelta(days=length)
    share = expected_progress(start, due, day)
    assert share is not None
    assert 0.0 <= share <= 1.0
    if day >= due:
        assert share == 1.0
    elif day <= start:
        assert share == 0.0


@given(DAYS, st.integers(1, 2000), DAYS, st.integers(0, 400))
def test_expected_progress_never_falls_with_time(start, length, day, later):
    due = start + timedelta(days=length)
    before, after = expected_progress(start, due, day), expected_progress(start, due, day + timedelta(days=later))
    assert before is not None
    assert after is not None
    assert before <= after


def test_behind_means_more_than_the_margin_below():
    assert is_behind(0.3, 0.3 + BEHIND_MARGIN + 0.01)
    assert not is_behind(0.5, 0.5 + BEHIND_MARGIN / 2)
    assert not is_behind(0.0, None)


def test_next_check_in_is_due_a_cadence_later():
    assert next_check_in_due(date(2026, 2, 27), 7) == date(2026, 3, 6)


@given(DAYS, st.sets(st.integers(1, 7), min_size=1))
def test_next_working_day_is_the_first_that_is_one(day, working):
    found = next_working_day(day, working)
    assert found.isoweekday() in working
    assert 0 <= (found - day).days < 7
    assert all((day + timedelta(days=n)).isoweekday() not in working for n in range((found - day).days))


@pytest.mark.parametrize("working", [[], [0], [8, 9]])
def test_next_working_day_needs_a_working_day(working):
    with pytest.raises(ValueError, match="working day"):
        next_working_day(date(2026, 1, 1), working)


@given(st.floats(allow_nan=False))
def test_clamp(value):
    assert 0.0 <= clamp(value) <= 1.0


# ---- pure properties ----


def test_cycle_stands_by_its_dates(harbour):
    cycle = CycleFactory(workspace=harbour, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))
    assert cycle.status_on(date(2025, 12, 31)) == Cycle.Status.UPCOMING
    assert cycle.status_on(date(2026, 1, 1)) == Cycle.Status.CURRENT
    assert cycle.status_on(date(2027, 1, 1)) == Cycle.Status.CURRENT


def test_goal_runs_over_its_own_dates_before_its_cycles(goal, spring):
    assert goal.span() == (spring.starts_on, spring.ends_on)
    goal.starts_on, goal.due_on = date(2026, 2, 1), date(2026, 2, 21)
    assert goal.span() == (date(2026, 2, 1), date(2026, 2, 21))
    assert goal.expected_on(date(2026, 2, 11)) == pytest.approx(0.5)
    goal.status = "draft"
    assert goal.expected_on(date(2026, 2, 11)) is None


def test_goal_without_cycle_and_dates_expects_nothing(bob):
    assert GoalFactory(owner=bob).expected_on(date(2026, 2, 11)) is None


def test_key_result_shows_its_start_while_there_is_no_reading(goal):
    key_result = KeyResultFactory(goal=goal, start_value=14, target_value=9, unit="days")
    assert key_result.value_now == 14
    assert key_result.shown_unit == "days"
    key_result.current_value, key_result.kind = Decimal(11), "percent"
    assert key_result.value_now == 11
    assert key_result.shown_unit == "%"


# ---- what the database refuses ----


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"importance": 6},
        {"urgency": 0},
        {"progress": 1.5},
        {"progress": float("nan")},
        {"status": "achieved"},
        {"visibility": "team", "team": None},
        {"starts_on": date(2026, 2, 1), "due_on": date(2026, 1, 1)},
    ],
    ids=str,
)
def test_database_refuses_goal(goal, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.filter(pk=goal.pk).update(**values)


def test_database_refuses_private_goal_without_owner(goal):
    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.filter(pk=goal.pk).update(visibility="private", owner=None)


def test_database_refuses_goal_beneath_itself(goal):
    with pytest.raises(IntegrityError), transaction.atomic():
        Goal.objects.filter(pk=goal.pk).update(parent=goal)


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"start_value": 7, "target_value": 7},
        {"weight": 0},
        {"progress": -0.1},
        {"kind": "milestone", "target_value": 5},
    ],
    ids=str,
)
def test_database_refuses_key_result(goal, values):
    key_result = KeyResultFactory(goal=goal)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyResult.objects.filter(pk=key_result.pk).update(**values)


@pytest.mark.parametrize(
    "values", [{"progress": 1.01}, {"answer": "Yes."}, {"answered_at": "2026-03-04T10:00Z"}], ids=str
)
def test_database_refuses_check_in(goal, values):
    check_in = CheckInFactory(goal=goal)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(check_in).objects.filter(pk=check_in.pk).update(**values)


def test_database_refuses_ask_of_somebody_for_nothing(goal, lea):
    check_in = CheckInFactory(goal=goal)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(check_in).objects.filter(pk=check_in.pk).update(ask_to=lea)


@pytest.mark.parametrize("field", ["owner", "parent"])
def test_database_refuses_what_belongs_to_another_workspace(goal, eve, field):
    """Composite foreign keys: the tenant's wall stands in PostgreSQL too."""
    Goal.objects.filter(pk=goal.pk).update(**{field: eve if field == "owner" else GoalFactory(owner=eve)})
    _refused_at_the_end()


def test_database_refuses_contributor_of_another_workspace(goal, eve):
    ContributorFactory(goal=goal, member=eve)
    _refused_at_the_end()


def _refused_at_the_end() -> None:
    """What a commit would say; then the row is taken away, so that the test can end."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        with pytest.raises(IntegrityError):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ROLLBACK TO here")
    Goal.objects.update(owner=None, parent=None)
    Contributor.objects.all().delete()
