"""Offering, changing and withdrawing assignments, answering them, and what people are told of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.activity.models import Event
from apps.notifications.models import Notice
from apps.notifications.services import describe_notices, inbox
from apps.responsibilities import services
from apps.responsibilities.models import Assignment
from tests.factories import AssignmentFactory, ContributorFactory, GoalFactory, MemberFactory, ResponsibilityFactory
from tests.responsibilities.test_services_responsibilities import field_of, verbs


@pytest.fixture
def phones(harbour, product):
    return ResponsibilityFactory(workspace=harbour, title="Phone desk", team=product)


@pytest.fixture
def offer(phones, lea, bob, now):
    fields: services.AssignmentFields = {"member": bob, "role": "responsible", "note": "You know the doctors."}
    return services.offer_assignment(phones, fields, by=lea, at=now)


def told(member):
    """The titles of what stands in somebody's inbox."""
    rows = list(Notice.objects.open().filter(recipient=member).select_related("recipient__user").order_by("created_at"))
    said = describe_notices(rows, at=rows[0].created_at) if rows else {}
    return [said[row.pk].title for row in rows if row.pk in said]


# ---- offering ----


def test_an_offer_waits_for_the_one_concerned_who_is_told(offer, phones, bob, lea, now):
    assert (offer.status, offer.offered_by, offer.offered_at, offer.answered_at) == ("offered", lea, now, None)
    assert verbs(phones) == ["responsibility.assigned"]
    assert Event.objects.get(subject_id=phones.pk).data == {
        "assignment": str(offer.pk), "role": "responsible", "member": str(bob.pk), "status": "offered",
    }  # fmt: skip
    assert told(bob) == ["Lea asks you to be responsible for “Phone desk”"]
    assert told(lea) == []


def test_who_offers_to_themselves_accepts_at_once(phones, lea, now):
    own = services.offer_assignment(phones, {"member": lea, "role": "accountable"}, by=lea, at=now)
    assert (own.status, own.answered_by, own.answered_at) == ("accepted", lea, now)
    assert told(lea) == []


def test_a_team_is_asked_through_its_leads(phones, product, care, alice, lea, now):
    other = services.offer_assignment(phones, {"team": product, "role": "informed"}, by=alice, at=now)
    assert told(lea) == ["Alice asks a team of yours to be informed for “Phone desk”"]
    assert services.accept_assignment(other, by=lea, at=now).status == "accepted"
    own = services.offer_assignment(phones, {"team": product, "role": "consulted"}, by=lea, at=now)
    assert own.status == "accepted"


@pytest.mark.parametrize("who", ["bob", "mo", "gus", "eve"])
def test_offer_refuses_who_may_not_give_it_out(request, phones, bob, now, who):
    with pytest.raises(PermissionDenied):
        services.offer_assignment(
            phones, {"member": bob, "role": "responsible"}, by=request.getfixturevalue(who), at=now
        )
    assert not Assignment.objects.exists()


def test_by_hand_a_party_gets_each_role_once(offer, phones, lea, bob, now):
    with pytest.raises(ValidationError) as caught:
        services.offer_assignment(phones, {"member": bob, "role": "responsible"}, by=lea, at=now)
    assert field_of(caught) == {"role"}
    services.offer_assignment(phones, {"member": bob, "role": "consulted"}, by=lea, at=now)
    assert Assignment.objects.count() == 2


def test_what_real_data_says_twice_is_stored_by_an_import(phones, alice, bob, now):
    for key in ("a", "b"):
        fields: services.AssignmentFields = {"member": bob, "role": "accountable", "external_id": key}
        services.offer_assignment(phones, fields, by=alice, at=now)
    assert Assignment.objects.count() == 2
    with pytest.raises(ValidationError) as caught:
        services.offer_assignment(phones, {"member": bob, "role": "informed", "external_id": "a"}, by=alice, at=now)
    assert field_of(caught) == {"external_id"}


