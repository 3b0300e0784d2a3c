"""Chat channels: whose they are, what is said in them, in which form, and what becomes of a message."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.activity.services import record
from apps.core import net
from apps.goals.models import Goal
from apps.notifications.models import ChatChannel, Delivery, Notice, Reach
from apps.notifications.services import notify, queue_chats_of_events, send_due_chats, send_due_deliveries
from apps.notifications.services.chat_channels import ChatFields, channel_of, delete_channel, save_channel, send_test
from apps.notifications.services.chat_posts import POSTS, Post, body_of
from apps.notifications.services.kinds import KINDS, NoticeKind, NoticeWords
from apps.notifications.services.messages import Item
from apps.notifications.services.notice_mail import sweep_notice_mails
from apps.workspaces.models import Member
from tests.factories import GoalFactory, TaskFactory
from tests.lists import holding
from tests.opened import send

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Member], Client]
URL = "https://chat.example.org/hooks/top-secret"
FIELDS: ChatFields = {"format": "slack", "url": URL, "is_active": True}
WORKSPACE: ChatFields = {**FIELDS, "events": ["goal.checked_in", "goal.achieved"]}


@pytest.fixture(autouse=True)
def chat_server(monkeypatch: pytest.MonkeyPatch) -> "ChatServer":
    """No name is looked up and nothing leaves: what would be posted is kept."""
    server = ChatServer()
    monkeypatch.setattr(net, "allowed_addresses", lambda *_arguments: ["203.0.113.9"])
    monkeypatch.setattr(net, "post", server.post)
    return server


class ChatServer:
    """Keeps what it was sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.answer: net.HttpAnswer | Exception = net.HttpAnswer(200, "ok")

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> net.HttpAnswer:
        """As net.post."""
        assert (url, headers["Content-Type"]) == (URL, "application/json")
        self.said.append(json.loads(body))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def read(notices: Sequence[Notice], at: datetime) -> dict[UUID, str]:
    """The dedupe keys."""
    return {notice.pk: notice.dedupe_key for notice in notices}


def say(_notice: Notice, dedupe_key: str) -> NoticeWords:
    """Says the dedupe key."""
    return NoticeWords(f"Tea is {dedupe_key}", "Come.", "/tea/", "Drink", "Kettle", "/", "You like tea.")


@pytest.fixture
def tea() -> Iterator[None]:
    """A kind that is mailed at once, with a button."""
    tea = NoticeKind("tea_wanted", "Tea", "Kitchen", Reach.MAIL, read, say, act=lambda _notice, _by, _at: None)
    with holding(KINDS, tea):
        yield


def test_a_persons_channel_is_told_what_they_are_mailed_without_links_that_act(
    bob: Member, now: datetime, tea: None, chat_server: ChatServer
) -> None:
    save_channel(FIELDS, own=True, by=bob, at=now)
    notify("tea_wanted", recipients=[bob], subject_id=bob.pk, about_id=bob.pk, dedupe_key="<hot>", at=now)
    sweep_notice_mails(at=now)
    assert send_due_chats(at=now) == {"sent": 1}
    text = chat_server.said[0]["text"]
    assert text.endswith("/tea/|Tea is &lt;hot&gt;>*\nCome.")
    assert "act/" not in text
    assert send_due_deliveries(at=now) == {"sent": 1}, "the mail goes its own way"
    assert send_due_chats(at=now + timedelta(hours=1)) == {}


def test_a_workspaces_channel_is_told_of_its_events_once_and_only_what_everybody_sees(
    alice: Member, bob: Member, goal: Goal, chat_server: ChatServer
) -> None:
    now = timezone.now()
    save_channel(WORKSPACE, own=False, by=alice, at=now)
    private = GoalFactory(owner=bob, visibility="private", title="canary")
    of_team = GoalFactory(owner=bob, visibility="team", team=goal.team, title="canary of a team")
    later = now + timedelta(minutes=1)
    for subject in (goal, private, of_team):
        record("goal.checked_in", subject, by=bob, at=later, workspace_id=bob.workspace_id)
        record("goal.updated", subject, by=bob, at=later, workspace_id=bob.workspace_id)
    record("goal.achieved", goal, by=bob, at=now - timedelta(days=1), workspace_id=bob.workspace_id)
    assert queue_chats_of_events(at=later) == 3
    assert send_due_chats(at=later) == {"sent": 1, "dropped": 2}
    assert "Bob checked in on the goal “Answer every call”" in chat_server.said[0]["text"]
    assert f"/goals/{goal.pk}/" in chat_server.said[0]["text"]
    assert queue_chats_of_events(at=later) == 0
    assert "canary" not in json.dumps(chat_server.said)


