"""People: making, changing, roles, whom they report to."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from apps.activity.models import Event
from apps.workspaces import services
from apps.workspaces.models import Member, Role
from apps.workspaces.services.members import follow_name
from tests.factories import MemberFactory, UserFactory


def test_create_member_without_account(adam, lea, now):
    fields: services.MemberFields = {
        "name": " Zoë  Ng ",
        "email": "ZOE@Example.org",
        "title": "Baker",
        "external_id": "p-1",
    }
    person = services.create_member(fields, manager=lea, by=adam, at=now)
    person.refresh_from_db()
    assert (person.name, person.email, person.user, person.manager) == ("Zoë Ng", "zoe@example.org", None, lea)
    assert (person.role, person.weekly_hours, person.external_id) == (Role.MEMBER, Decimal(40), "p-1")
    assert Event.objects.get(verb="member.created").subject_id == person.pk


@pytest.mark.parametrize("name", ["lea", "bob", "gus"])
def test_create_member_refuses_all_but_admins(request, now, name):
    with pytest.raises(PermissionDenied):
        services.create_member({"name": "Z"}, by=request.getfixturevalue(name), at=now)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "Z", "email": "nonsense"}, "email"),
        ({"name": "Z", "email": "BOB@example.org"}, "email"),
        ({"name": "Z", "title": "x" * 201}, "title"),
        ({"name": "Z", "weekly_hours": Decimal(169)}, "weekly_hours"),
        ({"name": "Z", "weekly_hours": Decimal(-1)}, "weekly_hours"),
        ({"name": "Z", "external_id": "taken"}, "external_id"),
    ],
)
def test_create_member_refuses_bad_input(adam, bob, now, fields, wrong):
    Member.objects.filter(pk=bob.pk).update(external_id="taken")
    with pytest.raises(ValidationError) as refused:
        services.create_member(fields, by=adam, at=now)
    assert set(refused.value.message_dict) == {wrong}
    assert Member.objects.count() == 2


def test_create_member_refuses_owners_and_strange_roles(alice, now):
    for role in (Role.OWNER, "emperor"):
        with pytest.raises(ValidationError) as refused:
            services.create_member({"name": "Z"}, role=role, by=alice, at=now)
        assert set(refused.value.message_dict) == {"role"}


def test_update_member_by_themselves(bob, now):
    services.update_member(bob, {"name": "Bobby", "title": "Cook", "weekly_hours": Decimal(20)}, by=bob, at=now)
    bob.refresh_from_db()
    assert (bob.name, bob.title, bob.weekly_hours) == ("Bobby", "Cook", Decimal(20))
    with pytest.raises(PermissionDenied):
        services.update_member(bob, {"external_id": "x"}, by=bob, at=now)


def test_update_member_by_others(alice, adam, lea, bob, mo, now):
    services.update_member(bob, {"title": "Cook"}, by=adam, at=now)
    for person, by in ((bob, lea), (bob, mo), (alice, adam)):
        with pytest.raises(PermissionDenied):
            services.update_member(person, {"title": "Boss"}, by=by, at=now)


def test_the_address_of_an_account_is_not_changed_here(adam, bob, now):
    with pytest.raises(ValidationError) as refused:
        services.update_member(bob, {"email": "other@example.org"}, by=adam, at=now)
    assert set(refused.value.message_dict) == {"email"}
    imported = MemberFactory(workspace=bob.workspace, user=None, email="")
    assert services.update_member(imported, {"email": "I@x.org"}, by=adam, at=now).email == "i@x.org"


# ---- roles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "to", "role", "allowed"),
    [
        ("alice", "bob", Role.OWNER, True),
        ("alice", "adam", Role.MEMBER, True),
        ("adam", "bob", Role.ADMIN, True),
        ("adam", "bob", Role.GUEST, True),
        ("adam", "bob", Role.OWNER, False),
        ("adam", "alice", Role.MEMBER, False),
        ("adam", "adam", Role.MEMBER, True),
        ("adam", "adam", Role.OWNER, False),
        ("bob", "bob", Role.ADMIN, False),
        ("lea", "bob", Role.GUEST, False),
        ("gus", "gus", Role.MEMBER, False),
    ],
)
def test_who_gives_which_role(request, alice, now, by, to, role, allowed):
    actor, person = request.getfixturevalue(by), request.getfixturevalue(to)
    if allowed:
        assert services.set_role(person, role=role, by=actor, at=now).role == role
    else:
        with pytest.raises(PermissionDenied):
            services.set_role(person, role=role, by=actor, at=now)


def test_the_last_owner_stays_owner(alice, adam, bob, now):
    with pytest.raises(ValidationError) as refused:
        services.set_role(alice, role=Role.MEMBER, by=alice, at=now)
    assert set(refused.value.message_dict) == {"role"}
    services.set_role(bob, role=Role.OWNER, by=alice, at=now)
    assert services.set_role(alice, role=Role.MEMBER, by=alice, at=now).role == Role.MEMBER


def test_owners_who_left_or_cannot_sign_in_do_not_count(alice, harbour, now):
    MemberFactory(workspace=harbour, role=Role.OWNER, deactivated_at=now)
    MemberFactory(workspace=harbour, role=Role.OWNER, user=None)
    with pytest.raises(ValidationError):
        services.set_role(alice, role=Role.ADMIN, by=alice, at=now)


def test_an_owner_needs_an_account(alice, harbour, now):
    imported = MemberFactory(workspace=harbour, user=None)
    with pytest.raises(ValidationError):
        services.set_role(imported, role=Role.OWNER, by=alice, at=now)


def test_a_lead_does_not_become_a_guest(alice, lea, now):
    with pytest.raises(ValidationError) as refused:
        services.set_role(lea, role=Role.GUEST, by=alice, at=now)
    assert "Product" in str(refused.value.message_dict["role"])


def test_set_role_writes_down_old_and_new(alice, bob, now):
    services.set_role(bob, role=Role.ADMIN, by=alice, at=now)
    assert Event.objects.get(verb="member.role_changed").data == {"changes": {"role": ["member", "admin"]}}


def test_strange_roles_are_refused(alice, bob, now):
    with pytest.raises(ValidationError):
        services.set_role(bob, role="emperor", by=alice, at=now)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_demote_each_other_leave_one(alice, bob, now):
    Member.objects.filter(pk=bob.pk).update(role=Role.OWNER)
    barrier = Barrier(2)

    def demote(person, by):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            services.set_role(person, role=Role.MEMBER, by=by, at=now)
        except PermissionDenied:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(demote, [alice, bob], [bob, alice]))
    assert results == ["done", "refused"]
    assert Member.objects.filter(workspace=alice.workspace, role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_address_added_twice_at_once_is_one_person(adam, now):
    barrier = Barrier(3)

    def add(number):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            services.create_member({"name": f"Zoe {number}", "email": "zoe@x.org"}, by=adam, at=now)
        except ValidationError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(add, range(3))) == ["done", "refused", "refused"]


# ---- the reporting line ------------------------------------------------------------------------------------------


def test_set_manager(adam, lea, bob, now):
    assert services.set_manager(bob, manager=lea, by=adam, at=now).manager == lea
    assert services.set_manager(bob, manager=None, by=adam, at=now).manager is None
    assert Event.objects.filter(verb="member.manager_changed").count() == 2


@pytest.mark.parametrize("name", ["lea", "bob"])
def test_set_manager_refuses_all_but_admins(request, lea, bob, now, name):
    with pytest.raises(PermissionDenied):
        services.set_manager(bob, manager=lea, by=request.getfixturevalue(name), at=now)


def test_the_reporting_line_has_no_circle(adam, lea, bob, mo, now):
    services.set_manager(bob, manager=lea, by=adam, at=now)
    services.set_manager(mo, manager=bob, by=adam, at=now)
    for manager in (lea, bob, mo):
        with pytest.raises(ValidationError) as refused:
            services.set_manager(lea, manager=manager, by=adam, at=now)
        assert set(refused.value.message_dict) == {"manager"}


def test_nobody_reports_to_elsewhere_or_to_who_left(adam, bob, eve, harbour, now):
    for manager in (eve, MemberFactory(workspace=harbour, deactivated_at=now)):
        with pytest.raises(ValidationError):
            services.set_manager(bob, manager=manager, by=adam, at=now)


def test_another_workspace_changes_nobody(eve, bob, now):
    for call in (
        lambda: services.update_member(bob, {"name": "X"}, by=eve, at=now),
        lambda: services.set_role(bob, role=Role.GUEST, by=eve, at=now),
        lambda: services.set_manager(bob, manager=None, by=eve, at=now),
        lambda: services.deactivate_member(bob, choices={}, by=eve, at=now),
    ):
        with pytest.raises(ValidationError):
            call()


# ---- values ------------------------------------------------------------------------------------------------------


def test_shared_values_are_the_admins(alice, bob, now):
    value = services.create_value(name="Candour", statement=" Say it. ", shared=True, by=alice, at=now)
    assert (value.member, value.statement) == (None, "Say it.")
    services.update_value(value, name="Openness", statement="", by=alice, at=now)
    for call in (
        lambda: services.create_value(name="Speed", shared=True, by=bob, at=now),
        lambda: services.update_value(value, name="Mine", statement="", by=bob, at=now),
        lambda: services.delete_value(value, by=bob, at=now),
    ):
        with pytest.raises(PermissionDenied):
            call()
    services.delete_value(value, by=alice, at=now)
    assert Event.objects.get(verb="workspace.value_deleted").data == {"name": "Openness"}


def test_own_values_are_nobody_elses(alice, bob, gus, now):
    value = services.create_value(name="Quiet", shared=False, by=bob, at=now)
    services.create_value(name="Quiet", shared=False, by=gus, at=now)
    assert value.member == bob
    with pytest.raises(PermissionDenied):
        services.update_value(value, name="Loud", statement="", by=alice, at=now)
    assert Event.objects.filter(verb="value.created", data={}).count() == 2
    services.delete_value(value, by=bob, at=now)


@pytest.mark.parametrize("name", ["", "x" * 201, "CANDOUR"])
def test_values_with_bad_or_taken_names_are_refused(alice, now, name):
    services.create_value(name="Candour", shared=True, by=alice, at=now)
    with pytest.raises(ValidationError) as refused:
        services.create_value(name=name, shared=True, by=alice, at=now)
    assert set(refused.value.message_dict) == {"name"}


def test_values_are_few(alice, now):
    for number in range(50):
        services.create_value(name=f"Value {number}", shared=True, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.create_value(name="One more", shared=True, by=alice, at=now)


def test_members_of_other_workspaces_are_untouched_by_a_name(db, now):
    user = UserFactory(name="Ana")
    gone = MemberFactory(user=user, name="Ana before", deactivated_at=now)

    follow_name(user)
    gone.refresh_from_db()
    assert gone.name == "Ana before"
