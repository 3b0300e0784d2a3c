"""The order of goals in a cycle, and cycles themselves."""

from datetime import date
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F

from apps.activity.models import Event
from apps.goals import services
from apps.goals.models import Cycle, Goal
from apps.goals.services import ranking
from apps.goals.services.cycles import CycleFields
from tests.factories import CycleFactory, GoalFactory


def field_of(caught):
    """The names of the fields an error lies at."""
    return set(caught.value.message_dict) if hasattr(caught.value, "error_dict") else {"__all__"}


def order(cycle):
    """The titles, first to last."""
    return "".join(Goal.objects.filter(cycle=cycle).ranked().values_list("title", flat=True))


@pytest.fixture
def five(bob, spring):
    """Goals A to E."""
    return {title: GoalFactory(title=title, owner=bob, cycle=spring) for title in "ABCDE"}


@pytest.mark.parametrize(
    ("moving", "after", "before", "expected"),
    [
        ("A", "B", "C", "BACDE"),
        ("E", None, "A", "EABCD"),
        ("A", "E", None, "BCDEA"),
        ("D", "A", "B", "ADBCE"),
        ("B", "D", "E", "ACDBE"),
        ("C", "B", "D", "ABCDE"),
        ("A", None, "E", "BCDAE"),
        ("E", "A", None, "AEBCD"),
        ("A", "D", "E", "BCDAE"),
    ],
)
def test_move_goal_between_its_neighbours(five, spring, bob, now, moving, after, before, expected):
    services.move_goal(five[moving], after=five.get(after), before=five.get(before), by=bob, at=now)
    assert order(spring) == expected


def test_move_goal_a_hundred_times_into_the_same_gap(five, spring, bob, now):
    for turn in range(60):
        moving = five["DE"[turn % 2]]
        services.move_goal(moving, after=five["A"], before=None, by=bob, at=now)
    assert order(spring) == "AEDBC"


def test_move_goal_among_goals_of_one_rank(five, spring, bob, now):
    """Goals written at the same moment share a rank; their ids decide, and a move between them finds room."""
    Goal.objects.filter(cycle=spring).update(rank=7)
    services.move_goal(five["E"], after=five["A"], before=five["B"], by=bob, at=now)
    assert order(spring) == "AEBCD"
    Goal.objects.filter(cycle=spring).update(rank=7)
    services.move_goal(five["A"], after=five["C"], before=None, by=bob, at=now)
    assert order(spring) == "BCADE"


def test_move_goal_refuses_an_order_that_has_passed(five, bob, now):
    with pytest.raises(ValidationError):
        services.move_goal(five["A"], after=five["D"], before=five["C"], by=bob, at=now)
    with pytest.raises(ValidationError):
        services.move_goal(five["A"], after=None, before=None, by=bob, at=now)
    with pytest.raises(ValidationError):
        services.move_goal(five["A"], after=five["A"], before=None, by=bob, at=now)


def test_move_goal_stays_in_its_cycle(five, bob, harbour, now):
    other = GoalFactory(owner=bob, cycle=CycleFactory(workspace=harbour))
    with pytest.raises(ValidationError):
        services.move_goal(five["A"], after=other, before=None, by=bob, at=now)


def test_move_goal_without_a_cycle(bob, now):
    one, two = GoalFactory(title="1", owner=bob), GoalFactory(title="2", owner=bob)
    services.move_goal(two, after=None, before=one, by=bob, at=now)
    assert order(None) == "21"


def test_move_goal_refuses_who_may_not_change_it(five, mo, eve, now):
    for member in (mo, eve):
        with pytest.raises(PermissionDenied):
            services.move_goal(five["A"], after=five["B"], before=None, by=member, at=now)


def test_move_goal_is_told(five, bob, now):
    services.move_goal(five["A"], after=five["B"], before=None, by=bob, at=now)
    assert Event.objects.get(verb="goal.moved").subject_id == five["A"].pk


def ranks(cycle, *titles):
    """The ranks of the goals of these titles."""
    found = dict(Goal.objects.filter(cycle=cycle).values_list("title", "rank"))
    return [found[title] for title in titles]


def test_rank_of_a_new_goal_does_not_tell_of_hidden_ones(bob, mo, spring, now):
    first = services.create_goal({"title": "First", "cycle": spring}, by=mo, at=now)
    services.create_goal({"title": "Mine", "cycle": spring, "owner": bob, "visibility": "private"}, by=bob, at=now)
    GoalFactory(title="Far", owner=bob, cycle=spring, visibility="private", rank=10**9)
    for who in (mo, bob):
        made = services.create_goal({"title": f"By {who.name}", "cycle": spring}, by=who, at=now)
        assert made.rank - first.rank in {ranking.GAP, 2 * ranking.GAP}
    assert made.rank == first.rank + 2 * ranking.GAP


