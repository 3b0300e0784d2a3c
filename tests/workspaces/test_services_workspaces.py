"""Making and changing a workspace."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.accounts.services import update_profile
from apps.activity.models import Event
from apps.workspaces import services
from apps.workspaces.models import Member, Role, Workspace
from apps.workspaces.services.slugs import numbered, readable_slug
from tests.factories import GoalFactory, UserFactory, WorkspaceFactory
from tests.lists import hook_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Harbour Café", "harbour-cafe"),
        ("Größe & Söhne", "grosse-sohne"),
        ("Щука и Чай", "shchuka-i-chai"),
        ("Ελλάδα", "ellada"),
        ("日本の会社", "workspace"),
        ("שלום", "workspace"),
        ("../../etc/passwd", "etcpasswd"),
        ("<script>alert(1)</script>", "scriptalert1script"),
        ("-- _ --", "workspace"),
        ("x" * 200, "x" * 50),
    ],
)
def test_readable_slug(name, slug):
    assert readable_slug(name) == slug


def test_numbered_takes_the_first_that_is_free():
    assert numbered("a", {"a", "a-2", "a-4"}) == "a-3"
    assert numbered("b", {"a"}) == "b"


def test_create_workspace_makes_its_maker_the_owner(db, now):
    user = UserFactory(name="Ana", email="ana@example.org")
    workspace = services.create_workspace(user, name="  Choir   board ", timezone="Europe/Lisbon", at=now)
    owner = Member.objects.get(workspace=workspace)
    assert (workspace.name, workspace.slug, workspace.timezone) == ("Choir board", "choir-board", "Europe/Lisbon")
    assert (owner.user, owner.role, owner.name, owner.email) == (user, Role.OWNER, "Ana", "ana@example.org")
    assert Event.objects.get(verb="workspace.created").actor == owner


def test_create_workspace_numbers_a_taken_address(db, now):
    user = UserFactory()
    slugs = [services.create_workspace(user, name="Choir", timezone="UTC", at=now).slug for _n in range(3)]
    assert slugs == ["choir", "choir-2", "choir-3"]


def test_create_workspace_with_an_address_of_ones_own(db, now):
    services.create_workspace(UserFactory(), name="Choir", timezone="UTC", at=now, slug="our-choir")
    with pytest.raises(ValidationError) as refused:
        services.create_workspace(UserFactory(), name="Other", timezone="UTC", at=now, slug="our-choir")
    assert set(refused.value.message_dict) == {"slug"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"slug": "no spaces"}, "slug"),
        ({"slug": "x" * 61}, "slug"),
    ],
)
def test_create_workspace_refuses_bad_input_and_writes_nothing(db, now, fields, wrong):
    with pytest.raises(ValidationError) as refused:
        services.create_workspace(UserFactory(), **{"name": "Choir", "timezone": "UTC", "at": now, **fields})
    assert set(refused.value.message_dict) == {wrong}
    assert not Workspace.objects.exists()


def test_update_workspace(alice, harbour, now):
    fields: services.WorkspaceFields = {
        "name": "Harbor",
        "timezone": "America/New_York",
        "working_days": [6, 7, 6],
        "cadence": 14,
        "slug": "harbor",
    }
    changed = services.update_workspace(harbour, fields, by=alice, at=now)
    changed.refresh_from_db()
    assert (changed.name, changed.slug, changed.cadence, changed.working_days) == ("Harbor", "harbor", 14, [6, 7])
    assert Event.objects.get(verb="workspace.updated").data["changes"]["cadence"] == [7, 14]


def test_update_workspace_without_a_change_says_nothing(alice, harbour, now):
    services.update_workspace(harbour, {"name": harbour.name, "cadence": harbour.cadence}, by=alice, at=now)
    assert not Event.objects.filter(verb="workspace.updated").exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"working_days": []}, "working_days"),
        ({"working_days": [0, 8]}, "working_days"),
        ({"cadence": 3}, "cadence"),
        ({"timezone": "Nowhere"}, "timezone"),
        ({"name": "  "}, "name"),
        ({"slug": "taken"}, "slug"),
    ],
)
def test_update_workspace_refuses_bad_input(alice, harbour, now, fields, wrong):
    WorkspaceFactory(slug="taken")
    with pytest.raises(ValidationError) as refused:
        services.update_workspace(harbour, fields, by=alice, at=now)
    assert set(refused.value.message_dict) == {wrong}
    assert Workspace.objects.filter(pk=harbour.pk, name="Harbour", cadence=7).exists()


@pytest.mark.parametrize("name", ["lea", "bob", "gus", "eve"])
def test_update_workspace_refuses_all_but_its_admins(request, harbour, alice, now, name):
    with pytest.raises(PermissionDenied):
        services.update_workspace(harbour, {"name": "Mine"}, by=request.getfixturevalue(name), at=now)


def test_a_new_cadence_moves_the_due_dates_of_check_ins(alice, harbour, goal, now):
    services.update_workspace(harbour, {"cadence": 14}, by=alice, at=now)
    goal.refresh_from_db()
    assert (goal.check_in_due_on - now.date()).days == 14


def test_only_a_changed_calendar_is_told(alice, harbour, now, monkeypatch):
    told: list[Workspace] = []
    monkeypatch.setattr("apps.workspaces.services.workspaces.WORKSPACE_CHANGED", hook_of(told.append))
    services.update_workspace(harbour, {"name": "Other"}, by=alice, at=now)
    assert told == []
    services.update_workspace(harbour, {"working_days": [1, 2]}, by=alice, at=now)
    assert told == [harbour]


def test_what_a_listener_refuses_is_not_saved(alice, harbour, now, monkeypatch):
    def refuse(workspace):
        raise ValidationError("No.")

    monkeypatch.setattr("apps.workspaces.services.workspaces.WORKSPACE_CHANGED", hook_of(refuse))
    with pytest.raises(ValidationError):
        services.update_workspace(harbour, {"cadence": 28}, by=alice, at=now)
    assert Workspace.objects.get(pk=harbour.pk).cadence == 7


def test_a_new_name_of_an_account_follows_to_its_places(bob, now):
    GoalFactory(owner=bob)
    update_profile(bob.user, name="Robert", timezone="UTC", language="en")
    bob.refresh_from_db()
    assert bob.name == "Robert"
