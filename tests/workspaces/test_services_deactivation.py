"""Nobody leaves silently, and nobody's private goals are told."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from apps.activity.models import Event
from apps.goals import services as goals
from apps.goals.models import CheckIn, Contributor, Goal
from apps.workspaces import services
from apps.workspaces.models import Member, Role, TeamMembership
from tests.factories import ContributorFactory, GoalFactory, MemberFactory, TeamMembershipFactory


@pytest.fixture
def held(lea, bob, mo, product, care, goal, now):
    """What bob holds: a team, a report, a goal, hours, an ask; and the same on goals that are hidden from alice."""
    TeamMembershipFactory(team=care, member=bob, is_lead=True)
    Member.objects.filter(pk=mo.pk).update(manager=bob)
    other = GoalFactory(owner=lea, team=product, title="Short queues")
    hours = ContributorFactory(goal=other, member=bob, hours_per_week=Decimal(8))
    ask = goals.create_check_in(other, {"ask": "May we?", "ask_to": bob}, readings={}, by=lea, at=now)
    secret = GoalFactory(owner=bob, title="Find another job", visibility="private")
    team_only = GoalFactory(owner=lea, team=product, title="Hush", visibility="team")
    ContributorFactory(goal=team_only, member=bob, hours_per_week=Decimal(2))
    shared_secret = GoalFactory(owner=lea, title="Surprise", visibility="private")
    ContributorFactory(goal=shared_secret, member=bob)
    closed = GoalFactory(owner=bob, team=product, title="Done")
    goals.close_goal(closed, outcome="achieved", lesson="Well.", by=bob, at=now)
    return {
        f"team-{care.pk}": "Care",
        f"report-{mo.pk}": "Mo",
        f"goal-{goal.pk}": "Answer every call",
        f"hours-{hours.pk}": "Short queues",
        f"ask-{ask.pk}": "Short queues: May we?",
        "secret": secret,
        "team_only": team_only,
    }


def names(person, viewer):
    return {
        services.field_name(kind, each): each.title
        for kind, found in services.holdings_of(person, viewer=viewer)
        for each in found
    }


def wanted(held):
    return {name: title for name, title in held.items() if isinstance(title, str)}


def test_what_a_person_holds_is_listed_but_not_what_is_hidden(alice, lea, bob, held):
    assert names(bob, alice) == wanted(held)
    assert "Hush" in names(bob, lea).values()
    assert "Surprise" not in names(bob, lea).values()


def test_nothing_is_decided_silently(alice, bob, held, now):
    choices = dict.fromkeys(list(wanted(held))[:-1])
    with pytest.raises(ValidationError) as refused:
        services.deactivate_member(bob, choices=choices, by=alice, at=now)
    assert set(refused.value.message_dict) == {list(wanted(held))[-1]}
    bob.refresh_from_db()
    assert bob.is_active
    assert Goal.objects.get(title="Answer every call").owner == bob


def test_everything_is_handed_over(alice, lea, bob, mo, care, held, now):
    choices = dict.fromkeys(wanted(held), lea) | {f"hours-{each}": mo for each in _ids(held, "hours")}
    services.deactivate_member(bob, choices=choices, by=alice, at=now)
    mo.refresh_from_db()
    bob.refresh_from_db()
    assert (bob.deactivated_at, mo.manager) == (now, lea)
    assert TeamMembership.objects.get(team=care, member=lea).is_lead
    assert not TeamMembership.objects.get(team=care, member=bob).is_lead
    assert Goal.objects.get(title="Answer every call").owner == lea
    assert Contributor.objects.get(goal__title="Short queues").member == mo
    assert Contributor.objects.get(goal__title="Short queues").hours_per_week == 8
    assert CheckIn.objects.get(ask="May we?").ask_to == lea
    assert Event.objects.get(verb="member.deactivated").data == {"handed_over": 5, "left": 0}


def _ids(held, kind):
    return [name.removeprefix(f"{kind}-") for name in held if name.startswith(f"{kind}-")]


def test_everything_is_left_on_purpose(alice, bob, mo, care, held, now):
    services.deactivate_member(bob, choices=dict.fromkeys(wanted(held)), by=alice, at=now)
    mo.refresh_from_db()
    assert mo.manager is None
    assert Goal.objects.get(title="Answer every call").owner is None
    assert not Contributor.objects.filter(goal__title="Short queues").exists()
    assert CheckIn.objects.get(ask="May we?").ask_to is None
    assert Event.objects.get(verb="member.deactivated").data == {"handed_over": 5, "left": 5}


def test_hidden_things_stay_as_they_are(alice, bob, held, now):
    services.deactivate_member(bob, choices=dict.fromkeys(wanted(held)), by=alice, at=now)
    assert Goal.objects.get(title="Find another job").owner == bob
    assert Contributor.objects.filter(goal__title__in=["Hush", "Surprise"], member=bob).count() == 2


def test_a_choice_for_something_hidden_does_nothing(alice, lea, bob, held, now):
    secret = held["secret"]
    choices = dict.fromkeys(wanted(held)) | {f"goal-{secret.pk}": lea}
    services.deactivate_member(bob, choices=choices, by=alice, at=now)
    secret.refresh_from_db()
    assert secret.owner == bob


def test_hours_add_up_with_those_already_promised(alice, lea, bob, now):
    goal = GoalFactory(owner=lea)
    ContributorFactory(goal=goal, member=lea, hours_per_week=Decimal(3))
    hours = ContributorFactory(goal=goal, member=bob, hours_per_week=Decimal(4))
    services.deactivate_member(bob, choices={f"hours-{hours.pk}": lea}, by=alice, at=now)
    assert Contributor.objects.get(goal=goal).hours_per_week == 7


def test_an_impossible_choice_changes_nothing(alice, lea, bob, mo, eve, harbour, held, now):
    gone = MemberFactory(workspace=harbour, deactivated_at=now)
    for name, person in (
        (f"goal-{_ids(held, 'goal')[0]}", eve),
        (f"report-{mo.pk}", mo),
        (f"team-{_ids(held, 'team')[0]}", bob),
    ):
        for to in {person, gone}:
            choices = dict.fromkeys(wanted(held), lea) | {name: to}
            with pytest.raises(ValidationError) as refused:
                services.deactivate_member(bob, choices=choices, by=alice, at=now)
            assert set(refused.value.message_dict) == {name}
    assert Goal.objects.get(title="Answer every call").owner == bob
    assert not Event.objects.filter(verb="member.deactivated").exists()


@pytest.mark.parametrize(
    ("by", "person", "allowed"),
    [
        ("alice", "adam", True),
        ("alice", "bob", True),
        ("alice", "alice", False),
        ("adam", "bob", True),
        ("adam", "alice", False),
        ("adam", "adam", False),
        ("lea", "bob", False),
        ("bob", "bob", False),
        ("gus", "bob", False),
    ],
)
def test_who_deactivates_whom(request, now, by, person, allowed):
    actor, leaver = request.getfixturevalue(by), request.getfixturevalue(person)
    if allowed:
        assert not services.deactivate_member(leaver, choices={}, by=actor, at=now).is_active
        assert services.reactivate_member(leaver, by=actor, at=now).is_active
    else:
        for call in (lambda: services.deactivate_member(leaver, choices={}, by=actor, at=now),
                     lambda: services.reactivate_member(leaver, by=actor, at=now)):  # fmt: skip
            with pytest.raises(PermissionDenied):
                call()


def test_an_owner_leaves_while_another_stays(alice, bob, now):
    Member.objects.filter(pk=bob.pk).update(role=Role.OWNER)
    assert not services.deactivate_member(bob, choices={}, by=alice, at=now).is_active


def test_deactivating_twice_is_once(alice, bob, now):
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    assert Event.objects.filter(verb="member.deactivated").count() == 1


def test_the_last_workspace_takes_the_sessions_along(alice, bob, client_of, now):
    client: Client = client_of(bob)
    assert client.get("/account/profile/").status_code == 200
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    assert client.get("/account/profile/").status_code == 302


def test_sessions_stay_while_there_is_another_workspace(alice, bob, client_of, now):
    MemberFactory(user=bob.user)
    client: Client = client_of(bob)
    services.deactivate_member(bob, choices={}, by=alice, at=now)
    assert client.get("/account/profile/").status_code == 200
    assert client.get("/w/harbour/people/").status_code == 404


def test_open_invitations_to_a_place_end_with_it(alice, harbour, now):
    imported = MemberFactory(workspace=harbour, user=None)
    invitation = services.invite_member(imported, email="z@x.org", by=alice, at=now).invitation
    services.deactivate_member(imported, choices={}, by=alice, at=now)
    invitation.refresh_from_db()
    assert invitation.revoked_at == now
