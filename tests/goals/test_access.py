"""Who sees and changes what: every rule of goals.access, for everybody of the cast."""

from decimal import Decimal
from itertools import product as every

import pytest

from apps.goals import access, services
from apps.goals.models import Contributor, Goal
from apps.notifications.models import Notice
from apps.workspaces.models import Role
from tests.factories import (
    ContributorFactory,
    GoalFactory,
    KeyResultFactory,
    MemberFactory,
    NoticeFactory,
    TeamMembershipFactory,
)

PEOPLE = ("alice", "adam", "lea", "bob", "mo", "gus", "eve", "dan", "nia")


@pytest.fixture
def cast(request, harbour, now):
    people = {name: request.getfixturevalue(name) for name in PEOPLE if name not in {"dan", "nia"}}
    people["dan"] = MemberFactory(workspace=harbour, name="Dan", role=Role.ADMIN, deactivated_at=now)
    people["nia"] = MemberFactory(workspace=harbour, name="Nia", role=Role.GUEST)
    return people


@pytest.fixture
def goals(cast, bob, product, web, care, spring):
    """One goal of each kind; nia, a guest, is named on the private one and mo on the team's."""
    made = {
        "workspace": GoalFactory(owner=bob, team=product, cycle=spring),
        "team": GoalFactory(owner=bob, team=product, cycle=spring, visibility="team"),
        "team_below": GoalFactory(owner=cast["adam"], team=web, cycle=spring, visibility="team"),
        "other_team": GoalFactory(owner=cast["mo"], team=care, visibility="team"),
        "private": GoalFactory(owner=bob, team=product, visibility="private"),
        "nobodys": GoalFactory(owner=None, workspace=bob.workspace, team=care),
    }
    ContributorFactory(goal=made["private"], member=cast["nia"])
    ContributorFactory(goal=made["team"], member=cast["mo"])
    return made


SEES = {
    "workspace": {"alice", "adam", "lea", "bob", "mo"},
    "team": {"lea", "bob", "mo"},
    "team_below": {"adam", "lea"},
    "other_team": {"mo"},
    "private": {"bob", "nia"},
    "nobodys": {"alice", "adam", "lea", "bob", "mo"},
}
CHANGES = {
    "workspace": {"alice", "adam", "lea", "bob"},
    "team": {"lea", "bob"},
    "team_below": {"adam", "lea"},
    "other_team": {"mo"},
    "private": {"bob"},
    "nobodys": {"alice", "adam"},
}
CHECKS_IN = CHANGES | {"team": {"lea", "bob", "mo"}, "private": {"bob", "nia"}}


@pytest.mark.parametrize("kind", SEES)
def test_visible_goals(cast, goals, kind):
    found = {name for name, member in cast.items() if access.visible_goals(member).filter(pk=goals[kind].pk).exists()}
    assert found == SEES[kind]
    assert {name for name, member in cast.items() if access.can_see(member, goals[kind])} == SEES[kind]


@pytest.mark.parametrize(("kind", "rule"), [*every(SEES, ("can_change_goal", "can_close_goal", "can_rank"))])
def test_change(cast, goals, kind, rule):
    assert {name for name, member in cast.items() if getattr(access, rule)(member, goals[kind])} == CHANGES[kind]


@pytest.mark.parametrize("kind", SEES)
def test_check_in(cast, goals, kind):
    assert {name for name, member in cast.items() if access.can_check_in(member, goals[kind])} == CHECKS_IN[kind]


@pytest.mark.parametrize("kind", SEES)
def test_conditions_on_rows_say_the_same_as_the_predicates(cast, goals, kind):
    for name, member in cast.items():
        row = access.visible_goals(member).filter(pk=goals[kind].pk)
        changes = row.filter(access.changeable(member)).exists()
        assert changes == (name in CHANGES[kind]), name
        checks_in = changes or row.filter(access.takes_part(member)).exists()
        assert checks_in == (name in CHECKS_IN[kind]), name


