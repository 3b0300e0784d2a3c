"""The pages of tokens: made by oneself for oneself, seen once."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.activity.models import Event
from apps.integrations.models import ApiToken, token_is_well_formed
from apps.workspaces.models import Member
from tests.factories import ApiTokenFactory

ClientOf = Callable[[Member], Client]
LIST = "/w/harbour/programs/tokens/"
NEW = f"{LIST}new/"
GIVEN = {"name": " Nightly  sync ", "scopes": ["goals:read"], "lifetime": "90"}


def secret_in(page: str) -> str:
    """The token on the page of a new one."""
    return page.split('value="cpt_')[1].split('"', maxsplit=1)[0].join(["cpt_", ""])


def test_the_way_of_a_token(client_of: ClientOf, bob: Member) -> None:
    client = client_of(bob)
    assert "Programs sign in with tokens" in client.get(LIST).content.decode()
    made = client.post(NEW, GIVEN)
    secret = secret_in(made.content.decode())
    assert token_is_well_formed(secret)
    assert "no-store" in made["Cache-Control"]
    token = ApiToken.objects.get()
    assert (token.name, token.member, token.scopes) == ("Nightly sync", bob, ["goals:read"])
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/goals/", headers=headers).status_code == 200
    assert Client().get("/api/v1/members/", headers=headers).status_code == 403
    question = client.get(f"{LIST}{token.pk}/revoke/").content.decode()
    assert "Revoke “Nightly sync”?" in question
    assert Client().get("/api/v1/goals/", headers=headers).status_code == 200, "asking revokes nothing"
    client.post(f"{LIST}{token.pk}/revoke/")
    assert Client().get("/api/v1/goals/", headers=headers).status_code == 401
    assert "Revoked" in client.get(LIST).content.decode()


def test_the_secret_is_shown_once_and_kept_nowhere(
    client_of: ClientOf, bob: Member, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(bob)
    secret = secret_in(client.post(NEW, GIVEN).content.decode())
    session: SessionBase = client.session
    for place in (
        client.get(LIST).content.decode(),
        client.get(NEW).content.decode(),
        str(dict(session.items())),
        str(client.cookies),
        str(list(ApiToken.objects.values())),
        str(list(Event.objects.values())),
        caplog.text,
        str([cache._cache.get_client().get(key) for key in cache._cache.get_client().scan_iter()]),  # type: ignore[attr-defined]
    ):
        assert secret not in place
        assert secret[8:] not in place


def test_a_token_may_live_for_ever(client_of: ClientOf, bob: Member) -> None:
    client_of(bob).post(NEW, {**GIVEN, "lifetime": ""})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 101}, "at most 100"),
        ({"scopes": []}, "This field is required"),
        ({"scopes": ["cases:read"]}, "not one of the available choices"),
        ({"lifetime": "100000"}, "not one of the available choices"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(
    client_of: ClientOf, bob: Member, change: dict[str, object], words: str
) -> None:
    page = client_of(bob).post(NEW, {**GIVEN, **change}).content.decode()
    assert words in page
    assert not ApiToken.objects.exists()


def test_there_are_enough_tokens_at_some_point(client_of: ClientOf, bob: Member) -> None:
    ApiTokenFactory.create_batch(50, member=bob)
    assert "are enough" in client_of(bob).post(NEW, GIVEN).content.decode()
    assert ApiToken.objects.count() == 50


@pytest.mark.parametrize("name", ["alice", "adam", "mo", "gus", "eve"])
def test_a_token_does_not_exist_for_others(
    client_of: ClientOf, bob: Member, name: str, request: pytest.FixtureRequest
) -> None:
    token = ApiTokenFactory(member=bob, name="Bob's own")
    client = client_of(request.getfixturevalue(name))
    for ask in (client.get, client.post):
        assert ask(f"{LIST}{token.pk}/revoke/").status_code == 404
    assert "Bob&#x27;s own" not in client.get(LIST).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_guests_token_sees_what_the_guest_sees(client_of: ClientOf, gus: Member, goal: object) -> None:
    secret = secret_in(client_of(gus).post(NEW, GIVEN).content.decode())
    answer = Client().get("/api/v1/goals/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["results"] == []
