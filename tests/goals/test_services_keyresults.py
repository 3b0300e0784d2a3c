"""Key results."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.activity.models import Event
from apps.goals import services
from apps.goals.models import Goal, KeyResult, Reading
from apps.goals.services import KeyResultFields
from tests.factories import GoalFactory, KeyResultFactory

NUMBER: KeyResultFields = {
    "title": "Median wait",
    "start_value": Decimal(14),
    "target_value": Decimal(9),
    "unit": "days",
}


def field_of(caught):
    """The names of the fields an error lies at."""
    return set(caught.value.message_dict) if hasattr(caught.value, "error_dict") else {"__all__"}


def test_key_results_stand_in_the_order_they_came(goal, bob, now):
    made = [services.create_key_result(goal, {**NUMBER, "title": title}, by=bob, at=now) for title in "ABC"]
    assert list(goal.key_results.all()) == made
    assert [each.position for each in made] == [1, 2, 3]


def test_first_key_result_makes_the_goal_measured(goal, bob, now):
    services.create_key_result(goal, {**NUMBER, "due_on": date(2026, 3, 1), "weight": Decimal("2.5")}, by=bob, at=now)
    goal.refresh_from_db()
    assert (goal.progress, goal.progress_source) == (0.0, "key_results")
    event = Event.objects.get(verb="goal.key_result_added")
    assert (event.subject_id, event.data["title"]) == (goal.pk, "Median wait")


def test_milestone_runs_from_0_to_1_whatever_is_said(goal, bob, now):
    fields: KeyResultFields = {"title": "Form", "kind": "milestone", "unit": "x"}
    fields |= {"start_value": Decimal(3), "target_value": Decimal(7)}
    made = services.create_key_result(goal, fields, by=bob, at=now)
    assert (made.start_value, made.target_value, made.unit) == (Decimal(0), Decimal(1), "")


@pytest.mark.parametrize("who", ["mo", "gus", "eve"])
def test_key_results_are_changed_by_who_changes_the_goal(request, goal, bob, now, who):
    key_result, member = KeyResultFactory(goal=goal), request.getfixturevalue(who)
    for change in (
        lambda: services.create_key_result(goal, NUMBER, by=member, at=now),
        lambda: services.update_key_result(key_result, {"title": "Other"}, by=member, at=now),
        lambda: services.delete_key_result(key_result, by=member, at=now),
    ):
        with pytest.raises(PermissionDenied):
            change()
    assert KeyResult.objects.get().title == key_result.title


def test_key_results_of_a_closed_goal_stay(goal, bob, now):
    key_result = KeyResultFactory(goal=goal)
    services.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    with pytest.raises(ValidationError):
        services.delete_key_result(key_result, by=bob, at=now)


@pytest.mark.parametrize(
    ("fields", "at_field"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u200e"}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"target_value": Decimal(14)}, "target_value"),
        ({"start_value": Decimal("NaN")}, "start_value"),
        ({"start_value": Decimal("sNaN")}, "start_value"),
        ({"target_value": Decimal("Infinity")}, "target_value"),
        ({"target_value": Decimal("1e400")}, "target_value"),
        ({"target_value": Decimal("1.23456")}, "target_value"),
        ({"unit": "x" * 41}, "unit"),
        ({"weight": Decimal(0)}, "weight"),
        ({"weight": Decimal(101)}, "weight"),
        ({"kind": "letters"}, "kind"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_key_result_refuses_at_the_field(goal, bob, now, fields, at_field):
    said = NUMBER | fields
    with pytest.raises(ValidationError) as caught:
        services.create_key_result(goal, said, by=bob, at=now)
    assert field_of(caught) == {at_field}
    assert not KeyResult.objects.exists()


def test_same_key_makes_one_key_result(goal, bob, now):
    key, other = uuid4(), GoalFactory(owner=bob)
    one = services.create_key_result(goal, NUMBER, by=bob, at=now, key=key)
    assert services.create_key_result(goal, NUMBER, by=bob, at=now, key=key) == one
    with pytest.raises(ValidationError):
        services.create_key_result(other, NUMBER, by=bob, at=now, key=key)


def test_new_target_measures_anew(goal, bob, now):
    key_result = services.create_key_result(goal, NUMBER, by=bob, at=now)
    services.create_check_in(goal, {}, readings={key_result.pk: Decimal("11.5")}, by=bob, at=now)
    services.update_key_result(key_result, {"target_value": Decimal(4)}, by=bob, at=now)
    assert Goal.objects.get().progress == pytest.approx(0.25)
    changes = Event.objects.get(verb="goal.key_result_changed").data["changes"]
    assert changes == {"target_value": [9.0, 4.0]}


def test_update_that_changes_nothing_is_not_told(goal, bob, now):
    key_result = services.create_key_result(goal, NUMBER, by=bob, at=now)
    services.update_key_result(key_result, NUMBER, by=bob, at=now)
    assert not Event.objects.filter(verb="goal.key_result_changed").exists()


@pytest.mark.parametrize(("old", "new"), [("number", "milestone"), ("milestone", "number")])
def test_kind_stays_once_there_are_readings(goal, bob, now, old, new):
    key_result = services.create_key_result(goal, {**NUMBER, "kind": old}, by=bob, at=now)
    services.update_key_result(key_result, {"kind": new, "target_value": Decimal(5)}, by=bob, at=now)
    services.create_check_in(goal, {}, readings={key_result.pk: Decimal(1)}, by=bob, at=now)
    with pytest.raises(ValidationError) as caught:
        services.update_key_result(key_result, {"kind": old}, by=bob, at=now)
    assert field_of(caught) == {"kind"}


def test_removed_key_result_leaves_its_last_figures_in_the_history(goal, bob, now):
    key_result = services.create_key_result(goal, NUMBER, by=bob, at=now)
    services.create_check_in(goal, {}, readings={key_result.pk: Decimal(11)}, by=bob, at=now)
    services.delete_key_result(KeyResult.objects.get(), by=bob, at=now)
    assert not Reading.objects.exists()
    assert Goal.objects.get().progress_source == "none"
    data = Event.objects.get(verb="goal.key_result_removed").data
    assert (data["title"], data["start"], data["target"], data["last"]) == ("Median wait", 14.0, 9.0, 11.0)


def test_weights_count(goal, bob, now):
    heavy = services.create_key_result(goal, {**NUMBER, "weight": Decimal(3)}, by=bob, at=now)
    services.create_key_result(goal, NUMBER, by=bob, at=now)
    services.create_check_in(goal, {}, readings={heavy.pk: Decimal(9)}, by=bob, at=now)
    assert Goal.objects.get().progress == pytest.approx(0.75)