@pytest.mark.parametrize("kind", SEES)
def test_readers_are_those_who_see_it(cast, goals, kind):
    """The same rule from the other side: the sentence that names the readers is true."""
    names = {member.pk: name for name, member in cast.items()}
    found = access.readers_of(goals[kind])
    assert {names[member.pk] for member in found} == SEES[kind]
    assert found.count() == len(SEES[kind])


def test_seeing_a_goal_twice_over_lists_it_once(cast, goals, lea, product, web):
    TeamMembershipFactory(team=web, member=lea)
    ContributorFactory(goal=goals["team_below"], member=lea)
    assert list(access.visible_goals(lea)).count(goals["team_below"]) == 1


def test_member_of_a_parent_team_does_not_see_the_goals_below(goals, bob):
    assert not access.can_see(bob, goals["team_below"])


def test_lead_below_does_not_see_the_goals_above(goals, web, harbour):
    low = MemberFactory(workspace=harbour)
    TeamMembershipFactory(team=web, member=low, is_lead=True)
    assert access.can_see(low, goals["team_below"])
    assert not access.can_see(low, goals["team"])


def test_guest_in_a_team_sees_only_what_names_them(goals, gus, product):
    TeamMembershipFactory(team=product, member=gus, is_lead=True)
    assert not access.visible_goals(gus).exists()
    ContributorFactory(goal=goals["workspace"], member=gus)
    assert list(access.visible_goals(gus)) == [goals["workspace"]]
    assert not access.can_change_goal(gus, goals["workspace"])
    assert access.can_check_in(gus, goals["workspace"])


def test_guest_sees_the_cycles_of_the_goals_that_name_them(goals, gus, spring, bob):
    assert not access.visible_cycles(gus).exists()
    ContributorFactory(goal=goals["workspace"], member=gus)
    assert list(access.visible_cycles(gus)) == [spring]
    assert list(access.visible_cycles(bob)) == [spring]


def test_eve_sees_no_cycle(eve, spring):
    assert not access.visible_cycles(eve).exists()


def test_leaving_the_goal_ends_the_sight(cast, goals):
    Contributor.objects.filter(goal=goals["private"]).delete()
    assert not access.can_see(cast["nia"], goals["private"])


@pytest.mark.parametrize("kind", SEES)
def test_what_hangs_on_a_goal_is_seen_with_it(cast, goals, kind, now):
    goal = goals[kind]
    key_result = KeyResultFactory(goal=goal)
    author = goal.owner or cast["adam"]
    check_in = services.create_check_in(
        goal, {"note": "So far."}, readings={key_result.pk: Decimal(5)}, by=author, at=now
    )
    services.edit_check_in(check_in, {"note": "Further."}, readings=None, by=author, at=now)
    for visible in ("visible_key_results", "visible_check_ins", "visible_readings", "visible_revisions"):
        found = {name for name, member in cast.items() if getattr(access, visible)(member).exists()}
        assert found == SEES[kind], visible


def test_sees_goal_says_for_many_pairs_at_once_what_visible_goals_says_for_one(cast, goals):
    for goal, member in every(goals.values(), cast.values()):
        NoticeFactory(recipient=member, workspace=member.workspace, about_id=goal.pk)
    seen = Notice.objects.filter(access.sees_goal(member="recipient_id", goal="about_id"))
    pairs = set(seen.values_list("recipient_id", "about_id"))
    assert pairs == {(member.pk, pk) for member in cast.values() for pk in pks(access.visible_goals(member), goals)}


def pks(visible, goals):
    return visible.filter(pk__in=[goal.pk for goal in goals.values()]).values_list("pk", flat=True)


@pytest.mark.parametrize("kind", SEES)
def test_only_the_author_changes_a_check_in_and_only_the_asked_answers(cast, goals, kind, now):
    goal = goals[kind]
    author = goal.owner or cast["adam"]
    check_in = services.create_check_in(goal, {"note": "So far."}, readings={}, by=author, at=now)
    assert [name for name, each in cast.items() if access.can_edit_check_in(each, check_in)] == [
        name for name, each in cast.items() if each == author
    ]
    assert not any(access.can_answer_ask(each, check_in) for each in cast.values())
    for name, member in cast.items():
        check_in.ask_to = member
        assert access.can_answer_ask(member, check_in) == (name in SEES[kind])


