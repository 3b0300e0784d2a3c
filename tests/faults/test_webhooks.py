"""Webhooks in front of servers that hang, and senders that are killed or meet each other."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from apps.core import net
from apps.goals import services as goals
from apps.goals.models import Goal
from apps.integrations.models import WebhookDelivery
from apps.integrations.services import webhook_sending, webhooks
from apps.integrations.services.webhook_sending import LEASE, send_due_messages
from apps.workspaces.models import Member
from tests.counts import FULL, times

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MESSAGES = 60


class RecordingReceiver:
    """A real server that keeps (webhook-id, body) of what it is sent, and notes it in a list shared with others."""

    def __init__(self, happened: list[str], delay: float = 0.0) -> None:
        self.got: list[tuple[str, bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.headers["webhook-id"], body))
                happened.append("received")
                time.sleep(delay)
                with suppress(OSError):
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *_args: Any, **_rest: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop it."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def happened(settings: Any) -> list[str]:
    """What happened, in its order; and webhooks may reach this machine."""
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    return []


@pytest.fixture
def receiver(happened: list[str]) -> Iterator[RecordingReceiver]:
    """A server that answers within some milliseconds."""
    with closing(RecordingReceiver(happened, delay=0.005)) as found:
        yield found


def hook(url: str, owner: Member) -> Any:
    """A webhook of changed goals."""
    return webhooks.create_webhook({"url": url, "events": ["goal.updated"]}, by=owner, at=timezone.now())


def change(goal: Goal, count: int, by: Member) -> None:
    """As many messages to each webhook."""
    for number in range(count):
        goals.update_goal(goal, {"title": f"Title {number}"}, by=by, at=timezone.now())


def serve_silence(listening: socket.socket, drip: bytes, happened: list[str]) -> None:
    """Take connections, say nothing or a byte at a time, and note when they are cut."""
    while True:
        try:
            talk, _peer = listening.accept()
        except OSError:
            return
        threading.Thread(target=stay, args=(talk, drip, happened), daemon=True).start()


def stay(talk: socket.socket, drip: bytes, happened: list[str]) -> None:
    """Until the other side hangs up."""
    talk.settimeout(0.05)
    with suppress(ConnectionError, BrokenPipeError):
        talk.recv(65_536)
        while True:
            if drip:
                talk.sendall(drip)
            try:
                if not talk.recv(65_536):
                    break
            except TimeoutError:
                continue
    happened.append("cut")


@pytest.mark.parametrize("drip", [b"", b"x"], ids=["silent", "dripping"])
def test_a_server_that_hangs_holds_up_nobody_else(
    drip: bytes,
    happened: list[str],
    receiver: RecordingReceiver,
    goal: Goal,
    bob: Member,
    mo: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others get all theirs before it is even given up, and it costs one request, not one a message."""
    monkeypatch.setattr(net, "EXCHANGE_SECONDS", 1.5)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        threading.Thread(target=serve_silence, args=(silent, drip, happened), daemon=True).start()
        stuck = hook(f"http://127.0.0.1:{silent.getsockname()[1]}/", bob)
        hook(receiver.url, mo)
        change(goal, 5, bob)
        now = timezone.now()
        assert send_due_messages(at=now) == {"delivered": 5, "retried": 1, "postponed": 4}
    assert happened[:5] == ["received"] * 5
    assert Counter(happened)["cut"] <= 1
    waiting = WebhookDelivery.objects.filter(webhook=stuck)
    assert sorted(waiting.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert not waiting.due(now).exists()
    stuck.refresh_from_db()
    assert stuck.failing_since == now


def test_limits_keep_others_from_waiting_more_than_a_minute() -> None:
    """What is due meanwhile waits for the batch in hand, at worst: a host's share of it, and one request at its end."""
    worst = webhook_sending.LANE_SECONDS + webhook_sending.GIVEN_UP
    pause = django_settings.CELERY_BEAT_SCHEDULE["send-webhooks"]["schedule"]
    assert worst + float(str(pause)) <= 60
    assert webhook_sending.SWEEP_SECONDS + worst < LEASE.total_seconds()


def send(*arguments: object) -> dict[str, Any]:
    """Run webhook_sender.py; what it says."""
    script = Path(__file__).parent / "webhook_sender.py"
    done = subprocess.run(
        [sys.executable, str(script), *(str(each) for each in arguments)],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "WEBHOOK_ALLOW": "127.0.0.1", "PYTHONPATH": "."},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    assert set(said["others"]) == {0}, done.stderr
    return said


def test_senders_at_once_deliver_each_message_once(
    receiver: RecordingReceiver, goal: Goal, bob: Member, mo: Member
) -> None:
    for owner in (bob, mo):
        hook(receiver.url, owner)
    change(goal, MESSAGES, bob)
    send("together", 2)
    while WebhookDelivery.objects.filter(state="queued").exists():  # what one host may not take of one batch
        assert send_due_messages(at=timezone.now() + LEASE)
    ids = Counter(message_id for message_id, _body in receiver.got)
    assert set(ids) == {row.message_id for row in WebhookDelivery.objects.all()}
    assert set(ids.values()) == {1}


@pytest.mark.parametrize("seed", range(1, times(FULL["runs of killed webhook senders"]) + 1))
def test_killed_senders_lose_nothing_and_repeat_only_the_one_in_hand(
    seed: int, receiver: RecordingReceiver, goal: Goal, bob: Member
) -> None:
    hook(receiver.url, bob)
    change(goal, MESSAGES, bob)
    said = send("killed", seed, 6)
    assert said["killed"] > 0
    rows = list(WebhookDelivery.objects.all())
    assert {row.state for row in rows} == {"delivered"}
    ids = Counter(message_id for message_id, _body in receiver.got)
    assert set(ids) == {row.message_id for row in rows}
    assert len(receiver.got) - MESSAGES <= said["killed"]
    assert len(set(receiver.got)) == MESSAGES, "a repeat has the same id and the same body"
