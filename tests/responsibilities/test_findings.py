"""What is found missing or too much in who holds what, in the matrix, by person and in the search."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals.access import visible_goals
from apps.goals.queries import search_more
from apps.responsibilities import access, queries
from apps.responsibilities.models import Assignment, AssignmentRole, Responsibility
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    MemberFactory,
    ResponsibilityFactory,
    TaskFactory,
)


def holds(thing, member, role, now, *, status="accepted", **fields):
    """Somebody holds something since a month."""
    on = {"goal": thing} if not isinstance(thing, Responsibility) else {"responsibility": thing}
    answered = None if status == "offered" else now
    fields = {"offered_at": now - timedelta(days=30), **fields}
    return AssignmentFactory(**on, member=member, role=role, status=status, answered_at=answered, **fields)


def found(thing, viewer, now):
    """The names of a thing's findings."""
    moment = queries.Moment(viewer, now)
    rows = visible_goals(viewer) if not isinstance(thing, Responsibility) else access.visible_responsibilities(viewer)
    row = queries.with_findings(rows, moment).get(pk=thing.pk)
    return [each.value for each in queries.found(row)]


@pytest.fixture
def phones(harbour, product):
    return ResponsibilityFactory(workspace=harbour, title="Phone desk", team=product)


@pytest.fixture
def whole(phones, lea, bob, now):
    """Held as good practice wants it."""
    holds(phones, lea, "accountable", now)
    holds(phones, bob, "responsible", now)
    return phones


def test_nobody_holds_a_new_one(phones, alice, now):
    assert found(phones, alice, now) == ["no_accountable", "nobody_responsible"]


def test_nothing_is_missing_where_one_answers_and_one_does_it(whole, alice, now):
    assert found(whole, alice, now) == []


def test_an_offer_counts_until_it_is_declined(phones, alice, bob, lea, now):
    offer = holds(phones, lea, "accountable", now, status="offered", offered_at=now)
    holds(phones, bob, "responsible", now)
    assert found(phones, alice, now) == []
    offer.status, offer.answered_at = "declined", now
    offer.save()
    assert found(phones, alice, now) == ["no_accountable"]


def test_two_who_answer_for_it_are_too_many_but_the_same_twice_is_one(whole, lea, mo, alice, now):
    holds(whole, lea, "accountable", now, external_id="again")
    assert found(whole, alice, now) == []
    holds(whole, mo, "accountable", now)
    assert found(whole, alice, now) == ["two_accountable"]


@pytest.mark.parametrize(("days", "expected"), [(6, []), (7, ["not_accepted"])])
def test_an_offer_waits_a_week(whole, mo, alice, now, days, expected):
    holds(whole, mo, "consulted", now, status="offered", offered_at=now - timedelta(days=days))
    assert found(whole, alice, now) == expected


def test_who_is_deactivated_holds_nothing_any_more(whole, mo, alice, now):
    holds(whole, mo, "informed", now)
    mo.deactivated_at = now
    mo.save()
    assert found(whole, alice, now) == ["holder_gone"]


def test_who_is_away_needs_a_cover_that_was_accepted(whole, bob, mo, alice, now):
    AbsenceFactory(member=bob, starts_on=now.date(), ends_on=now.date())
    assert found(whole, alice, now) == ["away"]
    cover = HandoverFactory(
        responsibility=whole, kind="cover", from_member=bob, to_member=mo, proposed_by=bob,
        starts_on=now.date(), ends_on=now.date(),
    )  # fmt: skip
    assert found(whole, alice, now) == ["away"]
    cover.status, cover.answered_at = "accepted", now
    cover.save()
    assert found(whole, alice, now) == []
    assert found(whole, alice, now + timedelta(days=1)) == []


def test_whoever_is_only_asked_may_be_away(whole, mo, alice, now):
    holds(whole, mo, "consulted", now)
    AbsenceFactory(member=mo, starts_on=now.date(), ends_on=now.date())
    assert found(whole, alice, now) == []


def test_a_review_is_overdue_the_day_after(whole, alice, now):
    whole.review_on = now.date()
    whole.save()
    assert found(whole, alice, now) == []
    assert found(whole, alice, now + timedelta(days=1)) == ["review_overdue"]


