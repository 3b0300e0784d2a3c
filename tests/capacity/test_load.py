"""Reading the load: what counts, from when to when, and what a reader is shown of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.capacity.queries.capacity import HoursSubject, Promise, weeks_from
from apps.capacity.queries.load import (
    Supposed,
    held_things,
    load_of,
    load_page,
    people_in,
    rows_of,
    time_given,
    together,
)
from apps.goals.models import Cycle, Goal
from apps.responsibilities.queries.teams import first_own, teams_offered
from apps.workspaces.models import Member, Team
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    MemberFactory,
    ResponsibilityFactory,
    TeamMembershipFactory,
)

MONDAY = date(2026, 3, 2)
WEEKS = weeks_from(MONDAY, 2)
LONG_AGO = datetime(2026, 1, 2, 9, tzinfo=UTC)


def promised(person: Member, viewer: Member | None = None, **options: Any) -> list[Decimal]:
    """The hours of the two weeks, as the viewer sees them; else as the person does."""
    load = load_of([person], WEEKS, viewer=viewer or person, **options)
    return [week.promised for week in load.weeks[person.pk]]


def duty(person: Member, hours: float | None, **fields: Any) -> Any:
    """An assignment on a responsibility of its own."""
    responsibility = fields.pop("responsibility", None) or ResponsibilityFactory(workspace=person.workspace)
    fields.setdefault("offered_at", LONG_AGO)
    if fields.get("status", "offered") != "offered":
        fields.setdefault("answered_at", fields["offered_at"])
    return AssignmentFactory(responsibility=responsibility, member=person, hours_per_week=hours, **fields)


def test_contributions_and_what_is_held_add_up(bob: Member, goal: Goal) -> None:
    ContributorFactory(goal=goal, member=bob, hours_per_week=6)
    duty(bob, 4)
    duty(bob, 3, status="accepted", role="accountable")
    assert promised(bob) == [Decimal(13), Decimal(13)]


def test_what_was_declined_counts_nothing(bob: Member) -> None:
    duty(bob, 4, status="declined")
    assert promised(bob) == [0, 0]


def test_an_assignment_of_a_team_is_nobodys_hours(bob: Member, product: Team) -> None:
    responsibility = ResponsibilityFactory(workspace=bob.workspace)
    AssignmentFactory(responsibility=responsibility, team=product, hours_per_week=4, offered_at=LONG_AGO)
    assert promised(bob) == [0, 0]


def test_an_assignment_counts_from_the_day_it_was_offered(bob: Member) -> None:
    duty(bob, 5, offered_at=datetime(2026, 3, 5, 9, tzinfo=UTC))
    assert promised(bob) == [Decimal(2), Decimal(5)]


def test_the_day_is_the_workspaces(bob: Member) -> None:
    duty(bob, 5, offered_at=datetime(2026, 3, 4, 23, 30, tzinfo=UTC))  # Thursday already in Berlin
    assert promised(bob)[0] == Decimal(2)


def test_an_archived_responsibility_ends_its_hours(bob: Member) -> None:
    archived = ResponsibilityFactory(workspace=bob.workspace, archived_at=datetime(2026, 3, 3, 9, tzinfo=UTC))
    duty(bob, 5, responsibility=archived)
    assert promised(bob) == [Decimal(2), 0]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [5, 5]),  # the cycle runs from January to March
        ({"starts_on": date(2026, 3, 4)}, [3, 5]),
        ({"due_on": date(2026, 3, 9)}, [5, 1]),
        ({"cycle": None, "activated_at": datetime(2026, 3, 5, 9, tzinfo=UTC)}, [2, 5]),
        ({"status": "draft", "activated_at": None}, [0, 0]),
        ({"status": "achieved", "closed_at": datetime(2026, 3, 3, 9, tzinfo=UTC)}, [2, 0]),
        ({"status": "missed", "closed_at": datetime(2026, 3, 20, 9, tzinfo=UTC), "due_on": date(2026, 3, 9)}, [5, 1]),
    ],
)
def test_a_goal_takes_hours_within_its_days(
    bob: Member, spring: Cycle, fields: dict[str, Any], expected: list[int]
) -> None:
    goal = GoalFactory(**{"owner": bob, "cycle": spring, "activated_at": LONG_AGO, **fields})
    ContributorFactory(goal=goal, member=bob, hours_per_week=5)
    assert promised(bob) == expected


def test_hours_on_one_goal_count_once_the_larger(bob: Member, goal: Goal) -> None:
    ContributorFactory(goal=goal, member=bob, hours_per_week=6)
    AssignmentFactory(goal=goal, member=bob, hours_per_week=8, offered_at=LONG_AGO)
    AssignmentFactory(goal=goal, member=bob, hours_per_week=2, role="accountable", offered_at=LONG_AGO)
    assert promised(bob) == [Decimal(8), Decimal(8)]


def test_who_gives_time_the_most_first_and_the_larger_of_several(bob: Member, lea: Member, mo: Member) -> None:
    said = [(mo, None), (bob, Decimal(2)), (lea, Decimal(3)), (bob, None), (bob, Decimal(1))]
    assert time_given(said) == [(lea, Decimal(3)), (bob, Decimal(2)), (mo, None)]


def test_who_is_covered_brings_only_what_is_covered(bob: Member, lea: Member, goal: Goal) -> None:
    duty(lea, 10, status="accepted")
    ContributorFactory(goal=goal, member=lea, hours_per_week=4)
    HandoverFactory(
        goal=goal, kind="cover", status="accepted", from_member=lea, to_member=bob, starts_on=MONDAY,
        ends_on=date(2026, 3, 30),
    )  # fmt: skip
    load = load_of([bob], WEEKS, viewer=bob)
    assert [week.promised for week in load.weeks[bob.pk]] == [Decimal(4), Decimal(4)]
    assert [thing.pk for thing in load.things] == [goal.pk]


def test_absence_takes_capacity_not_promises(bob: Member) -> None:
    duty(bob, 20)
    AbsenceFactory(member=bob, starts_on=date(2026, 3, 5), ends_on=date(2026, 3, 8))
    week = load_of([bob], WEEKS, viewer=bob).weeks[bob.pk][0]
    assert (week.capacity, week.promised, week.days_away) == (Decimal(24), Decimal(20), 2)


def test_a_cover_moves_hours_for_its_days(bob: Member, lea: Member) -> None:
    held = duty(lea, 10, status="accepted")
    cover = HandoverFactory(
        responsibility=held.responsibility, kind="cover", status="accepted", from_member=lea, to_member=bob,
        starts_on=date(2026, 3, 4), ends_on=date(2026, 3, 10),
    )  # fmt: skip
    assert promised(lea) == [Decimal(4), Decimal(6)]
    assert promised(bob) == [Decimal(6), Decimal(4)]
    cover.status, cover.done_at = "done", datetime(2026, 3, 5, 9, tzinfo=UTC)
    cover.save()
    assert promised(bob) == [Decimal(4), 0]


@pytest.mark.parametrize("status", ["proposed", "declined"])
def test_a_cover_that_nobody_accepted_moves_nothing(bob: Member, lea: Member, status: str) -> None:
    held = duty(lea, 10)
    HandoverFactory(
        responsibility=held.responsibility, kind="cover", status=status, from_member=lea, to_member=bob,
        starts_on=MONDAY, ends_on=date(2026, 3, 10),
    )  # fmt: skip
    assert (promised(lea)[0], promised(bob)[0]) == (Decimal(10), Decimal(0))


def test_hours_on_hidden_goals_are_neither_shown_nor_summed(
    bob: Member, mo: Member, alice: Member, lea: Member, product: Team
) -> None:
    private = GoalFactory(title="Quietly", owner=bob, visibility="private", activated_at=LONG_AGO)
    of_team = GoalFactory(title="Among us", owner=bob, team=product, visibility="team", activated_at=LONG_AGO)
    for goal, hours in ((private, 7), (of_team, 5)):
        ContributorFactory(goal=goal, member=bob, hours_per_week=hours)
    duty(bob, 3)
    seen = {viewer.name: promised(bob, viewer)[0] for viewer in (bob, lea, alice, mo)}
    assert seen == {"Bob": 15, "Lea": 8, "Alice": 3, "Mo": 3}
    load = load_of([bob], WEEKS, viewer=mo)
    assert not {"Quietly", "Among us"} & {words.title for words in load.things.values()}


def test_a_cover_of_a_hidden_goal_is_hidden_too(bob: Member, mo: Member, lea: Member) -> None:
    private = GoalFactory(owner=bob, visibility="private", activated_at=LONG_AGO)
    for person in (bob, lea):
        ContributorFactory(goal=private, member=person, hours_per_week=7)
    HandoverFactory(
        goal=private, kind="cover", status="accepted", from_member=bob, to_member=lea, starts_on=MONDAY,
        ends_on=date(2026, 3, 30),
    )  # fmt: skip
    assert (promised(lea, lea)[0], promised(lea, mo)[0]) == (Decimal(14), Decimal(0))


def test_another_workspace_is_not_read(bob: Member, eve: Member) -> None:
    duty(eve, 9)
    assert promised(eve, bob) == [0, 0]


def test_what_is_typed_takes_the_place_of_what_was_contributed(bob: Member, goal: Goal) -> None:
    ContributorFactory(goal=goal, member=bob, hours_per_week=6)
    duty(bob, 30)
    thing = HoursSubject("goal", goal.pk)
    typed = Supposed((Promise(bob.pk, thing, Decimal(11), MONDAY, None),), goal.pk)
    assert promised(bob, supposed=typed) == [Decimal(41), Decimal(41)]
    new = Supposed((Promise(bob.pk, HoursSubject("goal", UUID(int=0)), Decimal(1), date(2026, 3, 9), None),))
    assert promised(bob, supposed=new) == [Decimal(36), Decimal(37)]


def test_held_things_include_those_without_hours(bob: Member, goal: Goal) -> None:
    ContributorFactory(goal=goal, member=bob, hours_per_week=None)
    held = duty(bob, None)
    later = duty(bob, 3, offered_at=datetime(2026, 3, 20, 9, tzinfo=UTC))
    things = {thing.pk for thing in held_things(bob, MONDAY, viewer=bob)}
    assert things == {goal.pk, held.responsibility_id}
    assert later.responsibility_id not in things


def test_one_query_however_many_people_and_weeks(bob: Member, goal: Goal, lea: Member) -> None:
    def asked(people: list[Member], weeks: list[date]) -> int:
        with CaptureQueriesContext(connection) as queries:
            load_of(people, weeks, viewer=lea)
        return len(queries)

    one = asked([bob], WEEKS)
    people = [MemberFactory(workspace=bob.workspace, user=None) for _number in range(6)]
    for person in people:
        ContributorFactory(goal=goal, member=person)
        AbsenceFactory(member=person, starts_on=MONDAY)
        held = duty(person, 2)
        HandoverFactory(
            responsibility=held.responsibility, kind="cover", status="accepted", from_member=person, to_member=bob,
            starts_on=MONDAY, ends_on=MONDAY + timedelta(days=9),
        )  # fmt: skip
    assert one == asked([*people, bob], weeks_from(MONDAY, 12)) == 1
    assert load_of([], WEEKS, viewer=lea).weeks == {}


def test_people_of_a_team_and_those_beneath(
    bob: Member, lea: Member, mo: Member, gus: Member, product: Team, web: Team
) -> None:
    weaver = MemberFactory(workspace=bob.workspace, name="Wim")
    TeamMembershipFactory(team=web, member=weaver)
    TeamMembershipFactory(team=product, member=weaver)
    gone = MemberFactory(workspace=bob.workspace, deactivated_at=LONG_AGO)
    TeamMembershipFactory(team=product, member=gone)
    assert {person.name for person in people_in(mo, product.pk)} == {"Bob", "Lea", "Wim"}
    assert people_in(mo, product.pk).count() == 3
    assert {person.name for person in people_in(gus, None)} == {"Gus"}


def test_the_page_goes_on_by_name(lea: Member, bob: Member, mo: Member) -> None:
    rows, page = load_page(lea, WEEKS, team_id=None, place={}, size=2)
    assert [row.person.name for row in rows] == ["Bob", "Lea"]
    rows, page = load_page(lea, WEEKS, team_id=None, place={"after": page.next}, size=2)
    assert [row.person.name for row in rows] == ["Mo"]
    assert page.previous


def test_together_is_the_sum_of_those_shown(bob: Member, lea: Member) -> None:
    duty(bob, 5)
    duty(lea, 7)
    rows = rows_of([bob, lea], load_of([bob, lea], WEEKS, viewer=bob))
    assert together(rows) == [(Decimal(12), Decimal(80))] * 2


def test_ones_own_teams_are_offered_those_one_leads_first(lea: Member, product: Team, care: Team, web: Team) -> None:
    TeamMembershipFactory(team=care, member=lea)
    assert teams_offered(lea, None) == [(product, True), (care, True)]
    assert teams_offered(lea, web.pk) == [(product, True), (care, True), (web, False)]
    assert teams_offered(lea, None, others=True) == [(product, True), (care, True), (web, False)]


def test_a_page_opens_with_the_team_one_leads_else_one_is_in_else_none(
    lea: Member, bob: Member, alice: Member, product: Team, care: Team, now: datetime
) -> None:
    TeamMembershipFactory(team=care, member=lea)
    TeamMembershipFactory(team=care, member=bob)
    assert first_own(teams_offered(lea, None)) == product
    assert first_own(teams_offered(bob, None)) == care
    assert first_own(teams_offered(alice, None, others=True)) is None
    product.archived_at = now
    product.save()
    assert first_own(teams_offered(lea, product.pk)) == care
