"""The arithmetic of load: every rule by itself."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from apps.capacity.queries.capacity import (
    Carried,
    Fit,
    HoursSubject,
    Promise,
    WeekLoad,
    capacity,
    days_away,
    hours_of,
    monday_of,
    spend,
    week_load,
    weeks_from,
    working_days,
)

MONDAY = date(2026, 3, 2)
WEEK = working_days(MONDAY, [1, 2, 3, 4, 5])
LEA, BOB, MO = UUID(int=1), UUID(int=2), UUID(int=3)
GOAL, DUTY = HoursSubject("goal", UUID(int=10)), HoursSubject("responsibility", UUID(int=20))


def day(offset: int) -> date:
    """So many days after the Monday."""
    return MONDAY + timedelta(days=offset)


def promise(
    hours: str, thing: HoursSubject = GOAL, who: UUID = LEA, first: date | None = None, last: date | None = None
) -> Promise:
    """Lea's hours on the goal, unless told otherwise."""
    return Promise(who, thing, Decimal(hours), first, last)


def week_of(
    *promises: Promise,
    who: UUID = LEA,
    covers: tuple[Carried, ...] = (),
    hours: str = "40",
    absences: tuple[tuple[date, date], ...] = (),
) -> WeekLoad:
    """The load of one person in the week."""
    spent = spend(promises, covers, [WEEK])
    return week_load(MONDAY, WEEK, weekly_hours=Decimal(hours), absences=absences, spent=spent.get((who, MONDAY), {}))


def test_monday_of_is_the_monday_before_or_the_day_itself() -> None:
    assert {monday_of(day(offset)) for offset in range(7)} == {MONDAY}
    assert monday_of(day(7)) == day(7)


def test_weeks_follow_each_other() -> None:
    assert weeks_from(date(2026, 3, 23), 3) == [date(2026, 3, 23), date(2026, 3, 30), date(2026, 4, 6)]


def test_working_days_are_those_of_the_workspace() -> None:
    assert working_days(MONDAY, [7, 1]) == [MONDAY, day(6)]


@pytest.mark.parametrize(
    ("tenth_days", "days", "hours"), [(0, 5, "0"), (2000, 5, "40"), (100, 3, "3.3"), (500, 3, "16.7"), (5, 10, "0.1")]
)
def test_hours_are_rounded_to_a_tenth_half_up(tenth_days: int, days: int, hours: str) -> None:
    assert hours_of(tenth_days, days) == Decimal(hours)


@pytest.mark.parametrize(("away", "expected"), [(0, "38"), (1, "30.4"), (5, "0")])
def test_capacity_is_weekly_hours_by_the_share_of_working_days_at_work(away: int, expected: str) -> None:
    assert capacity(Decimal(38), 5, away) == Decimal(expected)


def test_only_working_days_count_as_away_and_each_once() -> None:
    assert days_away(WEEK, [(day(3), day(8)), (day(4), day(4))]) == 2


def test_promises_on_different_things_add_up() -> None:
    week = week_of(promise("6"), promise("4", DUTY))
    assert week.promised == Decimal(10)
    assert [(part.thing, part.hours) for part in week.parts] == [(GOAL, Decimal(6)), (DUTY, Decimal(4))]
    assert (week.hours_on(DUTY, None), week.hours_on(DUTY, BOB)) == (Decimal(4), Decimal(0))


def test_hours_on_one_thing_count_once_the_larger() -> None:
    assert week_of(promise("6"), promise("9"), promise("2")).promised == Decimal(9)


def test_the_larger_is_chosen_day_by_day() -> None:
    early, late = promise("10", last=day(1)), promise("5", first=day(1))
    assert week_of(early, late).promised == Decimal(7)  # two days of 2 h, three of 1 h


def test_a_promise_counts_on_its_days_only() -> None:
    assert week_of(promise("10", first=day(3))).promised == Decimal(4)
    assert week_of(promise("10", last=day(0))).promised == Decimal(2)
    assert week_of(promise("10", first=day(5))).promised == 0


