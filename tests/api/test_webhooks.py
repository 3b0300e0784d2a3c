"""Webhooks: who is told what, signed how, and what happens where nobody answers."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from apps.core import net
from apps.goals import services as goals
from apps.goals.models import Goal
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import webhook_sending, webhooks
from apps.integrations.services.webhook_sending import BATCH, PAUSE_AFTER, WAITS, send_due_messages
from apps.notifications.models import Delivery
from apps.workspaces.models import Member
from tests.factories import WebhookDeliveryFactory, WebhookFactory

Api = Callable[..., APIClient]


class WebhookReceiver:
    """A real HTTP server that keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_args: Any, **_rest: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings: Any) -> Iterator[WebhookReceiver]:
    """The server, listed by the administrator."""
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    found = WebhookReceiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def hook(receiver: WebhookReceiver, bob: Member) -> Webhook:
    """Bob's webhook."""
    events = ["goal.created", "goal.updated", "goal.checked_in"]
    return webhooks.create_webhook({"url": receiver.url, "events": events}, by=bob, at=timezone.now())


def test_a_message_is_signed_and_says_what_changed(
    hook: Webhook, receiver: WebhookReceiver, bob: Member, goal: Goal
) -> None:
    goals.update_goal(goal, {"title": "Answer every second call"}, by=bob, at=timezone.now())
    assert send_due_messages(at=timezone.now()) == {"delivered": 1}
    [(headers, body)] = receiver.got
    content = json.loads(body)
    assert content["type"] == "goal.updated"
    assert content["data"]["id"] == str(goal.pk)
    assert content["data"]["changed"] == ["title"]
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert WebhookDelivery.objects.get().state == "delivered"


def test_what_cannot_be_signed_is_set_aside_and_sent_when_the_key_is_back(
    hook: Webhook, receiver: WebhookReceiver, bob: Member, mo: Member, goal: Goal, settings: Any
) -> None:
    keys, at = settings.ENCRYPTION_KEYS, timezone.now()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    other = webhooks.create_webhook({"url": receiver.url, "events": ["goal.updated"]}, by=mo, at=at)
    goals.update_goal(goal, {"title": "Answer every second call"}, by=bob, at=at)
    assert send_due_messages(at=at) == {"delivered": 1, "retried": 1}
    assert len(receiver.got) == 1, "the other one, on the same host"
    row = WebhookDelivery.objects.get(webhook=hook)
    assert (row.state, row.error) == ("queued", "No key opens its signing secret.")
    assert Webhook.objects.get(pk=hook.pk).failing_since == at
    assert Webhook.objects.get(pk=other.pk).failing_since is None
    settings.ENCRYPTION_KEYS = keys
    assert send_due_messages(at=at + WAITS[0]) == {"delivered": 1}
    assert Webhook.objects.get(pk=hook.pk).failing_since is None


def test_a_change_that_is_rolled_back_tells_nobody(hook: Webhook, bob: Member, goal: Goal) -> None:
    with pytest.raises(ValidationError):
        goals.update_goal(goal, {"title": ""}, by=bob, at=timezone.now())
    assert not WebhookDelivery.objects.exists()


def test_nobody_is_told_of_what_they_may_not_see(
    receiver: WebhookReceiver, bob: Member, mo: Member, goal: Goal
) -> None:
    webhooks.create_webhook({"url": receiver.url, "events": ["goal.created"]}, by=mo, at=timezone.now())
    goals.create_goal({"title": "Mine", "owner": bob, "visibility": "private"}, by=bob, at=timezone.now())
    assert not WebhookDelivery.objects.exists(), "not even a row that says when something happened"
    assert send_due_messages(at=timezone.now()) == {}
    assert receiver.got == []


def test_what_is_hidden_before_it_is_sent_stays_unsaid(
    receiver: WebhookReceiver, bob: Member, mo: Member, goal: Goal
) -> None:
    webhooks.create_webhook({"url": receiver.url, "events": ["goal.updated"]}, by=mo, at=timezone.now())
    goals.update_goal(goal, {"title": "Answer every second call"}, by=bob, at=timezone.now())
    goals.update_goal(goal, {"visibility": "private"}, by=bob, at=timezone.now())
    assert send_due_messages(at=timezone.now()) == {"dropped": 1}
    assert receiver.got == []
    dropped = WebhookDelivery.objects.get()
    assert (dropped.payload, dropped.error) == (None, "Its owner may not see what it is about.")