def test_one_person_answers_for_too_much(whole, harbour, lea, alice, gus, now):
    harbour.accountable_most = 2
    harbour.save()
    alice.workspace = harbour
    holds(GoalFactory(workspace=harbour, owner=alice), lea, "accountable", now)
    private = GoalFactory(owner=lea, visibility="private")
    holds(private, lea, "accountable", now)
    archived = ResponsibilityFactory(workspace=harbour, archived_at=now)
    holds(archived, lea, "accountable", now)
    assert found(whole, alice, now) == []
    holds(ResponsibilityFactory(workspace=harbour), lea, "accountable", now)
    assert found(whole, alice, now) == ["overloaded"]
    holds(whole, gus, "informed", now)
    assert found(whole, gus, now) == []


def test_an_archived_one_and_a_goal_without_anybody_have_none(phones, goal, alice, bob, now):
    phones.archived_at = now
    phones.save()
    assert found(phones, alice, now) == []
    assert found(goal, alice, now) == []
    holds(goal, bob, "responsible", now)
    assert found(goal, alice, now) == ["no_accountable"]


# ---- who may change, one by one and for many ----


@pytest.mark.parametrize("who", ["alice", "adam", "lea", "bob", "mo", "gus"])
def test_changeable_says_of_many_what_can_change_says_of_one(request, harbour, product, care, goal, mo, now, who):
    member = request.getfixturevalue(who)
    of_team, of_nobody = (ResponsibilityFactory(workspace=harbour, team=team) for team in (product, None))
    of_mo = ResponsibilityFactory(workspace=harbour, team=care)
    holds(of_mo, mo, "accountable", now)
    rows = access.visible_responsibilities(member)
    many = set(rows.filter(access.changeable(member)).values_list("pk", flat=True))
    assert many == {row.pk for row in rows if access.can_change_responsibility(member, row)}
    holds(goal, mo, "accountable", now)
    goals = visible_goals(member)
    may = set(goals.filter(access.assignable(member)).values_list("pk", flat=True))
    assert may == {row.pk for row in goals if access.can_assign(member, row)}
    assert {of_team.pk, of_nobody.pk} <= set(Responsibility.objects.values_list("pk", flat=True))


# ---- the matrix ----


def test_the_matrix_asks_as_much_for_many_as_for_one(harbour, product, lea, alice, now):
    def asked():
        with CaptureQueriesContext(connection) as captured:
            queries.matrix(alice, queries.MatrixFilters(), queries.Moment(alice, now))
        return len(captured)

    holds(ResponsibilityFactory(workspace=harbour, team=product), lea, "accountable", now)
    one = asked()
    for _n in range(5):
        holds(ResponsibilityFactory(workspace=harbour, team=product), MemberFactory(workspace=harbour), "informed", now)
    assert asked() == one <= 4


def test_the_matrix_holds_lines_and_columns_of_what_is_seen(whole, lea, bob, mo, product, alice, now):
    AssignmentFactory(responsibility=whole, team=product, role="informed", status="accepted", answered_at=now)
    AbsenceFactory(member=bob, starts_on=now.date(), ends_on=now.date())
    found = queries.matrix(alice, queries.MatrixFilters(), queries.Moment(alice, now))
    assert [column.party.name for column in found.columns] == ["Bob", "Lea", "Product"]
    assert [bool(column.absence) for column in found.columns] == [True, False, False]
    line = found.lines[0]
    assert [letter.role for letter in line.letters[lea.pk]] == [AssignmentRole.ACCOUNTABLE]
    assert (line.title, line.team, line.may_change) == ("Phone desk", "Product", True)
    assert not queries.matrix(bob, queries.MatrixFilters(), queries.Moment(bob, now)).lines[0].may_change


def test_the_matrix_of_goals_shows_none_that_is_hidden(bob, mo, alice, now):
    private = GoalFactory(owner=bob, visibility="private")
    ContributorFactory(goal=private, member=mo)
    holds(private, mo, "consulted", now)
    chosen = queries.MatrixFilters(things="goals")
    assert queries.matrix(alice, chosen, queries.Moment(alice, now)).lines == []
    assert len(queries.matrix(mo, chosen, queries.Moment(mo, now)).lines) == 1


