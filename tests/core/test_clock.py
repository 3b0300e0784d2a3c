"""Whose clock counts: the database's, wherever one process writes a moment that another compares."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from apps.core import net
from apps.core.clock import database_now
from apps.goals import services as goals
from apps.goals.models import Goal
from apps.integrations import tasks as programs
from apps.integrations.models import WebhookDelivery
from apps.integrations.services import exports, webhooks
from apps.integrations.services.exports import work
from apps.notifications import tasks
from apps.notifications.models import Delivery, Notice, Reach
from apps.notifications.services import notices, notify, queue_delivery, set_reaches
from apps.notifications.services.chat_channels import ChatFields, save_channel, send_test
from apps.notifications.services.deliveries import queue_deliveries
from apps.notifications.services.outbox import claim_deliveries
from apps.workspaces.models import Member

pytestmark = pytest.mark.django_db

CHAT: ChatFields = {"format": "slack", "url": "https://example.org/x", "is_active": True}
APPS = Path(settings.BASE_DIR) / "apps"


@pytest.fixture(params=[-1, 1], ids=["an hour slow", "an hour fast"])
def wrong_clock(request: pytest.FixtureRequest) -> time_machine.travel:
    """A machine whose clock is an hour off: `with wrong_clock:`."""
    return time_machine.travel(timezone.now() + timedelta(hours=request.param))


@pytest.mark.parametrize("path", sorted(str(path.relative_to(APPS)) for path in APPS.glob("*/tasks.py")))
def test_jobs_ask_the_database_for_the_moment(path: str) -> None:
    text = (APPS / path).read_text(encoding="utf-8")
    assert "timezone" not in text
    assert "now()" not in text.replace("database_now()", "")


def test_the_databases_clock_is_no_processes(wrong_clock: time_machine.travel) -> None:
    before = timezone.now()
    with wrong_clock:
        found = database_now()
    assert before - timedelta(minutes=1) < found < before + timedelta(minutes=10)
    assert found.utcoffset() == timedelta(0)


def test_what_a_machine_with_a_wrong_clock_queues_goes_out_at_once(
    bob: Member, goal: Goal, wrong_clock: time_machine.travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "allowed_addresses", lambda *_arguments: ["203.0.113.9"])
    webhooks.create_webhook({"url": "https://example.org/x", "events": ["goal.updated"]}, by=bob, at=timezone.now())
    with wrong_clock:
        at = timezone.now()
        queue_delivery(workspace=bob.workspace, kind="mail_test", dedupe_key="a", recipient=bob, at=at)
        queue_deliveries([(bob, "b", {})], kind="mail_test", at=at)
        channel = save_channel(CHAT, own=True, by=bob, at=at)
        send_test(channel, by=bob, at=at)
        goals.update_goal(goal, {"title": "Another title"}, by=bob, at=at)
    assert Delivery.objects.due(database_now()).count() == 3
    assert WebhookDelivery.objects.due(database_now()).count() == 1
    message = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(next_try_at=database_now() + timedelta(hours=2))
    with wrong_clock:
        webhooks.redeliver(message, by=bob, at=timezone.now())
    assert WebhookDelivery.objects.due(database_now()).count() == 1


def test_a_worker_with_a_wrong_clock_leaves_alone_what_others_have_in_hand(
    bob: Member, wrong_clock: time_machine.travel, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_delivery(workspace=bob.workspace, kind="mail_test", dedupe_key="a", recipient=bob, at=database_now())
    exports.create_export(by=bob, at=database_now())
    assert len(claim_deliveries(at=database_now(), limit=1)) == 1
    with monkeypatch.context() as dying:  # its worker dies at work
        dying.setattr(work, "_write", lambda *_arguments: next(iter(())))
        with pytest.raises(StopIteration):
            programs.run_exports()
    with wrong_clock:
        assert tasks.send_deliveries() == {}
        assert programs.run_exports() == 0
    assert mailoutbox == []


def test_a_worker_with_a_wrong_clock_sends_what_is_due_and_nothing_else(
    bob: Member, wrong_clock: time_machine.travel, mailoutbox: list[Any]
) -> None:
    for dedupe_key, wait in (("due", timedelta(0)), ("later", timedelta(minutes=30))):
        queue_delivery(
            workspace=bob.workspace, kind="mail_test", dedupe_key=dedupe_key, recipient=bob, at=database_now()
        )
        Delivery.objects.filter(dedupe_key=dedupe_key).update(next_try_at=database_now() + wait)
    with wrong_clock:
        assert tasks.send_deliveries() == {"sent": 1}
    assert Delivery.objects.get(state="queued").dedupe_key == "later"


def test_a_mail_of_news_that_a_machine_with_a_wrong_clock_tells_goes_out_at_once(
    bob: Member, wrong_clock: time_machine.travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_mail_moments", lambda people, at: {each.pk: at for each in people})
    with wrong_clock:
        at = timezone.now()
        set_reaches(bob, {"ask": Reach.MAIL}, by=bob, at=at)
        notify("ask", recipients=[bob], subject_id=bob.pk, about_id=bob.pk, dedupe_key="x", at=at)
    due_at = Notice.objects.get().mail_due_at
    assert due_at is not None
    assert due_at <= database_now()