def test_what_waits_while_a_webhook_is_switched_off_says_so(
    hook: Webhook, receiver: WebhookReceiver, bob: Member, goal: Goal
) -> None:
    goals.update_goal(goal, {"title": "Other"}, by=bob, at=timezone.now())
    webhooks.update_webhook(hook, {"is_active": False}, by=bob, at=timezone.now())
    assert send_due_messages(at=timezone.now()) == {"dropped": 1}
    assert (receiver.got, WebhookDelivery.objects.get().error) == ([], "The webhook was switched off.")


def test_no_name_is_asked_for_while_a_transaction_holds_rows(
    hook: Webhook, bob: Member, monkeypatch: pytest.MonkeyPatch, receiver: WebhookReceiver, transactional_db: None
) -> None:
    asked = []

    def asks(host: str, port: int) -> list[str]:
        asked.append(connection.in_atomic_block)
        return ["127.0.0.1"]

    monkeypatch.setattr("apps.core.net.allowed_addresses", asks)
    webhooks.update_webhook(hook, {"url": receiver.url}, by=bob, at=timezone.now())
    webhooks.create_webhook({"url": receiver.url, "events": ["goal.created"]}, by=bob, at=timezone.now())
    assert asked == [False, False]


def test_a_failure_is_tried_again_with_the_same_id_and_body(
    hook: Webhook, receiver: WebhookReceiver, bob: Member, goal: Goal
) -> None:
    receiver.status = 500
    now = timezone.now()
    goals.update_goal(goal, {"title": "Other"}, by=bob, at=now)
    assert send_due_messages(at=now) == {"retried": 1}
    assert send_due_messages(at=now) == {}
    goals.update_goal(goal, {"title": "Yet another"}, by=bob, at=now + timedelta(seconds=1))
    WebhookDelivery.objects.filter(type="goal.updated").order_by("-created_at").first().delete()  # type: ignore[union-attr]
    receiver.status = 200
    assert send_due_messages(at=now + WAITS[0]) == {"delivered": 1}
    (first, first_body), (second, second_body) = receiver.got
    assert first["webhook-id"] == second["webhook-id"]
    assert first_body == second_body


def test_waits_grow_and_span_a_day() -> None:
    assert sorted(WAITS) == WAITS
    assert sum(WAITS, timedelta()) >= timedelta(hours=23)


def test_a_day_of_failures_pauses_it_and_tells_its_owner_once(
    hook: Webhook, receiver: WebhookReceiver, bob: Member, goal: Goal
) -> None:
    receiver.status = 503
    now = timezone.now()
    goals.update_goal(goal, {"title": "Other"}, by=bob, at=now)
    send_due_messages(at=now)
    later = now + PAUSE_AFTER
    WebhookDelivery.objects.update(next_try_at=later)
    send_due_messages(at=later)
    hook.refresh_from_db()
    assert hook.paused_at == later
    assert [(row.kind, row.address) for row in Delivery.objects.all()] == [("webhook_paused", bob.user.email)]  # type: ignore[union-attr]
    goals.update_goal(goal, {"title": "More"}, by=bob, at=later)
    assert WebhookDelivery.objects.count() == 1


def test_a_webhook_that_is_gone_is_paused_at_once(
    hook: Webhook, receiver: WebhookReceiver, bob: Member, goal: Goal
) -> None:
    receiver.status = 410
    goals.update_goal(goal, {"title": "Other"}, by=bob, at=timezone.now())
    assert send_due_messages(at=timezone.now()) == {"failed": 1}
    hook.refresh_from_db()
    assert hook.paused_at is not None


def test_redirects_are_not_followed(hook: Webhook, receiver: WebhookReceiver, bob: Member, goal: Goal) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    goals.update_goal(goal, {"title": "Other"}, by=bob, at=timezone.now())
    send_due_messages(at=timezone.now())
    assert len(receiver.got) == 1


FORBIDDEN = [
    "127.0.0.1", "127.1", "0.0.0.0", "0", "10.0.0.1", "172.16.0.1", "192.168.1.1",  # noqa: S104 - to be refused
    "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "2130706433", "0x7f000001", "0177.0.0.1",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]",
    "[ff02::1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", FORBIDDEN)