@pytest.mark.parametrize(
    ("chosen", "titles"),
    [
        ({"q": "phone"}, ["Phone desk"]),
        ({"q": "rota"}, ["Duty rota"]),
        ({"finding": "no_accountable"}, ["Duty rota"]),
        ({"finding": "any"}, ["Duty rota"]),
        ({"team": "none"}, ["Duty rota"]),
        ({"archived": True}, ["Old"]),
    ],
)
def test_the_matrix_is_filtered(whole, harbour, alice, now, chosen, titles):
    ResponsibilityFactory(workspace=harbour, title="Duty rota")
    ResponsibilityFactory(workspace=harbour, title="Old", archived_at=now)
    found = queries.matrix(alice, queries.MatrixFilters(**chosen), queries.Moment(alice, now))
    assert [line.title for line in found.lines] == titles


def test_the_matrix_is_filtered_by_person_and_team(whole, harbour, product, bob, mo, alice, now):
    other = ResponsibilityFactory(workspace=harbour)
    holds(other, mo, "informed", now)
    moment = queries.Moment(alice, now)
    by_person = queries.matrix(alice, queries.MatrixFilters(person=str(bob.pk)), moment)
    by_team = queries.matrix(alice, queries.MatrixFilters(team=str(product.pk)), moment)
    assert [line.id for line in by_person.lines] == [line.id for line in by_team.lines] == [whole.pk]


def test_the_matrix_has_room_for_those_who_hold_most(phones, harbour, alice, now):
    for _n in range(65):
        holds(phones, MemberFactory(workspace=harbour), "informed", now)
    found = queries.matrix(alice, queries.MatrixFilters(), queries.Moment(alice, now))
    assert (len(found.columns), found.left_out) == (60, 5)


# ---- by person ----


def test_a_persons_page_holds_what_the_reader_sees_of_it(whole, bob, lea, mo, product, alice, now):
    private = GoalFactory(owner=bob, visibility="private", title="Secret", activated_at=now - timedelta(days=30))
    holds(private, bob, "responsible", now, hours_per_week=3)
    Assignment.objects.filter(responsibility=whole, member=bob).update(hours_per_week=5)
    AssignmentFactory(responsibility=whole, team=product, role="informed")
    for viewer, hours in ((bob, Decimal(8)), (alice, Decimal(5))):
        holding = queries.held_by(bob, viewer, queries.Moment(viewer, now))
        assert (holding.count, len(holding.through_teams)) == (1 + (viewer == bob), 1)
        assert holding.waiting == []
        holders, _page = queries.holder_page(viewer, {}, {}, queries.Moment(viewer, now))
        assert next(each.hours for each in holders if each.person == bob) == hours
    assert len(queries.held_by(lea, alice, queries.Moment(alice, now)).waiting) == 1


def test_by_person_counts_in_constant_queries(whole, harbour, bob, alice, now):
    def asked():
        with CaptureQueriesContext(connection) as captured:
            holders, _page = queries.holder_page(alice, {}, {}, queries.Moment(alice, now))
        return len(captured), {each.person: each.counts for each in holders}

    one, counts = asked()
    assert counts[bob] == {"responsible": 1, "accountable": 0, "consulted": 0, "informed": 0}
    for _n in range(5):
        holds(whole, MemberFactory(workspace=harbour), "informed", now)
    assert asked()[0] == one <= 4


def test_search_finds_open_ones_that_are_seen(whole, harbour, alice, gus, now):
    ResponsibilityFactory(workspace=harbour, title="Phone tree", archived_at=now)
    [(kind, hits)] = [pair for pair in search_more(alice, "pho") if pair[0].page.startswith("responsibilities:resp")]
    assert (kind.icon, [hit.title for hit in hits]) == ("table-properties", ["Phone desk"])
    assert all(not hits for _kind, hits in search_more(gus, "pho"))


def test_search_finds_tasks_that_are_seen(whole, goal, harbour, lea, bob, gus, now):
    hidden = GoalFactory(owner=lea, visibility="private", title="Leave the harbour")
    TaskFactory(goal=hidden, title="Rota of the quiet ones")
    TaskFactory(responsibility=whole, title="Rota of last year", status="done", closed_at=now)
    TaskFactory(goal=goal, title="The rota", assignee=bob)
    TaskFactory(responsibility=whole, title="Rota of the year")

    def found(member):
        return [hit for kind, hits in search_more(member, "rota") if kind.page.endswith("task_detail") for hit in hits]

    assert [hit.title for hit in found(bob)] == ["The rota", "Rota of the year", "Rota of last year"]
    assert found(bob)[0].detail == "Bob · Answer every call"
    assert "Rota of the quiet ones" in [hit.title for hit in found(lea)]
    assert found(gus) == []
