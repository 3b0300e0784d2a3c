"""A unique word in what is private, looked for in everything the others can get."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.core import net
from apps.goals import services as goals
from apps.goals.models import Goal
from apps.integrations.models import EVENTS, WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.services.webhook_sending import send_due_messages
from apps.workspaces.models import Member
from tests.factories import GoalFactory

Api = Callable[..., APIClient]
WORD = "xylophonquartz"
QUERIES = ("", "?render=html", "?page_size=1", "?ordering=created_at", f"?search={WORD}", f"?external_id={WORD}")
LISTS = ("members", "teams", "values", "cycles", "goals", "key-results", "check-ins", "webhooks", "exports")


@pytest.fixture
def secret(bob: Member, goal: Goal) -> Goal:
    """A private goal of bob's beneath one that everybody sees, with the word wherever a word can stand."""
    now = timezone.now()
    fields: Any = {
        "title": f"{WORD} title", "reason": f"{WORD} reason", "description": f"{WORD} text", "labels": [WORD],
        "owner": bob, "visibility": "private", "external_id": f"{WORD}-id",
        "parent": goal, "url": f"https://{WORD}.example.org/",
    }  # fmt: skip
    private = goals.create_goal(fields, by=bob, at=now)
    measure = goals.create_key_result(
        private,
        {"title": f"{WORD} measure", "unit": WORD, "target_value": Decimal(10)},
        by=bob,
        at=now,
    )
    said: Any = {"note": f"{WORD} note", "blockers": f"{WORD} blocker", "external_id": f"{WORD}-said"}
    goals.create_check_in(private, said, readings={measure.pk: Decimal(3)}, by=bob, at=now)
    return private


def words_of(client: APIClient, private: Goal) -> Iterator[tuple[str, str]]:
    """(address, everything answered: body and headers) of every list with each order and search, and of every row."""
    for name in LISTS:
        for query in QUERIES:
            url: str | None = f"/api/v1/{name}/{query}"
            while url:
                response = client.get(url)
                told = response.content.decode().replace(f"search={WORD}", "").replace(f"external_id={WORD}", "")
                yield url, told + str(response.headers)
                rows = response.json().get("results", []) if response.status_code == 200 else []
                for row in rows:
                    each = client.get(f"/api/v1/{name}/{row['id']}/?render=html")
                    yield each.request["PATH_INFO"], each.content.decode() + str(each.headers)
                url = response.json().get("next") if response.status_code == 200 and len(rows) == 1 else None
    for path in (f"goals/{private.pk}/", f"goals/{private.pk}/reopen/", f"goals/?parent={private.parent_id}"):
        response = client.get(f"/api/v1/{path}")
        yield path, response.content.decode()
    refused = client.patch(f"/api/v1/goals/{private.pk}/", {"title": "x"})
    yield "PATCH", refused.content.decode()
    upserted = client.put(f"/api/v1/goals/by-external-id/{WORD}-id/", {"title": "x"})
    yield "PUT", upserted.content.decode().replace(f"{WORD}-id", "")  # eve makes one of her own of that id


@pytest.mark.parametrize("who", ["lea", "mo", "gus", "adam", "alice", "eve"])
def test_no_answer_tells_others_of_a_private_goal(
    who: str, request: pytest.FixtureRequest, api_of: Api, secret: Goal, bob: Member
) -> None:
    person: Member = request.getfixturevalue(who)
    found = [address for address, told in words_of(api_of(person), secret) if WORD in told]
    assert found == []
    assert WORD in api_of(bob).get("/api/v1/goals/").content.decode()


def test_tags_of_others_answers_do_not_move_with_a_private_goal(
    api_of: Api, mo: Member, bob: Member, secret: Goal, goal: Goal
) -> None:
    """The tag of what mo may see is the same whatever happens where mo may not look."""
    client = api_of(mo)
    paths = ["/api/v1/goals/", f"/api/v1/goals/{goal.pk}/", "/api/v1/key-results/", "/api/v1/check-ins/"]
    before = [client.get(path)["ETag"] for path in paths]
    goals.update_goal(secret, {"title": "Other"}, by=bob, at=timezone.now())
    GoalFactory(owner=bob, visibility="private")
    assert [client.get(path)["ETag"] for path in paths] == before


def test_no_webhook_log_line_or_redis_key_holds_it(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    api_of: Api,
    mo: Member,
    adam: Member,
    bob: Member,
    request: pytest.FixtureRequest,
) -> None:
    sent: list[bytes] = []

    def post(_url: str, body: bytes, _headers: Any, **_rest: Any) -> Any:
        sent.append(body)
        raise OSError("nobody there")

    monkeypatch.setattr(net, "post", post)
    monkeypatch.setattr(net, "allowed_addresses", lambda *_args: ["93.184.215.14"])
    for person in (mo, adam):
        hook: Any = {"url": "https://hooks.example.org/", "events": list(EVENTS)}
        webhooks.create_webhook(hook, by=person, at=timezone.now())
    caplog.set_level(logging.DEBUG)
    private: Goal = request.getfixturevalue("secret")
    client = api_of(bob)
    client.get("/api/v1/goals/", {"search": WORD})
    client.patch(f"/api/v1/goals/{private.pk}/", {"reason": f"{WORD} again"}, headers={"Idempotency-Key": WORD})
    send_due_messages(at=timezone.now() + timedelta(seconds=1))
    assert not WebhookDelivery.objects.exists(), "not even a row that says when it changed"
    assert not any(WORD.encode() in body for body in sent)
    assert not WebhookDelivery.objects.filter(payload__icontains=WORD).exists()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("django.db", "psycopg"))]
    assert not [line for line in ours if WORD in line]
    redis = cache._cache.get_client()  # type: ignore[attr-defined]
    keys = list(redis.scan_iter())
    assert keys
    assert not [key for key in keys if WORD.encode() in key or WORD.encode() in (redis.get(key) or b"")]


def test_visitors_are_told_nothing(secret: Goal) -> None:
    for name in LISTS:
        response = Client().get(f"/api/v1/{name}/")
        assert response.status_code == 401
        assert WORD not in response.content.decode()