def test_moved_goal_stands_between_those_the_mover_sees(five, bob, mo, spring, now):
    low, high = ranks(spring, "A", "B")
    GoalFactory(owner=mo, cycle=spring, visibility="private", rank=low + 2)
    services.move_goal(five["E"], after=five["A"], before=None, by=bob, at=now)
    assert ranks(spring, "E") == [(low + high) // 2]


def test_numbering_anew_tells_of_no_hidden_goal_and_keeps_the_order(five, bob, mo, spring, now):
    Goal.objects.filter(cycle=spring).update(rank=F("rank") * 100)
    low = ranks(spring, "A")[0]
    for number in range(5):
        GoalFactory(title=f"h{number}", owner=mo, cycle=spring, visibility="private", rank=low + 1 + number)
    before = order(spring)
    ranking._number_anew(five["A"], at=now)
    assert order(spring) == before == "Ah0h1h2h3h4BCDE"
    assert ranks(spring, *"ABCDE") == [place * ranking.GAP for place in (1, 2, 3, 4, 5)]
    hidden = ranks(spring, "A", "h0", "h1", "h2", "h3", "h4", "B")
    assert all(later - earlier > 1 for earlier, later in pairwise(hidden))


# ---- cycles ----

SUMMER: CycleFields = {"name": "Summer", "starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}


def test_cycles_are_the_admins(alice, adam, lea, gus, eve, spring, now):
    for member in (lea, gus):
        for change in (
            lambda who=member: services.create_cycle(SUMMER, by=who, at=now),
            lambda who=member: services.update_cycle(spring, {"name": "Other"}, by=who, at=now),
            lambda who=member: services.close_cycle(spring, carry=[], into=None, by=who, at=now),
            lambda who=member: services.reopen_cycle(spring, by=who, at=now),
        ):
            with pytest.raises(PermissionDenied):
                change()
    assert services.create_cycle(SUMMER, by=adam, at=now).workspace == adam.workspace
    assert services.update_cycle(spring, {"name": "Early spring"}, by=alice, at=now).name == "Early spring"


def test_admin_of_another_workspace_touches_no_cycle(eve, spring, now):
    for change in (
        lambda: services.update_cycle(spring, {"name": "Other"}, by=eve, at=now),
        lambda: services.close_cycle(spring, carry=[], into=None, by=eve, at=now),
        lambda: services.reopen_cycle(spring, by=eve, at=now),
    ):
        with pytest.raises(PermissionDenied):
            change()


@pytest.mark.parametrize(
    ("fields", "at_field"),
    [
        ({"name": " "}, "name"),
        ({"name": "SPRING"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_create_cycle_refuses_at_the_field(alice, spring, now, fields, at_field):
    said = SUMMER | fields
    with pytest.raises(ValidationError) as caught:
        services.create_cycle(said, by=alice, at=now)
    assert field_of(caught) == {at_field}
    assert Cycle.objects.count() == 1


@pytest.mark.parametrize(
    ("current", "following"),
    [
        ((date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 6, 30))),
        ((date(2025, 10, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 3, 31))),
        ((date(2026, 1, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 12, 31))),
        ((date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 3, 1), date(2026, 3, 31))),
        ((date(2026, 1, 5), date(2026, 2, 15)), (date(2026, 2, 16), date(2026, 3, 29))),
    ],
)
def test_next_cycle_follows_with_the_same_length(harbour, current, following):
    cycle = CycleFactory(workspace=harbour, starts_on=current[0], ends_on=current[1])
    fields = services.next_cycle_fields(cycle)
    assert (fields["starts_on"], fields["ends_on"]) == following


def test_next_of_a_cycle_without_dates_is_open(harbour):
    assert services.next_cycle_fields(CycleFactory(workspace=harbour)) == {}


def test_close_cycle_carries_the_chosen_goals_in_their_order(alice, five, spring, harbour, now):
    summer = CycleFactory(workspace=harbour)
    GoalFactory(title="Z", owner=five["A"].owner, cycle=summer, rank=5)
    chosen = [five[title].pk for title in "DBA"]
    services.close_cycle(spring, carry=chosen, into=summer, by=alice, at=now)
    spring.refresh_from_db()
    assert (order(summer), order(spring), spring.closed_by) == ("ZABD", "CE", alice)
    assert Goal.objects.get(title="A").carried_from == spring
    assert Event.objects.filter(verb="goal.carried_over").count() == 3
    services.reopen_cycle(spring, by=alice, at=now)
    assert order(summer) == "ZABD"


def test_close_cycle_refuses_what_cannot_be_carried(alice, bob, mo, care, five, spring, eve, now):
    hidden = GoalFactory(owner=mo, cycle=spring, team=care, visibility="team")
    services.close_goal(five["E"], outcome="missed", lesson="x", by=bob, at=now)
    summer = CycleFactory(workspace=alice.workspace)
    closed = CycleFactory(workspace=alice.workspace, closed_at=now)
    foreign = CycleFactory(workspace=eve.workspace)
    cases = [
        ([five["A"].pk], None, "into"),
        ([five["A"].pk], spring, "into"),
        ([five["A"].pk], closed, "into"),
        ([five["A"].pk], foreign, "into"),
        ([hidden.pk], summer, "carry"),
        ([five["E"].pk], summer, "carry"),
        ([uuid4()], summer, "carry"),
    ]
    for carry, into, at_field in cases:
        with pytest.raises(ValidationError) as caught:
            services.close_cycle(spring, carry=carry, into=into, by=alice, at=now)
        assert field_of(caught) == {at_field}
    spring.refresh_from_db()
    assert not spring.is_closed


def test_cycle_closes_once_and_reopens_once(alice, spring, now):
    with pytest.raises(ValidationError):
        services.reopen_cycle(spring, by=alice, at=now)
    services.close_cycle(spring, carry=[], into=None, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.close_cycle(spring, carry=[], into=None, by=alice, at=now)
