"""Responsibilities and assignments over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.integrations.models import SCOPES
from apps.integrations.services import tokens
from apps.responsibilities.models import Assignment, Responsibility
from apps.workspaces.models import Member
from tests.factories import AssignmentFactory, GoalFactory, ResponsibilityFactory

BASE = "/api/v1"


@pytest.fixture
def api_of() -> Callable[..., APIClient]:
    """`api_of(member)` is a client with a fresh token of the member."""

    def make(member: Member, *scopes: str) -> APIClient:
        _token, secret = tokens.create_token(
            name="Test", scopes=scopes or SCOPES, expires_at=None, by=member, at=timezone.now()
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make


@pytest.fixture
def phones(harbour, product):
    return ResponsibilityFactory(workspace=harbour, title="Phone desk", team=product, external_id="phones")


def put(client: APIClient, resource: str, key: str, body: dict[str, Any]) -> Any:
    return client.put(f"{BASE}/{resource}/by-external-id/{key}/", body, format="json")


def test_a_sync_can_run_again_without_doubles(api_of, alice, bob, goal):
    client = api_of(alice)
    thing = {"title": "Duty rota", "goal": str(goal.pk), "review_on": "2099-09-01"}
    held = {
        "responsibility": {"external_id": "rota"},
        "member": str(bob.pk),
        "role": "accountable",
        "status": "accepted",
    }
    for status in (201, 200):
        assert put(client, "responsibilities", "rota", thing).status_code == status
        assert put(client, "assignments", "rota-bob", held).status_code == status
    row = client.get(f"{BASE}/responsibilities/?external_id=rota").json()["results"][0]
    assert (row["goal"], row["findings"], row["archived_at"]) == (str(goal.pk), ["nobody_responsible"], None)
    assert Assignment.objects.get().status == "accepted"


def test_bulk_takes_both(api_of, alice, bob):
    rows = [
        {"resource": "responsibilities", "external_id": "a", "fields": {"title": "Duty rota"}},
        {
            "resource": "assignments",
            "external_id": "b",
            "fields": {"responsibility": {"external_id": "a"}, "member": str(bob.pk), "role": "informed"},
        },
    ]
    answer = api_of(alice).post(f"{BASE}/bulk/", {"rows": rows}, format="json")
    assert answer.status_code == 200, answer.json()
    assert (Responsibility.objects.count(), Assignment.objects.get().member) == (1, bob)


def test_offer_accept_and_decline(api_of, lea, bob, phones):
    body = {"responsibility": str(phones.pk), "member": str(bob.pk), "role": "responsible", "hours_per_week": 2.5}
    made = api_of(lea).post(f"{BASE}/assignments/", body, format="json").json()
    assert (made["status"], made["hours_per_week"], made["offered_by"]) == ("offered", 2.5, str(lea.pk))
    there = f"{BASE}/assignments/{made['id']}"
    assert api_of(lea).post(f"{there}/accept/").status_code == 403
    assert api_of(bob).post(f"{there}/accept/").json()["status"] == "accepted"
    problem = api_of(bob).post(f"{there}/decline/", {}, format="json").json()
    assert problem["errors"][0]["field"] == "reason"
    assert api_of(bob).post(f"{there}/decline/", {"reason": "No time."}, format="json").json()["status"] == "declined"
    assert api_of(lea).delete(f"{there}/").status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "role"),
        ({"role": "informed"}, "responsibility"),
        ({"role": "informed", "responsibility": {"external_id": "phones"}}, "member"),
        ({"role": "informed", "responsibility": {"external_id": "phones"}, "team": "x"}, "team"),
        ({"role": "boss", "responsibility": {"external_id": "phones"}}, "role"),
        ({"role": "informed", "responsibility": {"external_id": "phones"}, "shoe": 42}, "shoe"),
    ],
)
def test_bad_input_is_told_by_its_field(api_of, lea, phones, body, field):
    answer = api_of(lea).post(f"{BASE}/assignments/", body, format="json")
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_nobody_answers_for_another_and_it_stays_where_it_is(api_of, alice, lea, bob, goal, phones, now):
    offer = AssignmentFactory(responsibility=phones, member=bob, offered_at=now)
    there = f"{BASE}/assignments/{offer.pk}/"
    for body, field in (({"status": "accepted"}, "status"), ({"goal": str(goal.pk)}, "goal")):
        answer = api_of(lea).patch(there, body, format="json")
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert api_of(bob).patch(there, {"hours_per_week": 3}, format="json").json()["hours_per_week"] == 3
    assert api_of(bob).patch(there, {"role": "informed"}, format="json").status_code == 403


def test_two_who_change_it_at_once_lose_nothing(api_of, lea, phones):
    there = f"{BASE}/responsibilities/{phones.pk}/"
    client = api_of(lea)
    tag = client.get(there)["ETag"]
    assert client.patch(there, {"title": "Phones"}, format="json", HTTP_IF_MATCH=tag).status_code == 200
    assert client.patch(there, {"title": "Desk"}, format="json", HTTP_IF_MATCH=tag).status_code == 412


def test_lists_are_filtered_and_name_what_is_unknown(api_of, alice, harbour, product, phones, now):
    ResponsibilityFactory(workspace=harbour, title="Old", archived_at=now)
    client = api_of(alice)

    def titles(query: str) -> list[str]:
        answer = client.get(f"{BASE}/responsibilities/?{query}").json()
        return [row["title"] for row in answer["results"]]

    assert titles(f"team={product.pk}") == titles("is_archived=false") == titles("search=phone") == ["Phone desk"]
    assert titles("finding=no_accountable") == ["Phone desk"]
    assert titles("ordering=-title") == ["Phone desk", "Old"]
    for query in ("finding=x", "shoe=42", "ordering=shoe"):
        assert client.get(f"{BASE}/responsibilities/?{query}").status_code == 400


def test_what_hangs_on_hidden_goals_is_absent(api_of, alice, bob, now):
    private = GoalFactory(owner=bob, visibility="private")
    held = AssignmentFactory(goal=private, member=bob, offered_at=now)
    duty = ResponsibilityFactory(workspace=bob.workspace, goal=private)
    client = api_of(alice)
    assert client.get(f"{BASE}/assignments/").json()["results"] == []
    assert client.get(f"{BASE}/assignments/{held.pk}/").status_code == 404
    assert client.get(f"{BASE}/responsibilities/{duty.pk}/").json()["goal"] is None
    assert client.get(f"{BASE}/responsibilities/?goal={private.pk}").json()["results"] == []
    assert api_of(bob).get(f"{BASE}/assignments/{held.pk}/").status_code == 200


def test_a_token_needs_the_scope(api_of, alice, phones):
    assert api_of(alice, "goals:read").get(f"{BASE}/responsibilities/").status_code == 403
    reader = api_of(alice, "responsibilities:read")
    assert reader.get(f"{BASE}/assignments/").status_code == 200
    assert reader.post(f"{BASE}/responsibilities/{phones.pk}/archive/").status_code == 403
    assert api_of(alice).post(f"{BASE}/responsibilities/{phones.pk}/archive/").json()["archived_at"]
    assert api_of(alice).post(f"{BASE}/responsibilities/{phones.pk}/restore/").json()["archived_at"] is None
