"""How far a goal is, and how far it should be: the rules, as plain functions without a database."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

BEHIND_MARGIN = 0.1


def key_result_progress(start: Decimal, target: Decimal, current: Decimal | None) -> float:
    """The share of the way from start to target, clamped to 0…1: (current - start) / (target - start).

    The direction follows from start and target: with a target below the start, falling is progress. No reading is 0.
    Source: Doerr, "Measure What Matters" (2018), grading of key results, as a fraction of the way.
    ValueError where start and target are equal: such a key result goes nowhere.
    """
    if start == target:
        raise ValueError("A key result needs a target other than its start.")
    if current is None:
        return 0.0
    return clamp(float((current - start) / (target - start)))


def weighted_mean(parts: Iterable[tuple[float, float]]) -> float | None:
    """The mean of (value, weight) pairs: sum(value x weight) / sum(weight); None where there is no weight at all."""
    pairs = list(parts)
    total = sum(weight for _value, weight in pairs)
    if total <= 0:
        return None
    return clamp(sum(value * weight for value, weight in pairs) / total)


def expected_progress(starts_on: date | None, due_on: date | None, day: date) -> float | None:
    """Where time says a goal should be: the share of days gone, (day - start) / (due - start), clamped to 0…1.

    The start day itself is 0, the due day and every day after it 1. None where either date is missing.
    """
    if starts_on is None or due_on is None:
        return None
    if day >= due_on:
        return 1.0
    if day <= starts_on:
        return 0.0
    return clamp((day - starts_on).days / (due_on - starts_on).days)


def is_behind(progress: float, expected: float | None) -> bool:
    """Whether the progress lies more than BEHIND_MARGIN (ten points of a hundred) below what time says."""
    return expected is not None and expected - progress > BEHIND_MARGIN


def next_check_in_due(last_on: date, cadence_days: int) -> date:
    """The day by which the next check-in is due: the cadence after the last one (or after the goal became active)."""
    return last_on + timedelta(days=cadence_days)


def next_working_day(day: date, working_days: Iterable[int]) -> date:
    """The day itself if it is a working day (ISO weekdays, 1 is Monday), else the next that is; ValueError without."""
    days = set(working_days)
    if not days & set(range(1, 8)):
        raise ValueError("A week needs at least one working day.")
    while day.isoweekday() not in days:
        day += timedelta(days=1)
    return day


def clamp(value: float) -> float:
    """The value within 0 and 1."""
    return min(1.0, max(0.0, value))