def test_a_workspaces_channel_is_told_of_tasks_that_everybody_sees(
    alice: Member, bob: Member, goal: Goal, chat_server: ChatServer
) -> None:
    now = timezone.now()
    save_channel({**FIELDS, "events": ["task.completed"]}, own=False, by=alice, at=now)
    private = GoalFactory(owner=bob, visibility="private", title="canary")
    later = now + timedelta(minutes=1)
    for on in (goal, private):
        task = TaskFactory(goal=on, responsibility=None, title=f"Ring back about {on.title}")
        record("task.completed", task, by=bob, at=later, workspace_id=bob.workspace_id)
    assert queue_chats_of_events(at=later) == 2
    assert send_due_chats(at=later) == {"sent": 1, "dropped": 1}
    assert "“Ring back about Answer every call”" in chat_server.said[0]["text"]
    assert "canary" not in json.dumps(chat_server.said)


def test_a_message_that_fails_is_tried_again_and_the_channel_says_why(
    bob: Member, now: datetime, chat_server: ChatServer
) -> None:
    channel = save_channel(FIELDS, own=True, by=bob, at=now)
    send_test(channel, by=bob, at=now)
    chat_server.answer = net.HttpAnswer(500, "out of tea")
    assert send_due_chats(at=now) == {"retry": 1}
    channel.refresh_from_db()
    assert (channel.failing_since, channel.last_error) == (now, "500 out of tea")
    chat_server.answer = OSError("no route")
    assert send_due_chats(at=now + timedelta(hours=1)) == {"retry": 1}
    chat_server.answer = net.HttpAnswer(200, "ok")
    assert send_due_chats(at=now + timedelta(hours=2)) == {"sent": 1}
    channel.refresh_from_db()
    assert (channel.failing_since, channel.last_error) == (None, "")


def test_an_address_that_no_key_opens_is_said_kept_and_used_again(
    bob: Member, now: datetime, chat_server: ChatServer, client_of: ClientOf, settings: Any
) -> None:
    send_test(save_channel(FIELDS, own=True, by=bob, at=now), by=bob, at=now)
    keys, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    assert send_due_chats(at=now) == {"retry": 1}
    assert chat_server.said == []
    assert ChatChannel.objects.get().last_error == "No key opens its address."
    page = client_of(bob).get(address(bob, "chat_edit")).content.decode()
    assert "The address of this chat cannot be read" in page
    saved = client_of(bob).post(
        address(bob, "chat_edit"), {"format": "slack", "url": "", "is_active": "on"}, follow=True
    )
    assert "Saved." in saved.content.decode()
    settings.ENCRYPTION_KEYS = keys
    assert ChatChannel.objects.get().url == URL
    assert send_due_chats(at=now + timedelta(hours=1)) == {"sent": 1}


def test_a_hook_that_is_gone_and_news_of_yesterday_are_given_up(
    bob: Member, now: datetime, chat_server: ChatServer
) -> None:
    channel = save_channel(FIELDS, own=True, by=bob, at=now)
    send_test(channel, by=bob, at=now)
    chat_server.answer = net.HttpAnswer(410, "gone")
    assert send_due_chats(at=now) == {"failed": 1}
    send_test(channel, by=bob, at=now + timedelta(minutes=1))
    chat_server.answer = net.HttpAnswer(503, "later")
    assert send_due_chats(at=now + timedelta(hours=13)) == {"failed": 1}


