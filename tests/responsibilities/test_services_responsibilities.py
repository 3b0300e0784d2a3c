"""Writing, changing, archiving and restoring responsibilities, and what people are told of their reviews."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.activity.models import Event
from apps.notifications.models import Notice
from apps.responsibilities import services
from apps.responsibilities.models import Assignment, Responsibility
from tests.factories import AssignmentFactory, GoalFactory, ResponsibilityFactory, TeamFactory


def verbs(row):
    """What the log says of a row, oldest first."""
    return list(Event.objects.filter(subject_id=row.pk).order_by("at", "id").values_list("verb", flat=True))


def field_of(caught):
    """The names of the fields an error lies at."""
    return set(caught.value.message_dict) if hasattr(caught.value, "error_dict") else {"__all__"}


@pytest.fixture
def phones(harbour, product):
    return ResponsibilityFactory(workspace=harbour, title="Phone desk", team=product)


def test_create_keeps_all_it_is_told(alice, product, goal, now):
    made = services.create_responsibility(
        {
            "title": "  Phone \n desk ",
            "description": "Answer within a minute.",
            "team": product,
            "goal": goal,
            "review_on": date(2026, 9, 1),
            "external_id": "phones",
        },
        by=alice,
        at=now,
    )
    made.refresh_from_db()
    assert (made.title, made.team, made.goal, made.review_on) == ("Phone desk", product, goal, date(2026, 9, 1))
    assert (made.external_id, made.created_at, made.workspace) == ("phones", now, alice.workspace)
    assert verbs(made) == ["responsibility.created"]


def test_whoever_could_not_change_it_otherwise_is_accountable_for_it(bob, lea, product, now):
    own = services.create_responsibility({"title": "Duty rota", "team": product}, by=bob, at=now)
    assert [(each.member, each.role, each.status) for each in own.assignments.all()] == [
        (bob, "accountable", "accepted")
    ]
    assert services.update_responsibility(own, {"title": "Rota"}, by=bob, at=now).title == "Rota"
    led = services.create_responsibility({"title": "Intake", "team": product}, by=lea, at=now)
    assert not led.assignments.exists()


def test_who_is_named_accountable_is_asked(bob, lea, now):
    made = services.create_responsibility({"title": "Duty rota"}, accountable=lea, by=bob, at=now)
    assert [(each.member, each.status) for each in made.assignments.all()] == [(lea, "offered")]
    assert Notice.objects.filter(recipient=lea, kind="assignment_offered").count() == 1


def test_a_form_sent_twice_makes_one(alice, now):
    key = uuid4()
    first, again = (services.create_responsibility({"title": "X"}, by=alice, at=now, key=key) for _n in range(2))
    assert first == again
    assert Responsibility.objects.count() == 1


def test_create_refuses_guests_and_the_deactivated(gus, bob, now):
    with pytest.raises(PermissionDenied):
        services.create_responsibility({"title": "X"}, by=gus, at=now)
    bob.deactivated_at = now
    with pytest.raises(PermissionDenied):
        services.create_responsibility({"title": "X"}, by=bob, at=now)
    assert not Responsibility.objects.exists()


@pytest.mark.parametrize("title", ["", "  ", "\u202e\u200f", "x" * 1_001])
def test_create_refuses_what_is_no_title(alice, now, title):
    with pytest.raises(ValidationError) as caught:
        services.create_responsibility({"title": title}, by=alice, at=now)
    assert field_of(caught) == {"title"}


def test_what_the_writer_does_not_see_is_not_there(alice, bob, eve, now):
    hidden = GoalFactory(owner=bob, visibility="private")
    elsewhere = TeamFactory(workspace=eve.workspace)
    for field, value in (("goal", hidden), ("team", elsewhere)):
        with pytest.raises(ValidationError) as caught:
            services.create_responsibility({"title": "X", field: value}, by=alice, at=now)  # type: ignore[misc]
        assert field_of(caught) == {field}


def test_an_archived_team_takes_nothing_new_and_keeps_what_it_has(alice, product, phones, now):
    product.archived_at = now
    product.save()
    with pytest.raises(ValidationError):
        services.create_responsibility({"title": "X", "team": product}, by=alice, at=now)
    changed = services.update_responsibility(phones, {"title": "Phones", "team": product}, by=alice, at=now)
    assert changed.team == product


def test_an_external_id_is_there_once(alice, phones, now):
    services.update_responsibility(phones, {"external_id": "p"}, by=alice, at=now)
    with pytest.raises(ValidationError) as caught:
        services.create_responsibility({"title": "X", "external_id": "p"}, by=alice, at=now)
    assert field_of(caught) == {"external_id"}


def test_update_records_what_changed_and_nothing_where_nothing_did(alice, phones, now):
    services.update_responsibility(phones, {"title": "Phone desk", "description": ""}, by=alice, at=now)
    assert verbs(phones) == []
    services.update_responsibility(phones, {"title": "Phones"}, by=alice, at=now)
    assert Event.objects.get(subject_id=phones.pk).data["changes"] == {"title": ["Phone desk", "Phones"]}


def test_update_refuses_teammates(bob, mo, phones, now):
    for member in (bob, mo):
        with pytest.raises(PermissionDenied):
            services.update_responsibility(phones, {"title": "Mine"}, by=member, at=now)


def test_who_accepted_to_be_accountable_may_change_it(mo, phones, now):
    offer = AssignmentFactory(responsibility=phones, member=mo, role="accountable")
    with pytest.raises(PermissionDenied):
        services.update_responsibility(phones, {"title": "Mine"}, by=mo, at=now)
    services.accept_assignment(offer, by=mo, at=now)
    assert services.update_responsibility(phones, {"title": "Mine"}, by=mo, at=now).title == "Mine"


def test_archive_and_restore_come_back_with_who_held_it(alice, bob, phones, now):
    offer = services.offer_assignment(phones, {"member": bob, "role": "responsible"}, by=alice, at=now)
    services.archive_responsibility(phones, by=alice, at=now)
    services.archive_responsibility(phones, by=alice, at=now)
    assert not Notice.objects.open().exists()
    with pytest.raises(ValidationError):
        services.update_responsibility(phones, {"title": "X"}, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.offer_assignment(phones, {"member": bob, "role": "informed"}, by=alice, at=now)
    with pytest.raises(ValidationError):
        services.accept_assignment(offer, by=bob, at=now)
    restored = services.restore_responsibility(phones, by=alice, at=now)
    services.restore_responsibility(phones, by=alice, at=now)
    assert (restored.archived_at, Assignment.objects.get().status) == (None, "offered")
    assert verbs(phones)[1:] == ["responsibility.archived", "responsibility.restored"]


def test_archive_refuses_teammates(bob, phones, now):
    with pytest.raises(PermissionDenied):
        services.archive_responsibility(phones, by=bob, at=now)
    with pytest.raises(PermissionDenied):
        services.restore_responsibility(phones, by=bob, at=now)


# ---- reviews ----


def test_those_accountable_are_told_of_a_review_once_until_it_has_another_day(alice, mo, phones, now):
    AssignmentFactory(responsibility=phones, member=mo, role="accountable", status="accepted", answered_at=now)
    phones.review_on = now.date()
    phones.save()
    assert services.tell_of_reviews_due(now.date() - timedelta(days=1), at=now) == 0
    assert services.tell_of_reviews_due(now.date(), at=now) == 1
    assert services.tell_of_reviews_due(now.date() + timedelta(days=1), at=now) == 0
    assert Notice.objects.open().get().recipient == mo
    services.update_responsibility(phones, {"review_on": now.date() + timedelta(days=90)}, by=alice, at=now)
    assert not Notice.objects.open().exists()


def test_where_nobody_is_accountable_the_leads_are_told(lea, bob, phones, now):
    phones.review_on = now.date()
    phones.save()
    assert services.tell_of_reviews_due(now.date(), at=now) == 1
    assert Notice.objects.get().recipient == lea


def test_nobody_is_told_of_an_archived_one(alice, lea, phones, now):
    phones.review_on = now.date()
    phones.save()
    services.archive_responsibility(phones, by=alice, at=now)
    assert services.tell_of_reviews_due(now.date(), at=now) == 0
