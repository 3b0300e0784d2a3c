"""What a page answers where the same thing was changed by somebody else at the same moment."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils.html import escape
from psycopg import errors

from apps.core.resending import sent_form
from apps.goals import services
from apps.goals.models import Goal
from apps.workspaces.backends import MembershipBackend
from tests.factories import GoalFactory
from tests.opened import OpenedForm

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


TOO_SLOW = "This took longer than it may, so it was stopped and nothing was changed."
WRITTEN = "Because “the others” <wait> for us"


def stopped(error: str) -> Callable[..., None]:
    """A service that the database stops in the middle."""
    return lambda *_args, **_named: refuse(error)


def test_what_took_too_long_keeps_what_was_typed_and_can_be_sent_again(client_of: Any, bob: Any) -> None:
    client, address = client_of(bob), reverse("goals:goal_create", args=["harbour"])
    [untouched] = [form for form in OpenedForm(client.get(address).content.decode()).forms if "title" in form]
    sent = {"title": "A title of five words", "reason": WRITTEN, "csrfmiddlewaretoken": "of the old page"}
    with patch.object(services, "create_goal", side_effect=stopped("57014")):
        answer = client.post(address, {**untouched, **sent})
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store, private")
    page = answer.content.decode()
    assert TOO_SLOW in page
    assert "database" not in page
    assert f"<li>{escape(WRITTEN)}</li>" in page
    assert "of the old page" not in page
    assert f'action="{address}"' in page
    [again] = OpenedForm(page).forms
    assert again["csrfmiddlewaretoken"] != [""]
    assert not Goal.objects.filter(title=sent["title"]).exists()
    assert client.post(address, again).status_code == 302
    assert Goal.objects.get(title=sent["title"]).reason == WRITTEN


def test_who_waited_too_long_for_others_can_send_again_too(client_of: Any, bob: Any, goal: Any) -> None:
    address = reverse("goals:goal_activate", args=["harbour", goal.pk])
    with patch.object(services, "activate_goal", side_effect=stopped("55P03")):
        page = client_of(bob).post(address, {"note": "two words"}).content.decode()
    assert 'name="note" value="two words"' in page
    assert f'action="{address}"' in page


def test_a_script_hears_one_sentence(client_of: Any, bob: Any, goal: Any) -> None:
    address = reverse("goals:goal_activate", args=["harbour", goal.pk])
    with patch.object(services, "activate_goal", side_effect=stopped("57014")):
        answer = client_of(bob).post(address, {"note": "two words"}, HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert answer.content.decode().startswith(TOO_SLOW)


@pytest.mark.parametrize("name", ["password", "oldpassword", "password2", "code", "client_secret", "token"])
def test_secrets_are_never_written_into_a_page(rf: Any, name: str) -> None:
    """And what lacks one cannot be sent again by itself."""
    sent = sent_form(rf.post("/x/?y=1", {name: "hush hush", "title": "of two"}))
    assert sent is not None
    assert (sent.address, sent.fields, sent.is_whole) == ("/x/?y=1", (("title", "of two"),), False)
    assert sent.words == ["of two"]


def test_a_file_has_to_be_chosen_again(rf: Any) -> None:
    sent = sent_form(rf.post("/x/", {"title": "of two", "file": SimpleUploadedFile("a.csv", b"title")}))
    assert sent is not None
    assert not sent.is_whole


def test_a_page_that_took_too_long_leads_back_to_itself(client_of: Any, bob: Any) -> None:
    path = "/w/harbour/goals/?status=active"
    with patch.object(MembershipBackend, "get_user", side_effect=too_slow()):
        client = client_of(bob)
        client.raise_request_exception = False
        answer = client.get(path, HTTP_ACCEPT_LANGUAGE="de")
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert f'href="{path}"' in page
    assert "Das hat länger gedauert, als es darf" in page


def too_slow() -> OperationalError:
    """As Django raises it outside of any view."""
    error = OperationalError("canceling statement due to statement timeout")
    error.__cause__ = errors.QueryCanceled()
    return error


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