def test_an_admins_import_brings_what_was_settled_elsewhere(phones, alice, lea, bob, now):
    gone = MemberFactory(workspace=bob.workspace, deactivated_at=now)
    fields: services.AssignmentFields = {"member": gone, "role": "accountable", "external_id": "a"}
    made = services.offer_assignment(phones, {**fields, "status": "accepted"}, by=alice, at=now)
    assert (made.status, made.answered_at, made.answered_by) == ("accepted", now, None)
    for by, key in ((lea, "b"), (alice, "")):
        said: services.AssignmentFields = {
            "member": bob, "role": "informed", "status": "accepted", "external_id": key
        }  # fmt: skip
        with pytest.raises(ValidationError) as caught:
            services.offer_assignment(phones, said, by=by, at=now)
        assert field_of(caught) == {"status"}


def test_what_was_declined_is_offered_anew(offer, lea, bob, now):
    services.decline_assignment(offer, reason="No time.", by=bob, at=now)
    again = services.offer_assignment(
        offer.responsibility, {"member": bob, "role": "responsible"}, by=lea, at=now + timedelta(days=1)
    )
    assert (again.pk, again.status, again.decline_reason) == (offer.pk, "offered", "")
    assert told(bob) == ["Lea asks you to be responsible for “Phone desk”"]


def test_a_form_sent_twice_offers_once(phones, lea, bob, now):
    key = uuid4()
    fields: services.AssignmentFields = {"member": bob, "role": "responsible"}
    first, again = (services.offer_assignment(phones, fields, by=lea, at=now, key=key) for _n in range(2))
    assert first == again
    assert len(told(bob)) == 1


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, "member"),
        ({"role": "boss"}, "role"),
        ({"hours_per_week": Decimal(169)}, "hours_per_week"),
        ({"hours_per_week": Decimal(-1)}, "hours_per_week"),
        ({"hours_per_week": Decimal("NaN")}, "hours_per_week"),
        ({"hours_per_week": Decimal("1.25")}, "hours_per_week"),
        ({"note": "x" * 2_001}, "note"),
    ],
)
def test_offer_refuses_what_has_no_shape(phones, lea, bob, now, fields, at):
    whole: Any = {"member": bob, "role": "responsible", **fields} if fields else {"role": "responsible"}
    with pytest.raises(ValidationError) as caught:
        services.offer_assignment(phones, whole, by=lea, at=now)
    assert at in field_of(caught)
    assert not Assignment.objects.exists()


def test_offer_refuses_both_a_person_and_a_team(phones, product, lea, bob, now):
    with pytest.raises(ValidationError) as caught:
        services.offer_assignment(phones, {"member": bob, "team": product, "role": "informed"}, by=lea, at=now)
    assert field_of(caught) == {"member"}


def test_offer_refuses_people_who_left_or_are_elsewhere(phones, lea, bob, eve, now):
    bob.deactivated_at = now
    bob.save()
    for person in (bob, eve):
        with pytest.raises(ValidationError) as caught:
            services.offer_assignment(phones, {"member": person, "role": "informed"}, by=lea, at=now)
        assert field_of(caught) == {"member"}


# ---- goals ----


def test_on_a_goal_only_those_who_see_it_are_named(bob, mo, lea, product, care, now):
    private = GoalFactory(owner=bob, visibility="private")
    ContributorFactory(goal=private, member=mo)
    services.offer_assignment(private, {"member": mo, "role": "consulted"}, by=bob, at=now)
    with pytest.raises(ValidationError) as caught:
        services.offer_assignment(private, {"member": lea, "role": "informed"}, by=bob, at=now)
    assert field_of(caught) == {"member"}
    of_team = GoalFactory(owner=bob, visibility="team", team=product)
    services.offer_assignment(of_team, {"team": product, "role": "informed"}, by=bob, at=now)
    with pytest.raises(ValidationError) as caught:
        services.offer_assignment(of_team, {"team": care, "role": "informed"}, by=bob, at=now)
    assert field_of(caught) == {"team"}


