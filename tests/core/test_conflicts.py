"""What a page answers where the same thing was changed by somebody else at the same moment."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import reverse

from apps.goals import services
from apps.workspaces.backends import MembershipBackend
from tests.factories import GoalFactory

pytestmark = pytest.mark.django_db
WORDS = "Somebody else changed the same thing at this moment, so nothing was saved."


def refuse(state: str) -> None:
    """What PostgreSQL answers with this code, as a service would meet it: its transaction is undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'met another' USING ERRCODE = '{state}'; END $$")


@pytest.fixture
def goal(bob: Any) -> Any:
    return GoalFactory(owner=bob, status="draft", activated_at=None)


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03", "23505"])
def test_a_change_that_met_another_is_said_kindly(client_of: Any, bob: Any, goal: Any, state: str) -> None:
    page = reverse("goals:goal_detail", args=["harbour", goal.pk])
    with patch.object(services, "activate_goal", side_effect=lambda *_args, **_named: refuse(state)):
        client, address = client_of(bob), reverse("goals:goal_activate", args=["harbour", goal.pk])
        answer = client.post(address, HTTP_REFERER=f"http://testserver{page}")
        elsewhere = client.post(address, HTTP_REFERER="http://evil.example/")
        to_script = client.post(address, HTTP_HX_REQUEST="true")
    assert {answer.status_code, elsewhere.status_code, to_script.status_code} == {409}
    assert WORDS in answer.content.decode()
    assert f'href="http://testserver{page}"' in answer.content.decode()
    assert "evil" not in elsewhere.content.decode()
    assert to_script["Content-Type"] == "text/plain; charset=utf-8"
    assert to_script.content.decode().startswith(WORDS)
    goal.refresh_from_db()
    assert goal.status == "draft"


def test_a_database_that_is_away_is_no_conflict(client_of: Any, bob: Any, goal: Any) -> None:
    client, address = client_of(bob), reverse("goals:goal_activate", args=["harbour", goal.pk])
    with patch.object(services, "activate_goal", side_effect=OperationalError("server closed the connection")):
        answer = client.post(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("path", ["/w/harbour/", "/w/harbour/goals/", "/api/v1/goals/", "/settings/"])
def test_who_is_signed_in_hears_that_the_database_is_away(client_of: Any, bob: Any, path: str) -> None:
    """The user is loaded outside the middleware that translates errors."""
    client = client_of(bob)
    client.raise_request_exception = False
    with patch.object(MembershipBackend, "get_user", side_effect=OperationalError("connection refused")):
        answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    kind = "application/problem+json" if path.startswith("/api/") else "text/html"
    assert answer["Content-Type"].startswith(kind)