def test_addresses_that_are_not_public_are_refused(db: None, bob: Member, host: str) -> None:
    with pytest.raises(ValidationError) as error:
        webhooks.create_webhook({"url": f"http://{host}/", "events": ["goal.created"]}, by=bob, at=timezone.now())
    assert "url" in error.value.message_dict
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "https://",
        "https://user:pw@example.org/",
        "https://exa mple.org/",
        "//x",
        "https://h:99999/",
        "file:///etc/passwd",
        "https://h:0/",
        "https://example.org/\r\nX: y",
    ],
)
def test_strange_addresses_are_refused(db: None, bob: Member, url: str) -> None:
    with pytest.raises(ValidationError) as error:
        webhooks.create_webhook({"url": url, "events": ["goal.created"]}, by=bob, at=timezone.now())
    assert "url" in error.value.message_dict


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, receiver: WebhookReceiver, settings: Any
) -> None:
    """The connection goes to the address that was checked: the name is asked once."""
    settings.WEBHOOK_ALLOW = []
    asked: list[str] = []

    def resolve(host: str, port: int, **_rest: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, port))]

    connected: list[str] = []

    def connect(address: tuple[str, int], *_args: Any, **_rest: Any) -> Any:
        connected.append(address[0])
        raise OSError("no network here")

    monkeypatch.setattr("apps.core.net.socket.getaddrinfo", resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with pytest.raises(OSError, match="no network here"):
        net.post("http://rebind.example.org/", b"{}", {})
    assert connected == ["93.184.215.14"]
    assert asked == ["rebind.example.org"]


def test_one_private_address_among_public_ones_forbids_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr("apps.core.net.socket.getaddrinfo", lambda *args, **kwargs: answer)
    with pytest.raises(net.ForbiddenAddressError):
        net.allowed_addresses("mixed.example.org", 80)


def test_secrets_lie_encrypted_and_are_never_answered(hook: Webhook, api_of: Api, bob: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM integrations_webhook")
        assert hook.secret not in cursor.fetchone()[0]
    assert "secret" not in api_of(bob).get(f"/api/v1/webhooks/{hook.pk}/").json()


def test_webhooks_over_the_api(
    hook: Webhook, receiver: WebhookReceiver, api_of: Api, bob: Member, alice: Member, goal: Goal
) -> None:
    client = api_of(bob)
    url = f"/api/v1/webhooks/{hook.pk}/"
    goals.update_goal(goal, {"title": "Other"}, by=bob, at=timezone.now())
    send_due_messages(at=timezone.now())
    [message] = client.get(f"{url}deliveries/").json()["results"]
    assert (message["state"], message["status_code"]) == ("delivered", 204)
    again = client.post(f"{url}deliveries/{message['id']}/redeliver/")
    assert (again.status_code, again.json()["state"]) == (200, "queued")
    send_due_messages(at=timezone.now())
    assert len(receiver.got) == 2
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    for other in (api_of(alice),):
        assert other.get(url).status_code == 404
        assert other.get(f"{url}deliveries/").status_code == 404
        assert other.get("/api/v1/webhooks/").json()["results"] == []
    assert client.patch(url, {"events": ["unicorn.seen"]}).status_code == 400
    assert client.patch(url, {"secret": "short"}).json()["errors"][0]["field"] == "secret"
    assert client.delete(url).status_code == 204
    assert not Webhook.objects.exists()


def test_a_workspace_with_much_to_say_delays_nobody_else_s(bob: Member, eve: Member, receiver: WebhookReceiver) -> None:
    """Else what an import made waits before everybody's news until it is all out."""
    at = timezone.now()
    loud, also_loud, quiet = (
        WebhookFactory(member=owner, url=receiver.url, events=["goal.created"]) for owner in (bob, bob, eve)
    )
    for hook in (loud, also_loud):
        for minutes in range(BATCH):
            WebhookDeliveryFactory(webhook=hook, next_try_at=at - timedelta(minutes=100 + minutes))
    late = [WebhookDeliveryFactory(webhook=quiet, next_try_at=at) for _each in range(3)]
    taken = [row.pk for row in webhook_sending._claim(at=at)]
    assert len(taken) == BATCH
    assert [taken.index(row.pk) for row in sorted(late, key=lambda row: row.pk)] == [1, 3, 5]
    assert len(webhook_sending._claim(at=at)) == BATCH
    assert len(webhook_sending._claim(at=at)) == 3
    assert webhook_sending._claim(at=at) == []


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_take_different_messages(bob: Member) -> None:
    hook = WebhookFactory(member=bob)
    at = timezone.now()
    for _each in range(BATCH + 10):
        WebhookDeliveryFactory(webhook=hook, next_try_at=at)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        mine = {row.pk for row in webhook_sending._claim(at=at)}
        theirs = other.submit(_claimed_elsewhere, at).result()
    assert (len(mine), len(theirs)) == (BATCH, 10)
    assert not mine & theirs


def _claimed_elsewhere(at: datetime) -> set[UUID]:
    try:
        return {row.pk for row in webhook_sending._claim(at=at)}
    finally:
        connection.close()