def test_days_off_give_no_hours() -> None:
    assert week_of(promise("10", first=day(4), last=day(6))).promised == Decimal(2)


def test_a_cover_carries_the_hours_of_its_days() -> None:
    cover = Carried(LEA, BOB, GOAL, day(2), day(9))
    assert week_of(promise("10"), covers=(cover,)).promised == Decimal(4)
    bob = week_of(promise("10"), who=BOB, covers=(cover,))
    assert bob.promised == Decimal(6)
    assert [(part.thing, part.instead_of) for part in bob.parts] == [(GOAL, LEA)]


def test_covered_hours_stand_beside_what_one_promised_oneself() -> None:
    cover = Carried(LEA, BOB, GOAL, day(0), day(6))
    assert week_of(promise("10"), promise("3", who=BOB), who=BOB, covers=(cover,)).promised == Decimal(13)


def test_a_cover_of_another_thing_carries_nothing() -> None:
    cover = Carried(LEA, BOB, DUTY, day(0), day(6))
    assert week_of(promise("10"), covers=(cover,)).promised == Decimal(10)


def test_of_two_covers_the_first_carries_and_nothing_is_doubled() -> None:
    covers = (Carried(LEA, BOB, GOAL, day(0), day(2)), Carried(LEA, MO, GOAL, day(1), day(6)))
    shares = [week_of(promise("10"), who=who, covers=covers).promised for who in (LEA, BOB, MO)]
    assert shares == [0, Decimal(6), Decimal(4)]


def test_a_cover_goes_one_step_only() -> None:
    covers = (Carried(LEA, BOB, GOAL, day(0), day(6)), Carried(BOB, MO, GOAL, day(0), day(6)))
    promises = (promise("10"), promise("3", who=BOB))
    assert week_of(*promises, who=BOB, covers=covers).promised == Decimal(10)
    assert week_of(*promises, who=MO, covers=covers).promised == Decimal(3)


def test_a_week_over_new_year_is_one_week() -> None:
    new_year = working_days(date(2026, 12, 28), [1, 2, 3, 4, 5])
    spent = spend([promise("10", last=date(2026, 12, 31))], [], [new_year])
    assert sum(spent[LEA, date(2026, 12, 28)].values()) == 400


@pytest.mark.parametrize(
    ("promised", "absences", "fit"),
    [
        ("40", (), Fit.FITS),
        ("40.1", (), Fit.OVER),
        ("20", (), Fit.FITS),
        ("19.9", (), Fit.ROOM),
        ("0", (), Fit.ROOM),
        ("0", ((MONDAY, day(6)),), Fit.AWAY),
        ("1", ((MONDAY, day(6)),), Fit.OVER),
        ("32", ((MONDAY, MONDAY),), Fit.FITS),
        ("33", ((MONDAY, MONDAY),), Fit.OVER),
    ],
)
def test_fit_says_how_promises_and_capacity_go_together(
    promised: str, absences: tuple[tuple[date, date], ...], fit: Fit
) -> None:
    assert week_of(promise(promised), absences=absences).fit == fit


def test_over_and_free_are_never_negative() -> None:
    full, empty = week_of(promise("44")), week_of(promise("30"))
    assert (full.over, full.free) == (Decimal(4), Decimal(0))
    assert (empty.over, empty.free) == (Decimal(0), Decimal(10))


def test_who_has_no_hours_is_away_until_they_promise_some() -> None:
    assert week_of(hours="0").fit == Fit.AWAY
    assert week_of(promise("1"), hours="0").fit == Fit.OVER


def test_who_is_away_all_week_did_not_promise_too_much_they_need_a_cover() -> None:
    away, partly = (
        week_of(promise("40"), absences=((MONDAY, day(6)),)),
        week_of(promise("40"), absences=((MONDAY, MONDAY),)),
    )
    assert (away.fit, away.is_too_much) == (Fit.OVER, False)
    assert (partly.fit, partly.is_too_much) == (Fit.OVER, True)
    assert not week_of(promise("40")).is_too_much
