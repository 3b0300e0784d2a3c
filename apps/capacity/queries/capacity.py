"""The arithmetic of time: what a person has, what they promised, and whether it fits. Plain functions, no database.

A promise is hours a week on one thing, from one day to another. All is counted by working days of the workspace: a
promise of h hours gives each working day of a week h / n, where n is how many working days the week has.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Literal, NamedTuple
from uuid import UUID

WEEK = timedelta(days=7)
NONE = Decimal(0)
ROOM_BELOW = Decimal("0.5")
"""Below this share of the capacity a person has room: less is promised than half of what they have."""


class HoursSubject(NamedTuple):
    """A goal or a responsibility."""

    kind: Literal["goal", "responsibility"]
    pk: UUID


@dataclass(frozen=True)
class Promise:
    """Hours a week of one person on one thing, from the first day to the last, each included; None is without end.

    `is_contribution` is true of the hours of a contributor, false of those of an assignment.
    """

    member_id: UUID
    thing: HoursSubject
    hours: Decimal
    first: date | None = None
    last: date | None = None
    is_contribution: bool = True

    def holds(self, day: date) -> bool:
        """Whether the promise holds on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Carried:
    """A cover: who does one thing in whose place, from the first day to the last, each included."""

    giver_id: UUID
    taker_id: UUID
    thing: HoursSubject
    first: date
    last: date


@dataclass(frozen=True)
class Part:
    """The hours of one week on one thing; `instead_of` is whose they are where the person covers somebody."""

    thing: HoursSubject
    instead_of: UUID | None
    hours: Decimal


class Fit(StrEnum):
    """How a week's promises go with what a person has."""

    OVER = "over"
    FITS = "fits"
    ROOM = "room"
    AWAY = "away"


@dataclass(frozen=True)
class WeekLoad:
    """One week of one person. Hours are rounded to a tenth, and compared so: words never contradict the figures."""

    monday: date
    capacity: Decimal
    promised: Decimal
    days: int
    days_away: int
    parts: tuple[Part, ...]

    def hours_on(self, thing: HoursSubject, instead_of: UUID | None) -> Decimal:
        """The week's hours on one thing; 0 where there are none."""
        return next((part.hours for part in self.parts if (part.thing, part.instead_of) == (thing, instead_of)), NONE)

    @property
    def over(self) -> Decimal:
        """Hours promised beyond the capacity; 0 where it suffices."""
        return max(self.promised - self.capacity, NONE)

    @property
    def free(self) -> Decimal:
        """Hours that nobody was promised."""
        return max(self.capacity - self.promised, NONE)

    @property
    def is_too_much(self) -> bool:
        """More promised than there is, in a week with the person at work: what a new promise can be to blame for.

        Who is away all week needs a cover, not fewer promises.
        """
        return self.fit == Fit.OVER and not (self.days and self.days_away == self.days)

    @property
    def fit(self) -> Fit:
        """Over: promised > capacity. Away: nothing to have and nothing promised. Room: promised < half the capacity."""
        if self.promised > self.capacity:
            return Fit.OVER
        if self.capacity == 0:
            return Fit.AWAY
        return Fit.ROOM if self.promised < self.capacity * ROOM_BELOW else Fit.FITS


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks_from(monday: date, count: int) -> list[date]:
    """So many Mondays, one after the other."""
    return [monday + index * WEEK for index in range(count)]


def working_days(monday: date, weekdays: Collection[int]) -> list[date]:
    """The working days of a week; `weekdays` are ISO numbers, 1 is Monday."""
    return [monday + timedelta(days=number - 1) for number in sorted(weekdays)]


def hours_of(tenth_days: int, days: int) -> Decimal:
    """tenths of an hour · days ÷ days of the week, in hours, rounded to a tenth, half up."""
    return Decimal((2 * tenth_days + days) // (2 * days)) / 10


def tenths(hours: Decimal) -> int:
    """Hours in tenths: whole numbers, so that sums are exact."""
    return int(hours * 10)


def capacity(weekly_hours: Decimal, days: int, days_away: int) -> Decimal:
    """Weekly hours · (working days not away ÷ working days of the workspace that week)."""
    return hours_of(tenths(weekly_hours) * (days - days_away), days)


def days_away(days: Iterable[date], absences: Iterable[tuple[date, date]]) -> int:
    """How many of the days lie in an absence (first day, last day)."""
    spans = list(absences)
    return sum(any(first <= day <= last for first, last in spans) for day in days)


Spent = dict[tuple[UUID, date], dict[tuple[HoursSubject, UUID | None], int]]
"""(person, Monday) → (thing, in whose place) → tenths of an hour · days."""


def spend(promises: Iterable[Promise], covers: Iterable[Carried], weeks: Sequence[Sequence[date]]) -> Spent:
    """What each person's promises come to in weeks, given as their working days.

    On each day a person's hours on one thing are the largest of those they promised on it, not the sum: who is named as
    contributor of a goal and also assigned to it gives the same time, written down twice. The larger errs on the side
    of seeing an overload. A cover carries the hours of the person away to whoever covers, on the cover's days, beside
    what these promised themselves: that is other time. It goes one step only, and to the first of several covers.
    """
    by_thing: dict[tuple[UUID, HoursSubject], list[Carried]] = defaultdict(list)
    for cover in covers:
        by_thing[cover.giver_id, cover.thing].append(cover)
    spent: Spent = defaultdict(lambda: defaultdict(int))
    key = _person_and_thing
    for (person, thing), group in groupby(sorted(promises, key=key), key=key):
        sources, carried = list(group), by_thing[person, thing]
        for days in weeks:
            for day in days:
                rate = max((tenths(each.hours) for each in sources if each.holds(day)), default=0)
                if rate:
                    taker = next((each.taker_id for each in carried if each.first <= day <= each.last), None)
                    spent[taker or person, monday_of(day)][thing, person if taker else None] += rate
    return spent


def _person_and_thing(promise: Promise) -> tuple[UUID, HoursSubject]:
    return promise.member_id, promise.thing


def week_load(
    monday: date,
    days: Sequence[date],
    *,
    weekly_hours: Decimal,
    absences: Iterable[tuple[date, date]],
    spent: Mapping[tuple[HoursSubject, UUID | None], int],
) -> WeekLoad:
    """One week of one person. promised = the sum of `spent`, rounded once; its parts are rounded each."""
    away = days_away(days, absences)
    parts = [Part(thing, whose, hours_of(amount, len(days))) for (thing, whose), amount in spent.items()]
    return WeekLoad(
        monday=monday,
        capacity=capacity(weekly_hours, len(days), away),
        promised=hours_of(sum(spent.values()), len(days)),
        days=len(days),
        days_away=away,
        parts=tuple(sorted(parts, key=lambda part: (-part.hours, part.thing, str(part.instead_of or "")))),
    )
