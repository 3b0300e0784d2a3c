"""The team tree and who is in a team."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.activity.models import Event
from apps.workspaces import services
from apps.workspaces.models import Member, Team, TeamMembership
from apps.workspaces.services.teams import LEVELS_MAX
from tests.counts import times
from tests.factories import MemberFactory, TeamFactory, WorkspaceFactory


def path_of(team: Team | None) -> list[Any]:
    """The ids above a team, found by walking up; the root first."""
    above: list[Any] = []
    node = team.parent if team else None
    while node is not None:
        above.insert(0, node.pk)
        node = node.parent
    return above


def height_of(team: Team) -> int:
    """How many levels a team and what is beneath it take."""
    return 1 + max((height_of(child) for child in team.children.all()), default=0)


def chain(workspace, length):
    """Teams each beneath the one before."""
    teams: list[Team] = []
    for _level in range(length):
        teams.append(TeamFactory(workspace=workspace, parent=teams[-1] if teams else None))
    return teams


def test_create_team_by_admin_anywhere(alice, product, now):
    root = services.create_team({"name": " New  team "}, by=alice, at=now)
    below = services.create_team({"name": "Below", "purpose": "Why", "parent": product}, by=alice, at=now)
    assert (root.name, root.ancestor_ids, below.ancestor_ids) == ("New team", [], [product.pk])
    assert Event.objects.filter(verb="team.created", subject_id=below.pk, actor=alice).exists()


def test_create_team_by_lead_beneath_a_led_team_only(lea, product, web, care, now):
    assert services.create_team({"name": "A", "parent": web}, by=lea, at=now).parent == web
    for parent in (None, care):
        with pytest.raises(PermissionDenied):
            services.create_team({"name": "B", "parent": parent}, by=lea, at=now)


@pytest.mark.parametrize("name", ["bob", "mo"])
def test_create_team_refuses_members(request, product, now, name):
    with pytest.raises(PermissionDenied):
        services.create_team({"name": "A", "parent": product}, by=request.getfixturevalue(name), at=now)


def test_create_team_beneath_a_hidden_or_archived_team_is_refused(alice, eve, product, now):
    elsewhere = TeamFactory(workspace=eve.workspace)
    archived = TeamFactory(workspace=alice.workspace, archived_at=now)
    for parent in (elsewhere, archived):
        with pytest.raises(ValidationError) as refused:
            services.create_team({"name": "A", "parent": parent}, by=alice, at=now)
        assert set(refused.value.message_dict) == {"parent"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"name": " "}, "name"), ({"name": "x" * 201}, "name"), ({"name": "A", "purpose": "x" * 50_001}, "purpose")],
)
def test_create_team_refuses_bad_input(alice, now, fields, wrong):
    with pytest.raises(ValidationError) as refused:
        services.create_team(fields, by=alice, at=now)
    assert set(refused.value.message_dict) == {wrong}
    assert not Team.objects.exists()


def test_external_ids_of_teams_are_unique_in_their_workspace(alice, eve, now):
    services.create_team({"name": "A", "external_id": "7"}, by=alice, at=now)
    services.create_team({"name": "A", "external_id": "7"}, by=eve, at=now)
    with pytest.raises(ValidationError) as refused:
        services.create_team({"name": "B", "external_id": "7"}, by=alice, at=now)
    assert set(refused.value.message_dict) == {"external_id"}


def test_the_tree_has_at_most_ten_levels(alice, harbour, now):
    deepest = chain(harbour, LEVELS_MAX)[-1]
    with pytest.raises(ValidationError) as refused:
        services.create_team({"name": "Too deep", "parent": deepest}, by=alice, at=now)
    assert set(refused.value.message_dict) == {"parent"}


def test_move_team_takes_everything_beneath_along(alice, harbour, now):
    top, middle, bottom = chain(harbour, 3)
    leaf = TeamFactory(workspace=harbour, parent=bottom)
    elsewhere = chain(harbour, 2)[-1]
    services.move_team(middle, parent=elsewhere, by=alice, at=now)
    for team in Team.objects.filter(pk__in=[top.pk, middle.pk, bottom.pk, leaf.pk]):
        assert team.ancestor_ids == path_of(team)
    services.move_team(Team.objects.get(pk=middle.pk), parent=None, by=alice, at=now)
    assert Team.objects.get(pk=leaf.pk).ancestor_ids == [middle.pk, bottom.pk]


def test_move_team_refuses_a_circle(alice, harbour, now):
    top, middle, bottom = chain(harbour, 3)
    for parent in (top, middle, bottom):
        with pytest.raises(ValidationError) as refused:
            services.move_team(top, parent=parent, by=alice, at=now)
        assert set(refused.value.message_dict) == {"parent"}


def test_move_team_counts_the_levels_of_what_it_takes_along(alice, harbour, now):
    tall = chain(harbour, 4)[0]
    low = chain(harbour, LEVELS_MAX - 3)[-1]
    with pytest.raises(ValidationError):
        services.move_team(tall, parent=low, by=alice, at=now)
    services.move_team(tall, parent=low.parent, by=alice, at=now)


def test_move_team_by_lead_only_between_what_they_lead(lea, product, web, care, now):
    other = TeamFactory(workspace=product.workspace, parent=product)
    services.move_team(web, parent=other, by=lea, at=now)
    for parent in (care, None):
        with pytest.raises(PermissionDenied):
            services.move_team(web, parent=parent, by=lea, at=now)
    with pytest.raises(PermissionDenied):
        services.move_team(care, parent=product, by=lea, at=now)


def test_update_team_moves_and_renames_in_one(alice, product, web, care, now):
    services.update_team(web, {"name": "Site", "parent": care}, by=alice, at=now)
    web.refresh_from_db()
    assert (web.name, web.parent, web.ancestor_ids) == ("Site", care, [care.pk])
    assert {"team.moved", "team.updated"} <= set(Event.objects.values_list("verb", flat=True))


def test_update_team_by_lead_keeps_its_place_at_the_root(lea, product, now):
    services.update_team(product, {"name": "Produce", "parent": None}, by=lea, at=now)
    assert Team.objects.get(pk=product.pk).name == "Produce"


def test_update_team_with_a_refused_place_changes_nothing(alice, product, web, now):
    with pytest.raises(ValidationError):
        services.update_team(product, {"name": "Other", "parent": web}, by=alice, at=now)
    assert Team.objects.get(pk=product.pk).name == "Product"


@pytest.mark.parametrize("name", ["bob", "mo", "gus"])
def test_update_team_refuses_who_does_not_lead_it(request, product, now, name):
    with pytest.raises(PermissionDenied):
        services.update_team(product, {"name": "Mine"}, by=request.getfixturevalue(name), at=now)


def test_another_workspace_changes_nothing(eve, product, now):
    for call in (
        lambda: services.update_team(product, {"name": "Mine"}, by=eve, at=now),
        lambda: services.move_team(product, parent=None, by=eve, at=now),
        lambda: services.archive_team(product, by=eve, at=now),
        lambda: services.set_team_members(product, {eve: True}, by=eve, at=now),
    ):
        with pytest.raises((ValidationError, PermissionDenied)):
            call()
    assert Team.objects.get(pk=product.pk).name == "Product"


def test_archive_team_refuses_while_teams_beneath_are_open(alice, product, web, now):
    with pytest.raises(ValidationError):
        services.archive_team(product, by=alice, at=now)
    services.archive_team(web, by=alice, at=now)
    services.archive_team(product, by=alice, at=now)
    assert Team.objects.filter(archived_at=now).count() == 2


def test_restore_team_from_the_top(alice, product, web, now):
    services.archive_team(web, by=alice, at=now)
    services.archive_team(product, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.restore_team(web, by=alice, at=now)
    services.restore_team(product, by=alice, at=now)
    assert services.restore_team(web, by=alice, at=now).archived_at is None


def test_archiving_twice_is_archiving_once(alice, web, now):
    services.archive_team(web, by=alice, at=now)
    services.archive_team(web, by=alice, at=now)
    assert Event.objects.filter(verb="team.archived").count() == 1


# ---- who is in a team --------------------------------------------------------------------------------------------


def places(team):
    return dict(TeamMembership.objects.filter(team=team).values_list("member__name", "is_lead"))


def test_set_team_members_makes_it_exactly_so(alice, lea, bob, mo, product, now):
    services.set_team_members(product, {bob: True, mo: False}, by=alice, at=now)
    assert places(product) == {"Bob": True, "Mo": False}
    data = Event.objects.get(verb="team.members_changed").data
    assert (data["added"], data["removed"], data["lead"]) == ([str(mo.pk)], [str(lea.pk)], {str(bob.pk): True})


def test_set_team_members_to_the_same_says_nothing(alice, lea, bob, product, now):
    services.set_team_members(product, {lea: True, bob: False}, by=alice, at=now)
    assert not Event.objects.exists()


def test_set_team_members_keeps_the_place_of_deactivated_people(alice, lea, bob, product, now):
    Member.objects.filter(pk=bob.pk).update(deactivated_at=now)
    services.set_team_members(product, {lea: True}, by=alice, at=now)
    assert places(product) == {"Lea": True, "Bob": False}


def test_lead_chooses_people_for_teams_at_and_beneath_theirs(lea, mo, product, web, care, now):
    services.add_to_team(product, mo, by=lea, at=now)
    services.add_to_team(web, mo, is_lead=True, by=lea, at=now)
    assert places(web) == {"Mo": True}
    with pytest.raises(PermissionDenied):
        services.add_to_team(care, lea, by=lea, at=now)


def test_members_do_not_choose_people(bob, mo, product, now):
    for call in (services.add_to_team, services.remove_from_team):
        with pytest.raises(PermissionDenied):
            call(product, mo, by=bob, at=now)


def test_guests_join_but_do_not_lead(alice, gus, product, now):
    services.add_to_team(product, gus, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.set_lead(product, gus, is_lead=True, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.set_team_members(product, {gus: True}, by=alice, at=now)


def test_people_of_elsewhere_and_who_left_do_not_join(alice, eve, product, harbour, now):
    gone = MemberFactory(workspace=harbour, deactivated_at=now)
    for person in (eve, gone):
        with pytest.raises(ValidationError):
            services.add_to_team(product, person, by=alice, at=now)
        with pytest.raises(ValidationError):
            services.set_team_members(product, {person: False}, by=alice, at=now)
    assert not TeamMembership.objects.filter(team=product).exists()


def test_set_lead_needs_somebody_of_the_team(alice, bob, mo, product, now):
    services.set_lead(product, bob, is_lead=True, by=alice, at=now)
    assert places(product)["Bob"] is True
    with pytest.raises(ValidationError):
        services.set_lead(product, mo, is_lead=True, by=alice, at=now)


def test_remove_from_team(alice, bob, product, now):
    services.remove_from_team(product, bob, by=alice, at=now)
    services.remove_from_team(product, bob, by=alice, at=now)
    assert places(product) == {}
    assert Event.objects.filter(verb="team.members_changed").count() == 1


def test_an_archived_team_takes_nobody(alice, mo, web, now):
    services.archive_team(web, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.add_to_team(web, mo, by=alice, at=now)


# ---- any moves at all --------------------------------------------------------------------------------------------

MOVES = st.lists(st.tuples(st.integers(0, 11), st.none() | st.integers(0, 11)), max_size=14)


@settings(max_examples=times(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_any_moves_keep_ancestors_right(db, now, moves):
    workspace = WorkspaceFactory()
    alice = MemberFactory(workspace=workspace, role="owner")
    teams = [TeamFactory(workspace=workspace) for _n in range(12)]
    for index, place in moves:
        team = Team.objects.get(pk=teams[index].pk)
        parent = None if place is None else Team.objects.get(pk=teams[place].pk)
        would_circle = parent is not None and team.pk in [parent.pk, *path_of(parent)]
        try:
            services.move_team(team, parent=parent, by=alice, at=now)
        except ValidationError:
            assert would_circle or (len(path_of(parent)) + 1 if parent else 0) + height_of(team) > LEVELS_MAX
        else:
            assert not would_circle
    for team in Team.objects.filter(workspace=workspace):
        assert team.ancestor_ids == path_of(team)
        assert len(team.ancestor_ids) < LEVELS_MAX


@settings(max_examples=times(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_any_changes_keep_the_reporting_line_without_circles(db, now, moves):
    workspace = WorkspaceFactory()
    alice = MemberFactory(workspace=workspace, role="owner")
    people = [MemberFactory(workspace=workspace, user=None) for _n in range(12)]
    for index, place in moves:
        person = Member.objects.get(pk=people[index].pk)
        manager = None if place is None else Member.objects.get(pk=people[place].pk)
        try:
            services.set_manager(person, manager=manager, by=alice, at=now)
        except ValidationError as refused:
            assert set(refused.message_dict) == {"manager"}  # noqa: PT017 - most of the time it is allowed
        else:
            assert Member.objects.get(pk=person.pk).manager == manager
    above = dict(Member.objects.filter(workspace=workspace).values_list("pk", "manager_id"))
    for start in above:
        met, node = set(), start
        while node is not None:
            assert node not in met
            met.add(node)
            node = above[node]
