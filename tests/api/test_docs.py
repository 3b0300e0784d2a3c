"""What the pages for integrators tell is tried."""

import json
import re
import threading
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from apps.capacity.models import HoursReport
from apps.goals import services as goals
from apps.goals.models import CheckIn, Goal
from apps.handovers.models import Handover
from apps.integrations.models import EVENTS, SCOPES, WebhookDelivery
from apps.integrations.services import tokens, webhooks
from apps.integrations.services.webhook_sending import WAITS, send_due_messages
from apps.workspaces.models import Member

FOLDER = Path(settings.BASE_DIR) / "docs" / "integrators"


def blocks(name: str, language: str) -> list[str]:
    """The code of a page."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", (FOLDER / name).read_text(), re.DOTALL)
    return found


def test_the_receiver_of_the_docs_takes_what_is_genuine_once(settings: Any, bob: Member, goal: Goal) -> None:
    code: dict[str, Any] = {"__name__": "receiver"}
    exec(blocks("webhooks.md", "python")[0], code)  # noqa: S102 - our own page
    bodies: list[dict[str, Any]] = []
    code["received"] = lambda body: bodies.append(json.loads(body))
    server = HTTPServer(("127.0.0.1", 0), code["Receiver"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    url = f"http://127.0.0.1:{server.server_port}/"
    try:
        hook: Any = {"url": url, "events": list(EVENTS), "secret": code["SECRET"]}
        webhooks.create_webhook(hook, by=bob, at=timezone.now())
        goals.update_goal(goal, {"title": "Other"}, by=bob, at=timezone.now())
        assert send_due_messages(at=timezone.now()) == {"delivered": 1}
        webhooks.redeliver(WebhookDelivery.objects.get(), by=bob, at=timezone.now())
        assert send_due_messages(at=timezone.now()) == {"delivered": 1}
        forged = httpx.post(
            url, content=b"{}", headers={"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
        )
    finally:
        server.shutdown()
        server.server_close()
    assert forged.status_code == 401
    assert [(body["type"], body["data"]["title"], body["data"]["changed"]) for body in bodies] == [
        ("goal.updated", "Other", ["title"])
    ]


@pytest.mark.django_db(transaction=True)
def test_the_python_of_the_docs_runs(live_server: Any, alice: Member, capsys: pytest.CaptureFixture[str]) -> None:
    _token, secret = tokens.create_token(name="x", scopes=SCOPES, expires_at=None, by=alice, at=timezone.now())
    code: dict[str, Any] = {
        "COUNTERPOISE": live_server.url, "TOKEN": secret, "me": str(alice.pk), "run_id": "1",
    }  # fmt: skip
    first, paging, writing = blocks("start.md", "python")
    try:
        many, roster, looking, hours = blocks("sync.md", "python")
        for block in (first, writing, many, paging, roster, roster, looking, hours, hours):
            exec(block, code)  # noqa: S102 - our own pages
    finally:
        code["api"].close()
    told = capsys.readouterr().out
    assert alice.name in told
    assert told.count("created") == 5 + 6
    assert told.count("'unchanged'") == 7
    assert told.count("waits for an answer") == 1
    assert sorted(HoursReport.objects.values_list("hours", flat=True)) == [6.5, 12, 19]
    assert Handover.objects.get().to_member.name == "Lea Berg"
    assert Goal.objects.get(importance=5).status == "achieved"
    assert CheckIn.objects.get().author.name == "Bob Keller"  # type: ignore[union-attr]
    assert "Answer every call 0.4" in told


def test_the_waits_of_the_docs_are_those_of_the_sender() -> None:
    assert [int(wait.total_seconds()) for wait in WAITS] == [
        5, 30, 2 * 60, 10 * 60, 30 * 60, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 10 * 3600,
    ]  # fmt: skip


def test_every_status_of_the_schema_is_told() -> None:
    text = (FOLDER / "start.md").read_text()
    schema = (FOLDER / "openapi.yaml").read_text()
    for status in set(re.findall(r"'(4\d\d|5\d\d)':", schema)):
        assert re.search(rf"\| [^|]*\b{status}\b", text), status
