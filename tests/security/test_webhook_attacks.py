"""What a webhook must not tell its owner."""

from datetime import datetime

import pytest

from apps.goals import services
from apps.goals.models import Goal
from apps.integrations.models import WebhookDelivery
from apps.integrations.queries.webhooks import subject_of
from apps.integrations.services import webhooks
from apps.workspaces.models import Member
from tests.factories import GoalFactory


@pytest.fixture
def told(mo: Member, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Member:
    """Mo, who has a webhook for changed goals."""
    monkeypatch.setattr("apps.core.net.allowed_addresses", lambda host, port: ["192.0.2.1"])
    webhooks.create_webhook({"url": "https://hooks.example/", "events": ["goal.updated"]}, by=mo, at=now)
    return mo


def test_webhook_is_not_told_that_something_hidden_changed(
    told: Member, goal: Goal, bob: Member, now: datetime
) -> None:
    hidden = GoalFactory(owner=bob, visibility="private")
    services.update_goal(goal, {"parent": hidden}, by=bob, at=now)
    assert subject_of(WebhookDelivery.objects.get()) is None


def test_webhook_names_only_the_changed_fields_its_owner_sees(
    told: Member, goal: Goal, bob: Member, now: datetime
) -> None:
    hidden = GoalFactory(owner=bob, visibility="private")
    services.update_goal(goal, {"parent": hidden, "title": "Answer most calls"}, by=bob, at=now)
    said = subject_of(WebhookDelivery.objects.get())
    assert said is not None
    assert said["changed"] == ["title"]