def test_an_admin_gives_out_no_private_goal(alice, bob, now):
    private = GoalFactory(owner=bob, visibility="private")
    with pytest.raises(PermissionDenied):
        services.offer_assignment(private, {"member": bob, "role": "responsible"}, by=alice, at=now)


def test_who_is_accountable_for_a_goal_gives_roles_on_it_out(goal, bob, mo, lea, now):
    with pytest.raises(PermissionDenied):
        services.offer_assignment(goal, {"member": lea, "role": "informed"}, by=mo, at=now)
    services.accept_assignment(
        services.offer_assignment(goal, {"member": mo, "role": "accountable"}, by=bob, at=now), by=mo, at=now
    )
    assert services.offer_assignment(goal, {"member": lea, "role": "informed"}, by=mo, at=now).goal == goal


def test_nobody_is_named_on_a_closed_goal(goal, bob, mo, now):
    goal.status, goal.closed_at = "achieved", now
    goal.save()
    with pytest.raises(ValidationError):
        services.offer_assignment(goal, {"member": mo, "role": "informed"}, by=bob, at=now)


def test_a_private_goal_is_not_named_outside(bob, mo, now):
    private = GoalFactory(owner=bob, visibility="private", title="Secret")
    ContributorFactory(goal=private, member=mo)
    services.offer_assignment(private, {"member": mo, "role": "consulted", "note": "Secret too"}, by=bob, at=now)
    notice = Notice.objects.select_related("recipient__user").get(recipient=mo)
    said = describe_notices([notice], at=now)[notice.pk]
    assert "Secret" not in f"{said.outside} {said.text}"
    private.contributions.all().delete()
    assert describe_notices([notice], at=now) == {}


# ---- answering ----


def test_accept_settles_the_offer_and_tells_who_offered(offer, phones, bob, lea, now):
    accepted = services.accept_assignment(offer, by=bob, at=now)
    services.accept_assignment(offer, by=bob, at=now)
    assert (accepted.status, accepted.answered_by, accepted.answered_at) == ("accepted", bob, now)
    assert told(bob) == []
    assert told(lea) == ["Bob agreed to be responsible for “Phone desk”"]
    assert verbs(phones) == ["responsibility.assigned", "assignment.accepted"]


def test_the_button_in_the_inbox_accepts(offer, bob, now):
    notice = Notice.objects.get(recipient=bob)
    inbox.do_act(notice, by=bob, at=now)
    offer.refresh_from_db()
    assert offer.status == "accepted"
    assert not Notice.objects.open().filter(recipient=bob).exists()


def test_decline_takes_a_reason_which_who_offered_reads(offer, bob, lea, now):
    with pytest.raises(ValidationError) as caught:
        services.decline_assignment(offer, reason="  ", by=bob, at=now)
    assert field_of(caught) == {"reason"}
    declined = services.decline_assignment(offer, reason="No time. ", by=bob, at=now)
    services.decline_assignment(offer, reason="Again.", by=bob, at=now)
    assert (declined.status, Assignment.objects.get().decline_reason) == ("declined", "No time.")
    notice = Notice.objects.select_related("recipient__user").get(recipient=lea)
    said = describe_notices([notice], at=now)[notice.pk]
    assert (said.title, said.quote) == ("Bob declined to be responsible for “Phone desk”", "No time.")


def test_what_was_accepted_can_be_given_back(offer, bob, lea, now):
    services.accept_assignment(offer, by=bob, at=now)
    services.decline_assignment(offer, reason="I go on leave.", by=bob, at=now)
    assert Assignment.objects.get().status == "declined"
    assert told(lea) == ["Bob declined to be responsible for “Phone desk”"]
    with pytest.raises(ValidationError):
        services.accept_assignment(offer, by=bob, at=now)


@pytest.mark.parametrize("who", ["alice", "lea", "mo", "gus", "eve"])
def test_nobody_answers_for_another(request, offer, now, who):
    member = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.accept_assignment(offer, by=member, at=now)
    with pytest.raises(PermissionDenied):
        services.decline_assignment(offer, reason="x", by=member, at=now)
    assert Assignment.objects.get().status == "offered"


# ---- changing and withdrawing ----