def test_author_who_left_the_goal_no_longer_changes_the_check_in(goals, mo, now):
    check_in = services.create_check_in(goals["team"], {"note": "So far."}, readings={}, by=mo, at=now)
    Contributor.objects.filter(goal=goals["team"]).delete()
    assert not access.can_edit_check_in(mo, check_in)


def test_only_the_owner_holds_the_key_to_privacy(cast, goals):
    assert [name for name, each in cast.items() if access.can_own_private(each, goals["workspace"])] == ["bob"]


def test_create_goal(cast):
    assert {name for name, each in cast.items() if access.can_create_goal(each)} == set(PEOPLE) - {"gus", "dan", "nia"}


def test_change_cycles(cast):
    assert {name for name, each in cast.items() if access.can_change_cycles(each)} == {"alice", "adam", "eve"}


# ---- roll-ups ----


ROLLS_UP = [
    ("workspace", "workspace", True),
    ("workspace", "team", True),
    ("workspace", "private", True),
    ("team", "workspace", False),
    ("team", "private", False),
    ("private", "workspace", False),
    ("private", "team", False),
    ("private", "private", False),
    ("team", "team", True),
]


@pytest.mark.parametrize(("child", "parent", "counts"), ROLLS_UP)
def test_rolls_up_only_what_readers_of_the_parent_see(bob, product, child, parent, counts):
    above = GoalFactory(owner=bob, team=product, visibility=parent)
    assert access.rolls_up(GoalFactory(owner=bob, team=product, visibility=child, parent=above), above) is counts


def test_goals_of_different_teams_do_not_roll_up(bob, product, web):
    above = GoalFactory(owner=bob, team=product, visibility="team")
    assert not access.rolls_up(GoalFactory(owner=bob, team=web, visibility="team", parent=above), above)


def test_whoever_reads_a_roll_up_sees_every_goal_in_it(cast, bob, product, web, care):
    """The two rules together: each person who reads a parent's progress sees every goal that counts in it."""
    teams = (product, web, care)
    for (child, parent, _c), child_team, parent_team in every(ROLLS_UP, teams, teams):
        above = GoalFactory(owner=cast["adam"], team=parent_team, visibility=parent, progress_source="children")
        ContributorFactory(goal=above, member=cast["mo"])
        ContributorFactory(goal=above, member=cast["gus"])
        below = GoalFactory(owner=bob, team=child_team, visibility=child, parent=above)
        if not access.rolls_up(below, above):
            continue
        for name, member in cast.items():
            if access.can_see(member, above) and access.shows_progress(member, above):
                assert access.can_see(member, below), (name, child, parent)


@pytest.mark.parametrize("source", ["children", "key_results"])
def test_whose_progress_is_shown_is_the_same_for_many_people_at_once(cast, goals, source):
    Goal.objects.update(progress_source=source)
    expected = set()
    for member in cast.values():
        for goal in access.visible_goals(member):
            row = NoticeFactory(recipient=member, subject_id=goal.pk)
            expected |= {row.pk} if access.shows_progress(member, goal) else set()
    shown = Notice.objects.filter(access.shows_progress_to(member="recipient_id", goal="subject_id"))
    assert set(shown.values_list("pk", flat=True)) == expected
    assert (shown.count() == Notice.objects.count()) is (source == "key_results")


def test_progress_of_ones_own_measures_is_shown_to_everyone_who_sees_the_goal(cast, goals):
    for source in ("key_results", "check_in", "none"):
        goals["team"].progress_source = source
        assert access.shows_progress(cast["mo"], goals["team"])
        assert access.shows_progress(cast["gus"], goals["workspace"])


def test_eve_sees_nothing_at_all(eve, goals, now):
    KeyResultFactory(goal=goals["workspace"])
    assert not access.visible_goals(eve).exists()
    assert Goal.objects.filter(workspace=goals["workspace"].workspace).exists()
