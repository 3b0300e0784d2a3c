"""The clarity check and the rhythm of check-ins, as plain functions."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.goals.models.clarity import Clear, clarity, regularity

CYCLE = (date(2026, 1, 1), date(2026, 3, 31))
MONDAY = date(2026, 3, 2)
DAYS = st.integers(0, 400).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


def missing(**changes):
    """What is not clear, with everything else clear."""
    facts: dict[str, Any] = {
        "has_owner": True, "reason": "Because.", "kinds": ["number"], "ends_on": date(2026, 3, 20), "cycle": CYCLE,
    }  # fmt: skip
    return [check.name for check in clarity(**(facts | changes)) if not check.met]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"has_owner": False}, [Clear.OWNER]),
        ({"reason": " \n"}, [Clear.REASON]),
        ({"kinds": []}, [Clear.MEASURE, Clear.BASELINE]),
        ({"kinds": ["milestone"]}, [Clear.BASELINE]),
        ({"kinds": ["milestone", "percent"]}, []),
        ({"ends_on": None}, [Clear.DATE]),
        ({"ends_on": date(2026, 4, 1)}, [Clear.DATE]),
        ({"ends_on": date(2025, 12, 31)}, [Clear.DATE]),
        ({"ends_on": date(2026, 3, 31)}, []),
        ({"ends_on": date(2030, 1, 1), "cycle": (None, None)}, []),
        ({"ends_on": date(2030, 1, 1), "cycle": (date(2026, 1, 1), None)}, []),
    ],
    ids=str,
)
def test_clarity_names_what_is_missing(changes, expected):
    assert missing(**changes) == expected


def states(days, *, since, until, cadence=7, weeks=26):
    """The states alone."""
    return [week.state for week in regularity(days, since=since, until=until, cadence_days=cadence, weeks=weeks)]


def test_weeks_with_a_check_in_are_done_and_without_one_missed():
    said = [MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=21)]
    assert states(said, since=MONDAY, until=MONDAY + timedelta(days=29)) == ["done", "done", "missed", "late", "missed"]


def test_week_after_week_of_silence_is_missed():
    assert states([], since=MONDAY, until=MONDAY + timedelta(days=22)) == ["none", "missed", "missed", "missed"]


def test_longer_cadence_forgives_the_weeks_between():
    said = [MONDAY + timedelta(days=14 * n) for n in range(3)]
    assert states(said, since=MONDAY, until=MONDAY + timedelta(days=30), cadence=14) == [
        "done", "none", "done", "none", "done",
    ]  # fmt: skip


def test_present_week_is_not_missed_before_it_is_due():
    until = MONDAY + timedelta(days=8)
    assert states([MONDAY + timedelta(days=4)], since=MONDAY, until=until) == ["done", "none"]


@given(st.sets(DAYS, max_size=40), DAYS, st.integers(0, 300), st.sampled_from([7, 14, 28]), st.integers(1, 30))
def test_rhythm_is_bounded_and_ends_with_the_last_week(said, since, length, cadence, weeks):
    until = since + timedelta(days=length)
    found = regularity(said, since=since, until=until, cadence_days=cadence, weeks=weeks)
    assert 1 <= len(found) <= weeks
    assert all(week.on.weekday() == 0 for week in found)
    assert found[-1].on <= until < found[-1].on + timedelta(days=7)
    assert all(later.on - week.on == timedelta(days=7) for week, later in pairwise(found))
    for week in found:
        spoken = any(week.on <= day <= min(week.on + timedelta(days=6), until) for day in said)
        assert spoken == (week.state in {"done", "late"})
