"""Load equals a plain recomputation, whatever is promised, covered and away."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.capacity.queries.capacity import weeks_from
from apps.capacity.queries.load import load_of
from apps.goals.models import Goal
from apps.handovers.models import HandoverKind, HandoverStatus
from apps.responsibilities.models import HELD
from apps.workspaces.models import Member, Workspace
from tests.counts import times
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    MemberFactory,
    ResponsibilityFactory,
    WorkspaceFactory,
)

FIRST = date(2026, 2, 23)
WEEKS = weeks_from(FIRST, 4)
ACTIVE_SINCE, DONE_ON = date(2026, 2, 25), date(2026, 3, 9)
PEOPLE, THINGS = 2, 3  # of the things every second is a goal


def span_of(pair: tuple[date, int]) -> tuple[date, date]:
    """From a day to so many days later."""
    return pair[0], pair[0] + timedelta(days=pair[1])


days = st.integers(-10, 40).map(lambda offset: FIRST + timedelta(days=offset))
hours = st.integers(5, 400).map(lambda tenths: Decimal(tenths) / 10)
maybe_hours = st.one_of(hours, hours, st.none(), st.just(Decimal(0)))
people, things = st.integers(0, PEOPLE - 1), st.integers(0, THINGS - 1)
near = st.integers(0, 21).map(lambda offset: FIRST + timedelta(days=offset))
spans = st.tuples(days, st.integers(0, 30)).map(span_of)
mostly_active = st.sampled_from(["active", "active", "active", "draft"])
mostly_seen = st.sampled_from(["workspace", "workspace", "private"])
worlds = st.fixed_dictionaries(
    {
        "weekdays": st.sets(st.integers(1, 7), min_size=1).map(sorted),
        "weekly_hours": st.lists(hours, min_size=PEOPLE, max_size=PEOPLE),
        "goal_days": st.lists(st.one_of(st.none(), spans), min_size=THINGS, max_size=THINGS),
        "visibility": st.lists(mostly_seen, min_size=THINGS, max_size=THINGS),
        "status": st.lists(mostly_active, min_size=THINGS, max_size=THINGS),
        "contributions": st.dictionaries(st.tuples(people, things), maybe_hours, min_size=2, max_size=6),
        "assignments": st.dictionaries(
            st.tuples(people, things, st.sampled_from(["responsible", "accountable"])),
            st.tuples(maybe_hours, st.sampled_from(["offered", "accepted", "declined"]), days),
            min_size=3,
            max_size=8,
        ),
        "absences": st.dictionaries(people, spans, max_size=3),
        "covers": st.lists(
            st.tuples(
                people,
                things,
                st.tuples(near, st.integers(0, 9)).map(span_of),
                st.sampled_from(["accepted", "accepted", "proposed", "done"]),
            ),
            min_size=1,
            max_size=4,
        ),
    }
)
World = dict[str, Any]
LOOK = (Phase.explicit, Phase.reuse, Phase.generate)  # making a failing world smaller takes minutes


def at_noon(day: date) -> datetime:
    """The middle of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class LoadRows:
    """A world, written to the database."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.workspace: Workspace = WorkspaceFactory(working_days=world["weekdays"], timezone="UTC")
        self.people: list[Member] = [
            MemberFactory(workspace=self.workspace, user=None, weekly_hours=each) for each in world["weekly_hours"]
        ]
        self.stranger: Member = MemberFactory(workspace=self.workspace, user=None)
        self.things = [self._thing(index) for index in range(THINGS)]
        self._promises()
        self._moves()

    def _thing(self, index: int) -> Any:
        if index % 2:
            return ResponsibilityFactory(workspace=self.workspace)
        first, last = self.world["goal_days"][index] or (None, None)
        status = self.world["status"][index]
        return GoalFactory(
            workspace=self.workspace, owner=self.stranger, starts_on=first, due_on=last, status=status,
            activated_at=None if status == "draft" else at_noon(ACTIVE_SINCE),
            visibility=self.world["visibility"][index],
        )  # fmt: skip

    def _promises(self) -> None:
        for (who, what), amount in self.world["contributions"].items():
            if what % 2 == 0:
                ContributorFactory(goal=self.things[what], member=self.people[who], hours_per_week=amount)
        for (who, what, role), (amount, status, offered) in self.world["assignments"].items():
            AssignmentFactory(
                **self._on(what), member=self.people[who], role=role, status=status, hours_per_week=amount,
                offered_at=at_noon(offered), answered_at=None if status == "offered" else at_noon(offered),
            )  # fmt: skip

    def _moves(self) -> None:
        for who, (first, last) in self.world["absences"].items():
            AbsenceFactory(member=self.people[who], starts_on=first, ends_on=last)
        for giver, what, (first, last), status in self.world["covers"]:
            HandoverFactory(
                **self._on(what), kind=HandoverKind.COVER, from_member=self.people[giver],
                to_member=self.people[1 - giver], starts_on=first, ends_on=last, status=status,
                done_at=at_noon(DONE_ON) if status == "done" else None,
            )  # fmt: skip

    def _on(self, what: int) -> dict[str, Any]:
        thing = self.things[what]
        return {"goal": thing} if isinstance(thing, Goal) else {"responsibility": thing}


def plainly(world: World, viewer: int) -> dict[int, list[tuple[Decimal, Decimal]]]:
    """(promised, capacity) of each person and week, by going through every day, person and thing."""
    return {
        who: [(promised(world, viewer, who, week), has(world, who, week)) for week in WEEKS] for who in range(PEOPLE)
    }


def working(world: World, monday: date) -> list[date]:
    """The working days of the week."""
    return [monday + timedelta(days=number - 1) for number in world["weekdays"]]


def has(world: World, who: int, monday: date) -> Decimal:
    """The hours a person has in the week."""
    work = working(world, monday)
    away = world["absences"].get(who)
    at_work = [each for each in work if not (away and away[0] <= each <= away[1])]
    return to_tenth(Fraction(world["weekly_hours"][who]) * Fraction(len(at_work), len(work)))


def promised(world: World, viewer: int, who: int, monday: date) -> Decimal:
    """The hours a person promised in the week, of what the viewer sees."""
    work = working(world, monday)
    total = Fraction(0)
    for day in work:
        for giver in range(PEOPLE):
            for what in range(THINGS):
                if sees(world, viewer, what) and doer(world, giver, what, day) == who:
                    total += Fraction(rate(world, giver, what, day)) / len(work)
    return to_tenth(total)


def sees(world: World, viewer: int, what: int) -> bool:
    """A private goal exists for its contributors only: a stranger owns it."""
    return bool(what % 2) or world["visibility"][what] == "workspace" or (viewer, what) in world["contributions"]


def rate(world: World, who: int, what: int, day: date) -> Decimal:
    """The largest of the hours a week that hold on the day."""
    amounts = [Decimal(0)]
    if what % 2 == 0:
        first, last = world["goal_days"][what] or (ACTIVE_SINCE, date.max)
        if not first <= day <= last or world["status"][what] == "draft":
            return Decimal(0)
        amounts.append(world["contributions"].get((who, what)) or Decimal(0))
    for (person, thing, _role), (amount, status, offered) in world["assignments"].items():
        if (person, thing) == (who, what) and status in HELD and offered <= day:
            amounts.append(amount or Decimal(0))
    return max(amounts)


def doer(world: World, who: int, what: int, day: date) -> int:
    """Who does the thing on the day: the first cover by its beginning, else the person."""
    covers = [
        (first, index, 1 - giver)
        for index, (giver, thing, (first, last), status) in enumerate(world["covers"])
        if (giver, thing) == (who, what)
        and status in {HandoverStatus.ACCEPTED, HandoverStatus.DONE}
        and first <= day <= (min(last, DONE_ON) if status == "done" else last)
    ]
    return min(covers)[2] if covers else who


def to_tenth(amount: Fraction) -> Decimal:
    """Rounded half up, exactly."""
    return Decimal(floor(amount * 10 + Fraction(1, 2))) / 10


@settings(
    max_examples=times(600), deadline=None, phases=LOOK, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds, viewer=people)
def test_load_equals_a_plain_recomputation(db: None, world: World, viewer: int) -> None:
    with transaction.atomic():
        rows = LoadRows(world)
        load = load_of(rows.people, WEEKS, viewer=rows.people[viewer])
        found = {
            index: [(week.promised, week.capacity) for week in load.weeks[person.pk]]
            for index, person in enumerate(rows.people)
        }
        transaction.set_rollback(True)
    assert found == plainly(world, viewer)
