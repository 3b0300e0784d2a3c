"""What a webhook must not tell its owner."""

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied

from apps.goals import services
from apps.goals.models import Goal
from apps.goals.queries.history import FieldChange
from apps.integrations.access import visible_webhook_deliveries, visible_webhooks
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.queries.webhooks import subject_of
from apps.integrations.services import webhooks
from apps.responsibilities import services as responsibilities
from apps.responsibilities.queries.history import recent_history
from apps.tasks import services as tasks
from apps.workspaces.models import Member, Role
from apps.workspaces.services import set_role
from tests.factories import GoalFactory, ResponsibilityFactory, ValueFactory


@pytest.fixture
def told(mo: Member, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Member:
    """Mo, who has a webhook for changed goals."""
    monkeypatch.setattr("apps.core.net.allowed_addresses", lambda host, port: ["192.0.2.1"])
    webhooks.create_webhook({"url": "https://hooks.example/", "events": ["goal.updated"]}, by=mo, at=now)
    return mo


def test_webhook_is_not_told_that_something_hidden_changed(
    told: Member, goal: Goal, lea: Member, now: datetime
) -> None:
    hidden = GoalFactory(owner=lea, visibility="private")
    services.update_goal(goal, {"parent": hidden}, by=lea, at=now)
    services.update_goal(goal, {"values": [ValueFactory(workspace=goal.workspace, member=lea)]}, by=lea, at=now)
    Webhook.objects.update(events=["goal.updated", "responsibility.updated"])
    responsibility = ResponsibilityFactory(workspace=goal.workspace, team=goal.team)
    responsibilities.update_responsibility(responsibility, {"goal": hidden}, by=lea, at=now)
    assert not WebhookDelivery.objects.exists()


def test_what_happened_while_a_goal_was_hidden_is_never_sent(told: Member, bob: Member, now: datetime) -> None:
    fields: services.GoalFields = {"title": "Mine", "owner": bob, "visibility": "private"}
    goal = services.create_goal(fields, by=bob, at=now)
    services.update_goal(goal, {"title": "Still mine"}, by=bob, at=now)
    assert not WebhookDelivery.objects.exists()
    services.update_goal(goal, {"visibility": "workspace"}, by=bob, at=now)
    said = subject_of(WebhookDelivery.objects.get())
    assert said is not None
    assert (said["title"], said["changed"]) == ("Still mine", ["visibility"])


def test_a_task_that_leaves_a_private_goal_does_not_tell_when_it_was_written(
    told: Member, goal: Goal, bob: Member, now: datetime
) -> None:
    Webhook.objects.update(events=["task.created", "task.updated"])
    hidden = GoalFactory(owner=bob, visibility="private")
    task = tasks.create_task({"title": "Ring them", "goal": hidden}, by=bob, at=now)
    assert not WebhookDelivery.objects.exists()
    tasks.update_task(task, {"goal": goal}, by=bob, at=now)
    assert [row.type for row in WebhookDelivery.objects.all()] == ["task.updated"]


def test_somebody_made_a_guest_has_no_webhooks_any_more(
    told: Member, goal: Goal, alice: Member, bob: Member, now: datetime
) -> None:
    services.update_goal(goal, {"title": "Answer most calls"}, by=bob, at=now)
    waiting = WebhookDelivery.objects.get()
    set_role(told, role=Role.GUEST, by=alice, at=now)
    told = Member.objects.get(pk=told.pk)
    webhook = Webhook.objects.get()
    assert not visible_webhooks(told).exists()
    assert not visible_webhook_deliveries(told).exists()
    with pytest.raises(PermissionDenied):
        webhooks.update_webhook(webhook, {"events": ["goal.created"]}, by=told, at=now)
    assert subject_of(WebhookDelivery.objects.get(pk=waiting.pk)) is None
    services.update_goal(goal, {"title": "Answer many calls"}, by=bob, at=now)
    assert WebhookDelivery.objects.count() == 1


def test_a_change_of_which_nothing_can_be_shown_is_not_dated(goal: Goal, lea: Member, now: datetime) -> None:
    """Else the order of a list, `updated_since` and the tags of the API tell that and when something was done."""
    hidden = GoalFactory(owner=lea, visibility="private")
    open_one = GoalFactory(workspace=goal.workspace, owner=lea)
    responsibility = ResponsibilityFactory(workspace=goal.workspace, team=goal.team)

    def dates() -> list[datetime]:
        return [type(each).objects.get(pk=each.pk).updated_at for each in (goal, responsibility)]

    def put_beneath(to: Goal) -> None:
        services.update_goal(goal, {"parent": to}, by=lea, at=now)
        responsibilities.update_responsibility(responsibility, {"goal": to}, by=lea, at=now)

    before = dates()
    put_beneath(hidden)
    assert dates() == before
    put_beneath(open_one)
    assert all(new > old for new, old in zip(dates(), before, strict=True))


def test_a_history_has_no_empty_lines_for_what_is_hidden(goal: Goal, lea: Member, mo: Member, now: datetime) -> None:
    hidden = GoalFactory(owner=lea, visibility="private", title="Sell the boat")
    responsibility = ResponsibilityFactory(workspace=goal.workspace, team=goal.team)
    responsibilities.update_responsibility(responsibility, {"goal": hidden}, by=lea, at=now)
    assert recent_history(responsibility, mo, most=9) == []
    [line] = recent_history(responsibility, lea, most=9)
    assert line.changes == [FieldChange("Goal", "nothing", "Sell the boat")]