def test_a_workers_time_limit_ends_the_sweep_and_gives_the_rest_back(
    bob: Member, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes anywhere, also while a message is being written: that is no fault of this message."""

    def time_is_up(_delivery: Delivery) -> None:
        raise SoftTimeLimitExceeded

    channel = save_channel(FIELDS, own=True, by=bob, at=now)
    for minute in range(3):
        send_test(channel, by=bob, at=now + timedelta(minutes=minute))
    monkeypatch.setitem(POSTS, "chat_test", time_is_up)
    at = now + timedelta(hours=1)
    with pytest.raises(SoftTimeLimitExceeded):
        send_due_chats(at=at)
    assert sorted(Delivery.objects.values_list("attempts", "last_error")) == [(0, ""), (0, ""), (1, "")]
    assert Delivery.objects.due(at).count() == 2


def test_nothing_is_said_for_somebody_who_left_or_switched_it_off(
    bob: Member, now: datetime, chat_server: ChatServer
) -> None:
    channel = save_channel(FIELDS, own=True, by=bob, at=now)
    send_test(channel, by=bob, at=now)
    save_channel({"is_active": False}, own=True, by=bob, at=now)
    assert send_due_chats(at=now) == {"dropped": 1}
    with pytest.raises(ValidationError, match="Switch"):
        send_test(ChatChannel.objects.get(), by=bob, at=now)
    save_channel({"is_active": True}, own=True, by=bob, at=now)
    send_test(ChatChannel.objects.get(), by=bob, at=now + timedelta(minutes=1))
    bob.deactivated_at = now
    bob.save()
    assert send_due_chats(at=now + timedelta(minutes=1)) == {"dropped": 1}
    assert chat_server.said == []


def test_what_people_wrote_makes_no_markup_in_either_form() -> None:
    post = Post("", (Item(title="[x](http://bad) <!here> *a*|b\nc & d", url="https://here.example/"),))
    text = body_of(post, "slack")["text"]
    assert text == "*<https://here.example/|[x](http://bad) &lt;!here&gt; *a*¦b c &amp; d>*"
    block = body_of(post, "teams")["attachments"][0]["content"]["body"][0]["text"]
    assert block == r"**[\[x\]\(http://bad\) \<\!here\> \*a\*\|b c & d](https://here.example/)**"


def test_only_admins_have_the_workspaces_channel_and_each_their_own(
    alice: Member, bob: Member, lea: Member, now: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        save_channel(WORKSPACE, own=False, by=bob, at=now)
    channel = save_channel(WORKSPACE, own=False, by=alice, at=now)
    mine = save_channel(FIELDS, own=True, by=bob, at=now)
    assert channel_of(bob, own=False) is None
    assert channel_of(lea, own=True) is None
    for act in (lambda: delete_channel(channel, by=bob, at=now), lambda: send_test(mine, by=alice, at=now)):
        with pytest.raises(PermissionDenied):
            act()
    delete_channel(channel, by=alice, at=now)
    assert list(ChatChannel.objects.all()) == [mine]


def address(member: Member, name: str) -> str:
    return reverse(f"notifications:{name}", args=[member.workspace.slug])


def test_the_page_keeps_the_address_to_itself(bob: Member, client_of: ClientOf) -> None:
    client = client_of(bob)
    assert (
        "Saved." in send(client, address(bob, "chat_edit"), {**FIELDS, "is_active": "on"}, follow=True).content.decode()
    )
    page = client.get(address(bob, "chat_edit")).content.decode()
    assert "chat.example.org" in page
    assert "top-secret" not in page
    send(client, address(bob, "chat_edit"), {"format": "teams", "url": "", "is_active": "on"})
    channel = ChatChannel.objects.get()
    assert (channel.url, channel.format) == (URL, "teams")
    assert "is on its way" in client.post(address(bob, "chat_test"), follow=True).content.decode()
    assert "a moment ago" in client.post(address(bob, "chat_test"), follow=True).content.decode()
    client.post(address(bob, "chat_delete"))
    assert not ChatChannel.objects.exists()
    assert not Delivery.objects.exists()
    assert "no channel yet" in client.post(address(bob, "chat_test"), follow=True).content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"url": "ftp://chat.example.org/"}, "Give an address that begins with https://."),
        ({"url": "not an address"}, "Enter a valid URL."),
        ({"url": ""}, "This field is required."),
        ({"url": "https://user:pass@chat.example.org/"}, "Give an address that begins with https://."),
        ({"url": "https://chat.example.org/" + "x" * 2_000}, "Ensure this value has at most"),
        ({"format": "irc"}, "Select a valid choice."),
        ({"events": ["goal.secret"]}, "Select a valid choice."),
        ({"events": []}, "This field is required."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    alice: Member, client_of: ClientOf, sent: dict[str, Any], said: str
) -> None:
    answer = send(client_of(alice), address(alice, "workspace_chat_edit"), {**WORKSPACE, "is_active": "on", **sent})
    assert said in answer.content.decode()
    assert not ChatChannel.objects.exists()
