"""What holds for every address of the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.goals.models import Goal
from apps.integrations.models import ApiToken, new_api_token, token_is_well_formed
from apps.integrations.services import tokens
from apps.workspaces.models import Member
from tests.factories import MemberFactory

Api = Callable[..., APIClient]


def problem_of(response: Any, status: int) -> Any:
    """The problem of an error answer."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    return body


def test_unknown_paths_are_problems(api_of: Api, bob: Member) -> None:
    problem_of(api_of(bob).get("/api/v1/unicorns/"), 404)
    problem_of(Client().get("/api/v2/"), 404)


def test_a_missing_slash_loses_neither_method_nor_body(api_of: Api, bob: Member) -> None:
    response = api_of(bob).post("/api/v1/goals", {"title": "Written without the slash"}, format="json")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/goals/")
    followed = api_of(bob).post("/api/v1/goals", {"title": "Written without the slash"}, format="json", follow=True)
    assert (followed.status_code, followed.json()["title"]) == (201, "Written without the slash")


def test_wrong_methods_are_problems(api_of: Api, bob: Member) -> None:
    response = api_of(bob).post("/api/v1/me/")
    problem_of(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("body", [b"{", b"", b"[1,", b'{"title": NaN}', b"\xff\xfe", b"[" * 3000, b'"\\ud800"'])
def test_malformed_json_is_a_problem(api_of: Api, bob: Member, body: bytes) -> None:
    problem_of(api_of(bob).post("/api/v1/goals/", body, content_type="application/json"), 400)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_a_problem(api_of: Api, bob: Member, body: bytes) -> None:
    problem_of(api_of(bob).post("/api/v1/goals/", body, content_type="application/json"), 400)


def test_other_media_types_are_problems(api_of: Api, bob: Member) -> None:
    problem_of(api_of(bob).post("/api/v1/goals/", b"title=x", content_type="text/plain"), 415)


def test_a_body_too_large_is_a_problem(api_of: Api, bob: Member) -> None:
    body = b'{"title": "' + b"x" * settings.API_MAX_BYTES + b'"}'
    problem_of(api_of(bob).post("/api/v1/goals/", body, content_type="application/json"), 413)
    assert not Goal.objects.exists()


@pytest.mark.parametrize(
    "header", ["Bearer x", "Bearer ", "Bearer cpt_" + "A" * 42, "Basic eDp5", "Bearer " + "é" * 9, "Bearer a b c"]
)
def test_bad_tokens_open_nothing(db: None, header: str) -> None:
    response = APIClient().get("/api/v1/me/", headers={"Authorization": header})
    problem_of(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_opens_nothing_once_revoked_expired_or_its_member_is_gone(
    api_of: Api, bob: Member, lea: Member
) -> None:
    now = timezone.now()
    for end in (
        lambda: tokens.revoke_token(ApiToken.objects.get(member=bob), by=bob, at=now),
        lambda: ApiToken.objects.filter(member=bob).update(expires_at=now),
        lambda: Member.objects.filter(pk=bob.pk).update(deactivated_at=now),
    ):
        ApiToken.objects.filter(member=bob).delete()
        client = api_of(bob)
        assert client.get("/api/v1/me/").status_code == 200
        end()
        problem_of(client.get("/api/v1/me/"), 401)


def test_tokens_have_a_checksum_and_are_not_stored(bob: Member) -> None:
    token, secret = tokens.create_token(name="x", scopes=["goals:read"], expires_at=None, by=bob, at=timezone.now())
    assert token_is_well_formed(secret)
    assert secret.startswith("cpt_")
    assert not token_is_well_formed(secret[:-1] + ("A" if secret[-1] != "A" else "B"))
    stored = " ".join(str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list().get())
    assert secret not in stored
    assert secret[10:] not in stored
    assert len({new_api_token() for _number in range(100)}) == 100


def test_use_of_a_token_is_noticed_once_a_minute(api_of: Api, bob: Member) -> None:
    client = api_of(bob)
    client.get("/api/v1/me/")
    first = ApiToken.objects.get().last_used_at
    client.get("/api/v1/me/")
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    client.get("/api/v1/me/")
    last = ApiToken.objects.get().last_used_at
    assert last is not None
    assert last > first - timedelta(minutes=1)


def test_scopes_cut_down_what_a_token_may(api_of: Api, bob: Member, goal: Goal) -> None:
    reader = api_of(bob, "goals:read")
    assert reader.get("/api/v1/goals/").status_code == 200
    assert "goals:write" in problem_of(reader.patch(f"/api/v1/goals/{goal.pk}/", {"title": "x"}), 403)["detail"]
    problem_of(reader.get("/api/v1/members/"), 403)


def test_a_session_works_with_csrf_only(bob: Member, goal: Goal) -> None:
    assert bob.user is not None
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob.user)
    assert client.get("/api/v1/goals/").json()["results"][0]["id"] == str(goal.pk)
    body = {"title": "By session"}
    problem_of(client.post("/api/v1/goals/", body, content_type="application/json"), 403)
    client.get("/account/profile/")
    token = client.cookies["csrftoken"].value
    sent = client.post("/api/v1/goals/", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert (sent.status_code, sent.json()["title"]) == (201, "By session")


def test_a_session_in_two_workspaces_says_which(bob: Member, eve: Member) -> None:
    assert bob.user is not None
    MemberFactory(workspace=eve.workspace, user=bob.user, name="Bob")
    client = Client()
    client.force_login(bob.user)
    problem_of(client.get("/api/v1/me/"), 401)
    for slug in ("harbour", "elsewhere"):
        assert client.get("/api/v1/me/", headers={"X-Workspace": slug}).json()["workspace"]["slug"] == slug
    problem_of(client.get("/api/v1/me/", headers={"X-Workspace": "nowhere"}), 401)


def test_callers_without_anything_are_asked_for_a_token(db: None) -> None:
    problem_of(APIClient().get("/api/v1/goals/"), 401)


def test_limits_are_told_and_held(api_of: Api, bob: Member, settings: Any) -> None:
    settings.API_RATE = 2
    client = api_of(bob)
    moment = timezone.now().replace(second=20, microsecond=0)
    with time_machine.travel(moment, tick=False):
        answers = [client.get("/api/v1/me/") for _number in range(3)]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["RateLimit-Reset"] for answer in answers} == {"40"}
    problem_of(answers[2], 429)
    assert int(answers[2]["Retry-After"]) >= 40
    with time_machine.travel(moment + timedelta(seconds=40), tick=False):
        assert client.get("/api/v1/me/").status_code == 200


def test_answers_are_not_shared_by_caches(api_of: Api, bob: Member) -> None:
    said = api_of(bob).get("/api/v1/me/")["Cache-Control"]
    assert "private" in said
    assert {"no-cache", "no-store"} & set(said.replace(",", " ").split())


def test_a_parameter_given_twice_is_refused(api_of: Api, bob: Member) -> None:
    body = problem_of(api_of(bob).get("/api/v1/goals/?status=active&status=draft"), 400)
    assert body["errors"][0]["field"] == "status"
