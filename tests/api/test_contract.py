"""What holds for every address of the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

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
from tests.factories import GoalFactory, MemberFactory

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


def test_links_lead_to_the_site_whatever_host_and_port_are_claimed(api_of: Api, bob: Member) -> None:
    GoalFactory.create_batch(2, workspace=bob.workspace, owner=bob)
    listed = api_of(bob).get("/api/v1/goals/?page_size=1", headers={"Host": "testserver:6666"}).json()
    assert listed["next"].startswith(f"{settings.SITE_URL}/api/v1/goals/?")
    made = api_of(bob).post("/api/v1/goals/", {"title": "Made"}, headers={"Host": "testserver:6666"})
    assert made["Location"] == f"{settings.SITE_URL}/api/v1/goals/{made.json()['id']}/"


def test_an_answer_carries_its_id(api_of: Api, bob: Member) -> None:
    ids = {api_of(bob).get(path)["X-Request-Id"] for path in ("/api/v1/me/", "/api/v1/me/", "/api/v1/unicorns/")}
    assert len(ids) == 3


def test_every_address_answers_options(api_of: Api, bob: Member) -> None:
    client = api_of(bob)
    paths = [
        "goals/",
        f"goals/{uuid4()}/",
        "goals/by-external-id/x/",
        "reported-hours/by-week/2026-03-02/",
        "bulk/",
        "me/",
    ]
    for path in paths:
        answer = client.options(f"/api/v1/{path}")
        assert (answer.status_code, answer.content) == (204, b""), path
        assert "OPTIONS" in answer["Allow"]


def test_a_put_that_asks_for_nothing_to_be_there_overwrites_nothing(api_of: Api, bob: Member) -> None:
    client = api_of(bob)
    path, only_new = "/api/v1/goals/by-external-id/g-1/", {"If-None-Match": "*"}
    assert client.put(path, {"title": "First"}, headers=only_new).status_code == 201
    problem_of(client.put(path, {"title": "Second"}, headers=only_new), 412)
    assert Goal.objects.get().title == "First"


@pytest.mark.parametrize("form", ["W/{}", "{}-gzip", "{}-br", "W/{}-zstd", '"x", {}'])
def test_tags_are_understood_as_proxies_hand_them_on(api_of: Api, bob: Member, form: str) -> None:
    client = api_of(bob)
    goal = GoalFactory.create(workspace=bob.workspace, owner=bob)
    path = f"/api/v1/goals/{goal.pk}/"
    tag = client.get(path)["ETag"]
    given = form.format(tag) if "-" not in form else form.format(tag[:-1]) + '"'
    assert client.get(path, headers={"If-None-Match": given}).status_code == 304
    assert client.patch(path, {"title": "Changed"}, headers={"If-Match": given}).status_code == 200
    problem_of(client.patch(path, {"title": "Again"}, headers={"If-Match": given}), 412)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5), ("title", True), ("reason", 1.5), ("importance", "4"), ("importance", True), ("due_on", 20260304),
        ("owner", {"external_id": "a\u0000b"}), ("cycle", {"external_id": "\u0000"}), ("visibility", 1),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_by_its_field(api_of: Api, bob: Member, field: str, value: object) -> None:
    answer = api_of(bob).post("/api/v1/goals/", {"title": "T", field: value})
    assert [each["field"] for each in problem_of(answer, 400)["errors"]] == [field]
    assert not Goal.objects.exists()


def test_a_time_without_a_zone_is_refused(api_of: Api, bob: Member, goal: Goal) -> None:
    body = {"goal": str(goal.pk), "made_at": "2026-03-02T10:00:00", "note": "x"}
    assert problem_of(api_of(bob).post("/api/v1/check-ins/", body), 400)["errors"][0]["field"] == "made_at"
    answer = api_of(bob).get("/api/v1/goals/?updated_since=2026-03-02T10:00:00")
    assert problem_of(answer, 400)["errors"][0]["field"] == "updated_since"


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "0000-01-01", "x", ""])
def test_a_day_that_no_calendar_has_is_said_in_words(api_of: Api, bob: Member, text: str) -> None:
    problem = problem_of(api_of(bob).get("/api/v1/goals/", {"due_before": text}), 400)
    assert problem["errors"][0] == {"field": "due_before", "code": "invalid", "message": "Give a date as YYYY-MM-DD."}


def test_an_idempotent_answer_is_its_tokens_alone(api_of: Api, bob: Member) -> None:
    key = {"Idempotency-Key": "same"}
    first = api_of(bob).post("/api/v1/goals/", {"title": "Once"}, headers=key)
    other = api_of(bob, "goals:read").post("/api/v1/goals/", {"title": "Once"}, headers=key)
    assert (first.status_code, other.status_code) == (201, 403)
    another = api_of(bob).post("/api/v1/goals/", {"title": "Another's"}, headers=key)
    assert another.status_code == 201


def test_strangers_are_counted_by_their_address_not_by_what_they_claim(db: None, settings: Any) -> None:
    settings.API_RATE = 2
    claims = [{"X-Forwarded-For": f"203.0.113.{n}"} for n in range(4)]
    codes = [APIClient().get("/api/v1/schema/?q=1", headers=claim).status_code for claim in claims]
    assert codes == [400, 400, 429, 429]
