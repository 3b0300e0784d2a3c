"""The pages of webhooks: one's own and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from apps.integrations.models import Webhook, WebhookDelivery
from apps.workspaces.models import Member
from tests.factories import WebhookDeliveryFactory, WebhookFactory
from tests.opened import send

ClientOf = Callable[[Member], Client]
LIST = "/w/harbour/programs/webhooks/"
NEW = f"{LIST}new/"
GIVEN = {"url": "https://93.184.215.14/hook", "events": ["goal.created", "team.updated"], "is_active": "on"}


@pytest.fixture
def hook(bob: Member) -> Webhook:
    """Bob's."""
    found: Webhook = WebhookFactory(member=bob, url="https://93.184.215.14/hook")
    return found


def page_of(hook: Webhook) -> str:
    """Its address."""
    return f"{LIST}{hook.pk}/"


def test_the_way_of_a_webhook(client_of: ClientOf, bob: Member) -> None:
    client = client_of(bob)
    assert "Instead of asking again and again" in client.get(LIST).content.decode()
    answer = client.post(NEW, GIVEN)
    hook = Webhook.objects.get()
    assert answer["Location"] == page_of(hook)
    page = client.get(page_of(hook)).content.decode()
    assert hook.secret in page
    assert "A goal was written" in page
    assert "Nothing has been sent yet" in page
    assert "no-store" in client.get(page_of(hook))["Cache-Control"]
    send(client, f"{page_of(hook)}edit/", {**GIVEN, "events": ["cycle.closed"], "is_active": ""})
    hook.refresh_from_db()
    assert (hook.events, hook.is_active) == (["cycle.closed"], False)
    assert "Switched off" in client.get(LIST).content.decode()
    assert "Delete this webhook?" in client.get(f"{page_of(hook)}delete/").content.decode()
    assert Webhook.objects.exists(), "asking deletes nothing"
    assert client.post(f"{page_of(hook)}delete/")["Location"] == LIST
    assert not Webhook.objects.exists()


def test_the_secret_stands_on_its_page_only(client_of: ClientOf, bob: Member, hook: Webhook) -> None:
    client = client_of(bob)
    for path in (LIST, NEW, f"{page_of(hook)}edit/", f"{page_of(hook)}delete/"):
        assert hook.secret not in client.get(path).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": ""}, "This field is required"),
        ({"url": "ftp://example.org/"}, "Give an address that begins with https://"),
        ({"url": "https://user:secret@93.184.215.14/"}, "Give an address that begins with https://"),
        ({"url": "http://127.0.0.1/"}, "not public"),
        ({"url": "http://169.254.169.254/latest/"}, "not public"),
        ({"url": "https://[::1]/"}, "not public"),
        ({"events": []}, "This field is required"),
        ({"events": ["feedback.sent"]}, "not one of the available choices"),
    ],
)
@pytest.mark.parametrize("place", ["new", "edit"])
def test_what_does_not_fit_is_told_at_its_field(
    client_of: ClientOf, bob: Member, hook: Webhook, change: dict[str, object], words: str, place: str
) -> None:
    path = NEW if place == "new" else f"{page_of(hook)}edit/"
    page = send(client_of(bob), path, {**GIVEN, **change}).content.decode()
    assert words in page
    assert list(Webhook.objects.values_list("url", flat=True)) == [hook.url]


def test_the_log_shows_what_was_sent_and_sends_it_again(client_of: ClientOf, bob: Member, hook: Webhook) -> None:
    message = WebhookDeliveryFactory(
        webhook=hook, state="failed", attempts=3, status_code=500, payload={"type": "goal.created", "note": "<b>"}
    )
    client = client_of(bob)
    page = client.get(page_of(hook)).content.decode()
    assert "500" in page
    assert "&lt;b&gt;" in page
    assert client.post(f"{LIST}messages/{message.pk}/redeliver/")["Location"] == page_of(hook)
    message.refresh_from_db()
    assert message.state == "queued"
    assert "waiting to be sent already" in (
        client.post(f"{LIST}messages/{message.pk}/redeliver/", follow=True).content.decode()
    )


@pytest.mark.parametrize("name", ["alice", "adam", "mo", "eve"])
def test_a_webhook_does_not_exist_for_others(
    client_of: ClientOf, hook: Webhook, name: str, request: pytest.FixtureRequest
) -> None:
    message = WebhookDeliveryFactory(webhook=hook, state="failed")
    client = client_of(request.getfixturevalue(name))
    for path in ("", "edit/", "delete/"):
        assert client.get(f"{page_of(hook)}{path}").status_code == 404
    for path in (f"{page_of(hook)}edit/", f"{page_of(hook)}delete/", f"{LIST}messages/{message.pk}/redeliver/"):
        assert client.post(path, GIVEN).status_code == 404
    assert hook.url not in client.get(LIST).content.decode()
    hook.refresh_from_db()
    assert WebhookDelivery.objects.get().state == "failed"


def test_guests_have_none(client_of: ClientOf, gus: Member) -> None:
    client = client_of(gus)
    assert [client.get(path).status_code for path in (LIST, NEW)] == [403, 403]
    assert client.post(NEW, GIVEN).status_code == 403
    assert LIST not in client.get("/w/harbour/programs/tokens/").content.decode()


def test_a_secret_that_no_key_opens_is_said_and_kept(client_of: ClientOf, bob: Member, hook: Webhook, settings: Any):
    client, keys, secret = client_of(bob), settings.ENCRYPTION_KEYS, hook.secret
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert "Secret cannot be read" in client.get(LIST).content.decode()
    page = client.get(page_of(hook)).content.decode()
    assert "This secret cannot be read: the key that opens it is missing on the server." in page
    assert "signing-secret" not in page
    answer = send(client, f"{page_of(hook)}edit/", {**GIVEN, "events": ["cycle.closed"]})
    assert answer["Location"] == page_of(hook)
    settings.ENCRYPTION_KEYS = keys
    kept = Webhook.objects.get()
    assert (kept.secret, kept.events) == (secret, ["cycle.closed"])
