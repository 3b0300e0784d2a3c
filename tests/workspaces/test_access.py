"""Who sees and changes which people, teams, values and invitations: every rule, for everybody of the cast."""

from itertools import product as every

import pytest

from apps.workspaces import access
from apps.workspaces.models import Member, Role
from tests.factories import InvitationFactory, MemberFactory, TeamMembershipFactory, ValueFactory

NAMES = ("alice", "adam", "lea", "bob", "mo", "gus", "eve")
STAFF = {"alice", "adam", "lea", "bob", "mo"}
ADMINS = {"alice", "adam"}


@pytest.fixture
def cast(request, harbour, now):
    """Everybody, and dan, an admin who was deactivated, and nia, a guest in Care."""
    people = {name: request.getfixturevalue(name) for name in NAMES}
    people["dan"] = MemberFactory(workspace=harbour, name="Dan", role=Role.ADMIN, deactivated_at=now)
    people["nia"] = MemberFactory(workspace=harbour, name="Nia", role=Role.GUEST)
    TeamMembershipFactory(team=request.getfixturevalue("care"), member=people["nia"])
    return people


def seen_by(cast, rule, row):
    """Who finds the row, dan aside: the middleware never lets him act."""
    return {name for name, member in cast.items() if name != "dan" and rule(member).filter(pk=row.pk).exists()}


def may(cast, rule):
    return {name for name, member in cast.items() if rule(member)}


def test_visible_workspaces(cast, harbour):
    assert seen_by(cast, access.visible_workspaces, harbour) == STAFF | {"gus", "nia"}


@pytest.mark.parametrize(
    ("person", "guests"),
    [("alice", set()), ("bob", set()), ("mo", {"nia"}), ("gus", {"gus"}), ("nia", {"nia"}), ("dan", set())],
)
def test_visible_members(cast, person, guests):
    assert seen_by(cast, access.visible_members, cast[person]) == STAFF | guests


def test_visible_members_of_another_workspace(cast, eve):
    assert seen_by(cast, access.visible_members, eve) == {"eve"}


def test_visible_teams(cast, product, web, care):
    assert seen_by(cast, access.visible_teams, product) == seen_by(cast, access.visible_teams, web) == STAFF
    assert seen_by(cast, access.visible_teams, care) == STAFF | {"nia"}


def test_visible_memberships(cast, care, product):
    for team, guests in ((care, {"nia"}), (product, set())):
        row = team.memberships.first()
        assert seen_by(cast, access.visible_memberships, row) == STAFF | guests


def test_visible_values(cast, harbour):
    shared, own, guests = (ValueFactory(workspace=harbour, member=cast.get(name)) for name in ("", "bob", "gus"))
    assert seen_by(cast, access.visible_values, shared) == STAFF
    assert seen_by(cast, access.visible_values, own) == {"bob"}
    assert seen_by(cast, access.visible_values, guests) == {"gus"}


def test_visible_invitations(cast, harbour, alice):
    invitation = InvitationFactory(workspace=harbour, invited_by=alice)
    assert seen_by(cast, access.visible_invitations, invitation) == ADMINS


def test_can_change_workspace_and_invite(cast):
    assert may(cast, access.can_change_workspace) == may(cast, access.can_invite) == ADMINS | {"eve"}


def test_can_create_team(cast, product, web, care):
    assert may(cast, lambda member: access.can_create_team(member, None)) == ADMINS | {"eve"}
    assert may(cast, lambda member: access.can_create_team(member, product)) - {"eve"} == ADMINS | {"lea"}
    assert may(cast, lambda member: access.can_create_team(member, web)) - {"eve"} == ADMINS | {"lea"}
    assert may(cast, lambda member: access.can_create_team(member, care)) - {"eve"} == ADMINS
    assert may(cast, access.can_create_some_team) == ADMINS | {"lea", "eve"}


def test_can_change_team(cast, product, web, care):
    for team, leads in ((product, {"lea"}), (web, {"lea"}), (care, set())):
        assert may(cast, lambda member, team=team: access.can_change_team(member, team)) == ADMINS | leads


def test_leads_is_what_led_teams_lists(cast, product, web, care):
    for member, team in every(cast.values(), (product, web, care)):
        assert access.leads(member, team) == access.led_teams(member).filter(pk=team.pk).exists()


def test_who_was_deactivated_leads_nothing(lea, product, now):
    Member.objects.filter(pk=lea.pk).update(deactivated_at=now)
    lea.refresh_from_db()
    assert not access.leads(lea, product)
    assert not access.led_teams(lea).exists()


@pytest.mark.parametrize(
    ("person", "by"),
    [
        ("alice", {"alice"}),
        ("adam", ADMINS),
        ("bob", ADMINS | {"bob"}),
        ("gus", ADMINS | {"gus"}),
        ("dan", ADMINS),
        ("eve", {"eve"}),
    ],
)
def test_can_change_member(cast, person, by):
    assert may(cast, lambda member: access.can_change_member(member, cast[person])) == by


@pytest.mark.parametrize(
    ("person", "role", "by"),
    [
        ("alice", Role.MEMBER, {"alice"}),
        ("adam", Role.OWNER, {"alice"}),
        ("adam", Role.GUEST, ADMINS),
        ("bob", Role.ADMIN, ADMINS),
        ("bob", Role.OWNER, {"alice"}),
        ("gus", Role.MEMBER, ADMINS),
    ],
)
def test_can_set_role(cast, person, role, by):
    assert may(cast, lambda member: access.can_set_role(member, cast[person], role)) == by


@pytest.mark.parametrize(("person", "by"), [("alice", set()), ("adam", {"alice"}), ("bob", ADMINS), ("dan", ADMINS)])
def test_can_deactivate(cast, person, by):
    assert may(cast, lambda member: access.can_deactivate(member, cast[person])) == by


def test_can_set_manager(cast, bob):
    assert may(cast, lambda member: access.can_set_manager(member, bob)) == ADMINS


def test_can_change_value(cast, harbour):
    shared, own = ValueFactory(workspace=harbour), ValueFactory(workspace=harbour, member=cast["bob"])
    assert may(cast, lambda member: access.can_change_value(member, shared)) == ADMINS
    assert may(cast, lambda member: access.can_change_value(member, own)) == {"bob"}