def test_another_role_is_a_new_offer(offer, bob, lea, now):
    services.accept_assignment(offer, by=bob, at=now)
    changed = services.update_assignment(offer, {"role": "accountable"}, by=lea, at=now + timedelta(hours=1))
    assert (changed.status, changed.answered_at) == ("offered", None)
    assert told(bob) == ["Lea asks you to be accountable for “Phone desk”"]


def test_more_hours_are_a_new_offer_and_fewer_are_not(offer, bob, lea, now):
    services.accept_assignment(offer, by=bob, at=now)
    assert services.update_assignment(offer, {"hours_per_week": Decimal(4)}, by=lea, at=now).status == "offered"
    services.accept_assignment(offer, by=bob, at=now)
    assert services.update_assignment(offer, {"hours_per_week": Decimal(2)}, by=lea, at=now).status == "accepted"


def test_whoever_holds_it_changes_their_own_hours_but_not_the_role(offer, phones, bob, now):
    services.accept_assignment(offer, by=bob, at=now)
    changed = services.update_assignment(offer, {"hours_per_week": Decimal(6), "note": "Mornings"}, by=bob, at=now)
    assert (changed.status, changed.hours_per_week, changed.note) == ("accepted", Decimal(6), "Mornings")
    assert verbs(phones)[-1] == "responsibility.assignment_changed"
    with pytest.raises(PermissionDenied):
        services.update_assignment(offer, {"role": "informed"}, by=bob, at=now)


def test_update_writes_nothing_where_nothing_differs(offer, phones, lea, now):
    before = Assignment.objects.get().updated_at
    services.update_assignment(offer, {"role": "responsible", "note": offer.note}, by=lea, at=now)
    assert Assignment.objects.get().updated_at == before
    assert verbs(phones) == ["responsibility.assigned"]


def test_update_refuses_a_role_the_party_has_already(offer, phones, bob, lea, now):
    other = services.offer_assignment(phones, {"member": bob, "role": "informed"}, by=lea, at=now)
    with pytest.raises(ValidationError) as caught:
        services.update_assignment(other, {"role": "responsible"}, by=lea, at=now)
    assert field_of(caught) == {"role"}


def test_withdraw_takes_it_away_and_settles_the_offer(offer, phones, lea, bob, now):
    with pytest.raises(PermissionDenied):
        services.withdraw_assignment(offer, by=bob, at=now)
    services.withdraw_assignment(offer, by=lea, at=now)
    assert not Assignment.objects.exists()
    assert not Notice.objects.open().exists()
    assert verbs(phones)[-1] == "responsibility.withdrawn"
    with pytest.raises(ValidationError):
        services.accept_assignment(offer, by=bob, at=now)


# ---- a cell of the matrix ----


def test_letters_touch_only_what_differs(offer, phones, lea, bob, now):
    services.set_letters(phones, bob, roles=["consulted"], was=[], by=lea, at=now)
    assert set(Assignment.objects.values_list("role", flat=True)) == {"responsible", "consulted"}
    services.set_letters(phones, bob, roles=["accountable"], was=["responsible"], by=lea, at=now)
    assert set(Assignment.objects.values_list("role", flat=True)) == {"accountable", "consulted"}
    services.set_letters(phones, bob, roles=["accountable"], was=[], by=lea, at=now)
    assert Assignment.objects.count() == 2


def test_letters_take_away_all_an_import_said(phones, alice, bob, now):
    for key in ("a", "b"):
        AssignmentFactory(responsibility=phones, member=bob, external_id=key)
    services.set_letters(phones, bob, roles=[], was=["responsible"], by=alice, at=now)
    assert not Assignment.objects.exists()


def test_letters_refuse_teammates_and_what_is_no_role(phones, product, bob, lea, now):
    with pytest.raises(PermissionDenied):
        services.set_letters(phones, bob, roles=["responsible"], was=[], by=bob, at=now)
    with pytest.raises(ValidationError):
        services.set_letters(phones, product, roles=["boss"], was=[], by=lea, at=now)
