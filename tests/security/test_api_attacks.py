"""What somebody with an account, and ill will, sends to the API."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.goals.services import refresh_progress
from apps.workspaces.models import Member, Team
from tests.factories import ContributorFactory, GoalFactory, KeyResultFactory

Api = Callable[..., APIClient]
GOALS = "/api/v1/goals/"


def cursor(*place: Any) -> str:
    """A forged cursor."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.fixture
def rolled_up(bob: Member, product: Team) -> Goal:
    """A team's goal whose progress is that of a goal beneath, which only the team sees."""
    goal = GoalFactory(owner=bob, team=product, visibility="team", title="Above")
    beneath = GoalFactory(owner=bob, team=product, visibility="team", title="Beneath", parent=goal)
    KeyResultFactory(goal=beneath, start_value=0, target_value=10, current_value=4, progress=0.4)
    refresh_progress(beneath)
    goal.refresh_from_db()
    assert goal.progress_source == "children"
    return goal


def test_roll_up_is_not_told_to_someone_named_from_outside(
    api_of: Api, bob: Member, mo: Member, rolled_up: Goal
) -> None:
    ContributorFactory(goal=rolled_up, member=mo)
    inside, outside = (api_of(each).get(f"{GOALS}{rolled_up.pk}/").json() for each in (bob, mo))
    assert (inside["progress"], inside["progress_source"]) == (0.4, "children")
    assert (outside["progress"], outside["progress_source"]) == (None, "none")


def test_check_in_form_does_not_tell_an_outsider_of_goals_beneath(
    client_of: Callable[[Member], Client], bob: Member, mo: Member, rolled_up: Goal
) -> None:
    ContributorFactory(goal=rolled_up, member=mo)
    url = reverse_in(rolled_up.workspace, "goals:check_in_create", rolled_up.pk)
    assert 'name="progress"' not in client_of(bob).get(url).content.decode()
    assert 'name="progress"' in client_of(mo).get(url).content.decode()


def test_deep_json_with_a_key_is_refused_as_without(api_of: Api, bob: Member) -> None:
    body = '{"title":' + "[" * 600 + "]" * 600 + "}"
    plain, keyed = (
        api_of(bob).post(GOALS, body, content_type="application/json", headers=headers)
        for headers in ({}, {"Idempotency-Key": "deep"})
    )
    assert (plain.status_code, keyed.status_code) == (400, 400)


def test_null_character_in_an_external_id_is_an_error_of_the_caller(api_of: Api, bob: Member) -> None:
    answer = api_of(bob).put(f"{GOALS}by-external-id/a%00b/", {"title": "x"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "external_id"


def test_forged_cursor_with_half_a_surrogate_is_refused(api_of: Api, goal: Goal, bob: Member) -> None:
    forged = cursor(0, ["title", "id"], ["\ud800", str(goal.pk)])
    assert api_of(bob).get(GOALS, {"ordering": "title", "cursor": forged}).status_code == 400


def test_forged_place_in_the_tree_gives_the_first_page(
    client_of: Callable[[Member], Client], goal: Goal, bob: Member
) -> None:
    url = reverse_in(goal.workspace, "goals:goal_list")
    forged = cursor(0, "\ud800", str(goal.team_id), 1, str(goal.pk))
    answer = client_of(bob).get(url, {"cycle": "all", "after": forged})
    assert answer.status_code == 200
    assert goal.title in answer.content.decode()


def test_a_thousand_contributor_rows_are_refused_before_they_are_looked_up(
    client_of: Callable[[Member], Client], goal: Goal, bob: Member, django_assert_max_num_queries: Any
) -> None:
    url = reverse_in(goal.workspace, "goals:goal_edit", goal.pk)
    rows = {"title": "x", "person_text": [f"Nobody {number}" for number in range(900)]}
    with django_assert_max_num_queries(100):
        answer = client_of(bob).post(url, rows)
    assert answer.status_code == 422 or "At most 200" in answer.content.decode()
