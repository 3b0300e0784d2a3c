"""Key results over HTTP."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.goals import services
from apps.goals.models import KeyResult
from tests.factories import KeyResultFactory
from tests.opened import send

SENT = {"title": "Median wait", "kind": "number", "start_value": "14", "target_value": "9", "unit": "days"}


def url(row, name):
    """The address of a page of a goal or a key result."""
    return reverse(f"goals:{name}", args=[row.workspace.slug, row.pk])


def test_form_adds_a_key_result_once(client_of, bob, goal):
    client, data = client_of(bob), SENT | {"weight": "2.5", "due_on": "2026-03-01", "key": str(uuid4())}
    for _turn in range(2):
        assert client.post(url(goal, "key_result_create"), data)["Location"] == url(goal, "goal_detail")
    made = KeyResult.objects.get()
    assert (made.start_value, made.target_value, made.unit, made.weight) == (
        Decimal(14),
        Decimal(9),
        "days",
        Decimal("2.5"),
    )


def test_milestone_needs_no_figures(client_of, bob, goal):
    client_of(bob).post(url(goal, "key_result_create"), {"title": "Form is live", "kind": "milestone"})
    assert KeyResult.objects.get().target_value == 1


def test_direction_is_shown(client_of, bob, goal):
    KeyResultFactory(goal=goal, start_value=14, target_value=9)
    body = client_of(bob).get(url(goal, "goal_detail")).content.decode()
    assert "Less is better" in body
    KeyResult.objects.update(start_value=1)
    assert "More is better" in client_of(bob).get(url(goal, "goal_detail")).content.decode()


BAD = {
    "title": ["", " ", "\u200f", "x" * 1001, "a\x00b"],
    "kind": ["", "letters", "\x00"],
    "start_value": ["", "many", "NaN", "sNaN", "Infinity", "1e400", "1.23456", "9" * 30, "\x00"],
    "target_value": ["", "14", "-Infinity", "<script>", "\u202e9x"],
    "unit": ["x" * 41, "a\x00b"],
    "weight": ["0", "-1", "101", "NaN", "many", "1.234"],
    "due_on": ["2026-02-30", "soon", "99999-01-01"],
    "key": ["nonsense"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(f, v) for f, vs in BAD.items() for v in vs], ids=lambda each: str(each)[:20]
)
def test_bad_input_is_answered_at_its_field(client_of, bob, goal, field, value):
    client = client_of(bob)
    response = client.post(url(goal, "key_result_create"), SENT | {field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not KeyResult.objects.exists()


def test_ten_megabytes_are_refused_whole(client_of, bob, goal):
    assert client_of(bob).post(url(goal, "key_result_create"), SENT | {"title": "x" * 10_000_000}).status_code == 400


def test_edit_starts_from_what_is_there_and_changes_it(client_of, bob, goal):
    key_result = KeyResultFactory(goal=goal, start_value=14, target_value=9, unit="days")
    client = client_of(bob)
    body = client.get(url(key_result, "key_result_edit")).content.decode()
    assert 'value="14"' in body
    send(client, url(key_result, "key_result_edit"), SENT | {"target_value": "7.5"})
    assert KeyResult.objects.get().target_value == Decimal("7.5")


def test_kind_with_readings_is_refused_at_the_field(client_of, bob, goal, now):
    key_result = KeyResultFactory(goal=goal)
    services.create_check_in(goal, {}, readings={key_result.pk: Decimal(5)}, by=bob, at=now)
    response = send(client_of(bob), url(key_result, "key_result_edit"), SENT | {"kind": "milestone"})
    assert "kind" in response.context["form"].errors


def test_removal_asks_first(client_of, bob, goal, now):
    key_result = KeyResultFactory(goal=goal)
    services.create_check_in(goal, {}, readings={key_result.pk: Decimal(5)}, by=bob, at=now)
    client = client_of(bob)
    assert "1 reading goes with it." in client.get(url(key_result, "key_result_delete")).content.decode()
    assert KeyResult.objects.exists()
    client.post(url(key_result, "key_result_delete"))
    assert not KeyResult.objects.exists()


def test_closed_goal_keeps_its_key_results(client_of, bob, goal, now):
    key_result = KeyResultFactory(goal=goal)
    services.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    client = client_of(bob)
    response = client.post(url(key_result, "key_result_delete"), follow=True)
    assert "This goal is closed." in response.content.decode()
    assert send(client, url(key_result, "key_result_edit"), SENT).status_code == 422
    assert KeyResult.objects.exists()


@pytest.mark.parametrize("name", ["key_result_edit", "key_result_delete"])
def test_who_may_not_is_refused_and_who_does_not_see_finds_nothing(client_of, bob, mo, adam, eve, goal, now, name):
    key_result = KeyResultFactory(goal=goal)
    assert client_of(mo).post(url(key_result, name), SENT).status_code == 403
    services.update_goal(goal, {"visibility": "private"}, by=bob, at=now)
    for member in (mo, adam, eve):
        assert client_of(member).get(url(key_result, name)).status_code == 404
    assert client_of(bob).get(url(key_result, name)).status_code == 200
