"""Whether a goal is clear enough to work on, and how regularly it was spoken of: plain functions without a database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

MILESTONE = "milestone"
WEEK = timedelta(days=7)


class Clear(StrEnum):
    """What makes a goal clear."""

    OWNER = "owner"
    REASON = "reason"
    MEASURE = "measure"
    BASELINE = "baseline"
    DATE = "date"


class ClarityCheck(NamedTuple):
    """One of them, and whether it is there."""

    name: Clear
    met: bool


def clarity(
    *, has_owner: bool, reason: str, kinds: Sequence[str], ends_on: date | None, cycle: tuple[date | None, date | None]
) -> list[ClarityCheck]:
    """The clarity check of a goal, in the order in which one would mend it.

    An owner; a reason; a measure (a key result, whose `kinds` these are); a baseline and a target (a key result that
    counts from one to the other: a milestone says only done or not); a date, inside the cycle where that has dates.
    After Locke and Latham, "A Theory of Goal Setting and Task Performance" (1990): specific, measurable, dated, owned.
    """
    return [
        ClarityCheck(Clear.OWNER, has_owner),
        ClarityCheck(Clear.REASON, bool(reason.strip())),
        ClarityCheck(Clear.MEASURE, bool(kinds)),
        ClarityCheck(Clear.BASELINE, any(kind != MILESTONE for kind in kinds)),
        ClarityCheck(Clear.DATE, is_inside(ends_on, cycle)),
    ]


def is_inside(day: date | None, cycle: tuple[date | None, date | None]) -> bool:
    """Whether there is a day and the cycle, as far as it has dates, holds it."""
    first, last = cycle
    return day is not None and (first is None or first <= day) and (last is None or day <= last)


@dataclass(frozen=True)
class CheckInWeek:
    """A week that begins on a Monday: done, late, missed, or none (nothing was due)."""

    on: date
    state: str


def regularity(
    days: Collection[date], *, since: date, until: date, cadence_days: int, weeks: int = 26
) -> list[CheckInWeek]:
    """The last weeks of a goal, oldest first: in which there was a check-in, and in which one was due and missing.

    `days` are the days of check-ins, `since` the day the goal became active, `until` today or the day it was closed. A
    week with a check-in is late where its first one came more than the cadence after what was before; a week without
    one is missed where at its end (or today) more than the cadence has passed.
    """
    monday = until - timedelta(days=until.weekday())
    first = max(since - timedelta(days=since.weekday()), monday - (weeks - 1) * WEEK)
    known = sorted(days)
    found = []
    while first <= monday:
        end = min(first + WEEK - timedelta(days=1), until)
        before = max([since, *(day for day in known if day < first)])
        within = [day for day in known if first <= day <= end]
        found.append(CheckInWeek(first, _state(within, before, end, timedelta(days=cadence_days))))
        first += WEEK
    return found


def _state(within: list[date], before: date, end: date, cadence: timedelta) -> str:
    if within:
        return "late" if within[0] - before > cadence else "done"
    return "missed" if end - before > cadence else "none"
