"""Words that stand only in what is confidential, looked for in everything that everybody else can get.

Two goals of bob's carry them wherever a person can write: a private one, which mo contributes to, and one of the team
Product. Each word must reach those who may read it and nobody else, by whatever way: pages, the API, archives,
digests, mails, chats, webhooks.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.activity.models import Event
from apps.capacity.queries.capacity import HoursSubject, monday_of
from apps.capacity.services import report_hours
from apps.core.exports import EXPORTED
from apps.goals import services as goals
from apps.goals.models import Goal
from apps.handovers.models import Handover
from apps.handovers.services import cover, handovers
from apps.integrations import queries as archives
from apps.integrations.models import EVENTS, WebhookDelivery
from apps.integrations.services import exports
from apps.notifications.models import Delivery
from apps.notifications.services import sweep_notice_mails
from apps.notifications.services.chat_posts import body_of, post_of_event, post_of_notices
from apps.notifications.services.messages import compose
from apps.responsibilities import services
from apps.responsibilities.models import Assignment
from apps.routines.services import Which, preview_digest, queue_previews
from apps.tasks import services as task_services
from apps.tasks.models import Consultation
from apps.workspaces.models import Member
from tests.architecture.matrix import API_MATRIX, MATRIX
from tests.architecture.test_matrix import MatrixWorld, make_world
from tests.factories import WebhookFactory
from tests.mails import whole

pytestmark = pytest.mark.slow

PRIVATE, TEAM = "xylophonquartz", "zinkoxidpurpur"
OUTSIDE = {PRIVATE: ("A", "L", "G", "eve"), TEAM: ("A", "M", "G", "eve")}  # dan reads nothing: see the access matrix
HOURS = Decimal("33.3")
PLACES = [
    (name, route.subject)
    for name, routes in {**MATRIX, **API_MATRIX}.items()
    for route in routes
    if "GET" in route.methods
]
QUERIES = {
    "goals:search": ["q={part}"],
    "goals:goal_list": ["q={part}", "view=tree", "status=all"],
    "goals:goal_options": ["q={part}"],
    "responsibilities:responsibility_matrix": ["q={part}&team=all", "rows=goals", "rows=goals&team=all"],
    "tasks:task_list": ["q={part}", "show=everyone", "status=all", "view=board"],
    "tasks:quick_add_preview": ["line=Ring >{part}", "line=Ring >Canary"],
    "capacity:load_list": ["weeks=8"],
    "handovers:handover_create": ["goal={pk}"],
    "tasks:task_create": ["goal={pk}"],
    "capacity:load_preview": ["goal={pk}&member={bob}&hours=9"],
    "activity:audit_log": ["subject=goal", "subject=task", "subject=handover"],
    "api-goals": ["search={part}"],
    "api-tasks": ["search={part}", "goal={pk}"],
    "api-assignments": ["goal={pk}", "member={bob}"],
    "api-handovers": ["goal={pk}"],
    "api-consultations": ["goal={pk}"],
    "api-reported-hours": ["goal={pk}"],
    "integrations:matrix_export": ["rows=goals"],
}


@dataclass
class Planted:
    """A world with one goal full of a word, the rows that stand in the addresses."""

    world: MatrixWorld
    word: str
    goal: Goal
    rows: dict[str, Any]
    since: datetime
    read: dict[str, dict[str, str]] = field(default_factory=dict)

    def read_by(self, letter: str) -> dict[str, str]:
        """All that one person reads now, by its address."""
        if letter not in self.read:
            rows = {**self.world.rows, **self.rows}
            self.read[letter] = dict(reading(self.world, letter, rows, self.goal, self.word))
        return self.read[letter]


@pytest.fixture(scope="module", params=[PRIVATE])
def planted(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Planted]:
    """Once for each word: all that is written."""
    word: str = request.param
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        for letter in ("A", "D", "L", "M"):
            WebhookFactory(member=world.members[letter], events=list(EVENTS))
        since = timezone.now()
        goal, rows = plant(world, word)
        yield Planted(world, word, goal, rows, since)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def plant(world: MatrixWorld, word: str) -> tuple[Goal, dict[str, Any]]:
    """Bob's goal and all that hangs on it, written by the services as people write them, the word everywhere."""
    bob = world.members["B"]
    other = world.members["M" if word == PRIVATE else "L"]
    now = timezone.now()
    goal = _goal(world, word, bob, other, now)
    offered, declined = _assignments(goal, word, bob, other, now)
    task = _tasks(goal, word, bob, other, now)
    asked = _consulting(goal, task, word, bob, other, now)
    handover = _handing(world, goal, word, bob, other, now)
    report_hours(monday_of(now.date()), {HoursSubject("goal", goal.pk): HOURS}, by=bob, at=now)
    report_hours(monday_of(now.date()), {HoursSubject("goal", goal.pk): Decimal("11.1")}, by=other, at=now)
    rows = {
        "goal": goal, "task": task, "assignment": offered, "declined": declined, "handover": handover,
        "consultation": asked, "task_of_goal": task,
    }  # fmt: skip
    return goal, rows


def _goal(world: MatrixWorld, word: str, bob: Member, other: Member, now: datetime) -> Goal:
    fields: Any = {
        "title": f"Canary {word}", "reason": f"{word} reason", "description": f"{word} text", "labels": [word],
        "owner": bob, "team": world.rows["team"], "cycle": world.rows["cycle"], "external_id": f"{word}-goal",
        "visibility": "private" if word == PRIVATE else "team", "parent": world.rows["goal"],
        "url": f"https://{word}.example.org/",
        "contributors": [(other, HOURS)],
    }  # fmt: skip
    goal = goals.create_goal(fields, by=bob, at=now)
    goals.activate_goal(goal, by=bob, at=now)
    measure = goals.create_key_result(goal, {"title": f"{word} key", "target_value": Decimal(9)}, by=bob, at=now)
    said: Any = {"note": f"{word} note", "blockers": f"{word} blocker", "ask": f"{word} ask", "ask_to": other}
    goals.create_check_in(goal, said, readings={measure.pk: Decimal(3)}, by=bob, at=now)
    goals.update_goal(goal, {"title": f"Canary {word} again"}, by=bob, at=now)
    return goal


def _assignments(goal: Goal, word: str, bob: Member, other: Member, now: datetime) -> tuple[Assignment, Assignment]:
    offer: Any = {"member": other, "role": "responsible", "hours_per_week": HOURS, "note": f"{word} offer"}
    offered = services.offer_assignment(goal, offer, by=bob, at=now)
    services.update_assignment(offered, {"note": f"{word} other note"}, by=bob, at=now)
    no: Any = {"member": other, "role": "informed", "external_id": f"{word}-no"}
    declined = services.offer_assignment(goal, no, by=bob, at=now)
    services.decline_assignment(declined, reason=f"{word} decline", by=other, at=now)
    own: Any = {"member": bob, "role": "accountable", "hours_per_week": HOURS}
    services.offer_assignment(goal, own, by=bob, at=now)
    return offered, declined


def _tasks(goal: Goal, word: str, bob: Member, other: Member, now: datetime) -> Any:
    day = now.date() + timedelta(days=1)

    def write(title: str, **more: Any) -> Any:
        fields: Any = {
            "goal": goal, "title": f"{word} {title}", "description": f"{word} words", "labels": [f"{word}-{title}"],
            "assignee": bob, "due_on": day, "hours": Decimal("22.2"), **more,
        }  # fmt: skip
        return task_services.create_task(fields, by=bob, at=now)

    task = write("task", helpers=[other])
    task_services.update_task(task, {"title": f"{word} renamed", "assignee": other}, by=bob, at=now)
    task_services.complete_task(write("done", external_id=f"{word}-task"), by=bob, at=now)
    task_services.delete_task(write("gone"), by=bob, at=now)
    task_services.quick_add(f"{word} quick @me #{word} tomorrow", by=bob, at=now, thing=goal)
    return task


def _consulting(goal: Goal, task: Any, word: str, bob: Member, other: Member, now: datetime) -> Consultation:
    role: Any = {"member": other, "role": "consulted", "note": f"{word} consult"}
    consulted = services.offer_assignment(goal, role, by=bob, at=now)
    services.accept_assignment(consulted, by=other, at=now)
    (asked,) = task_services.ask_consulted(goal, question=f"{word} question", by=bob, at=now)
    task_services.answer_consultation(asked, answer=f"{word} answer", by=other, at=now)
    return asked


def _handing(world: MatrixWorld, goal: Goal, word: str, bob: Member, other: Member, now: datetime) -> Handover:
    absence = world.rows["absence"]
    cover.propose_cover(goal, {"notes": f"{word} cover"}, absent=bob, taker=other, absence=absence, by=bob, at=now)
    asked = Handover.objects.get(goal=goal)
    handovers.accept_handover(asked, by=other, at=now)
    people: Any = {"giver": bob, "receiver": other}
    no = handovers.propose_handover(goal, {"notes": f"{word} hand"}, **people, by=bob, at=now)
    handovers.decline_handover(no, reason=f"{word} unwilling", by=other, at=now)
    notes: Any = {"notes": f"{word} over", "starts_on": now.date() + timedelta(days=9), "external_id": f"{word}-over"}
    return handovers.propose_handover(goal, notes, **people, by=bob, at=now)


def addresses(world: MatrixWorld, rows: dict[str, Any], goal: Any, word: str) -> Iterator[str]:
    """Every address that can be read, with the rows of the goal in it, and each list with what can be asked of it."""
    for name, subject in PLACES:
        parts = [part for part in subject.split("+") if part]
        if subject == "external":
            continue
        arguments = [rows[part].pk for part in parts]
        url = reverse(name, args=arguments if name.startswith("api-") else [world.slug, *arguments])
        yield url
        for query in QUERIES.get(name, ()):
            bob = world.members["B"].pk
            yield f"{url}?{query.format(part=word[:8], pk=goal.pk, bob=bob)}"


def reading(world: MatrixWorld, letter: str, rows: dict[str, Any], goal: Any, word: str) -> Iterator[tuple[str, str]]:
    """(address, everything answered) of all that one person can read. Whoever is of elsewhere only calls the API."""
    client = world.clients[letter]
    for url in addresses(world, rows, goal, word):
        if letter == "eve" and not url.startswith("/api/"):
            continue
        response = client.get(url)
        body = b"".join(response) if response.streaming else response.content
        yield url, body.decode(errors="replace") + response.headers.get("ETag", "")


def test_nobody_outside_reads_the_word_anywhere(planted: Planted) -> None:
    found = [
        (letter, url)
        for letter in OUTSIDE[planted.word]
        for url, told in planted.read_by(letter).items()
        if planted.word in told
    ]
    assert found == []


def test_the_owner_reads_it_in_many_places(planted: Planted) -> None:
    """The walk is able to find it."""
    assert sum(planted.word in told for told in planted.read_by("B").values()) > 30


@pytest.mark.django_db
def test_archives_hold_it_for_those_inside_alone(planted: Planted) -> None:
    assert planted.word in _archive(planted.world.members["B"])
    for letter in OUTSIDE[planted.word]:
        assert planted.word not in _archive(planted.world.members[letter]), letter


def _archive(member: Member) -> str:
    export = exports.create_export(by=member, at=timezone.now())
    assert exports.run_next_export(EXPORTED, clock=timezone.now)
    export.refresh_from_db()
    found = zipfile.ZipFile(io.BytesIO(b"".join(archives.archive_pieces(export))))
    return " ".join(found.read(name).decode() for name in found.namelist())


def test_digests_mails_and_chats_hold_it_for_those_inside_alone(planted: Planted) -> None:
    told = {letter: _told(planted, planted.world.members[letter]) for letter in "ALMGB"}
    assert [letter for letter in OUTSIDE[planted.word] if planted.word in told.get(letter, "")] == []
    others = [letter for letter in "LM" if letter not in OUTSIDE[planted.word]]
    assert all(told[letter] for letter in others)


def _told(planted: Planted, member: Member) -> str:
    """What one person is sent: each digest, and every mail and chat message there is for them now."""
    now = timezone.now() + timedelta(days=1)
    words = []
    for which in Which:
        mail = preview_digest(member, which, at=now).mail
        words += [mail.subject, mail.text, mail.html] if mail else []
    sweep_notice_mails(at=now, anyway=True)
    queue_previews([member], at=now)
    for delivery in Delivery.objects.filter(recipient=member).select_related("workspace", "recipient__user", "chat"):
        message = compose(delivery)
        words += [whole(message)] if message else []
        post = post_of_notices(delivery)
        words.append(json.dumps(body_of(post, "slack")) if post else "")
    return " ".join(words)


def test_mails_and_chats_of_those_inside_do_not_name_a_private_goal(planted: Planted) -> None:
    """They pass through other people's servers, and others read along in a chat."""
    if planted.word == PRIVATE:
        told = {letter: _told(planted, planted.world.members[letter]) for letter in "BM"}
        assert "a private goal" in told["M"]
        assert {letter: around for letter, words in told.items() if (around := near(PRIVATE, words))} == {}
    else:
        assert TEAM in _told(planted, planted.world.members["L"])


def near(word: str, told: str) -> list[str]:
    """The places where the word stands, with what stands around it."""
    return re.findall(rf".{{0,60}}{word}.{{0,40}}", told)


def test_the_workspace_chat_and_webhooks_do_not_speak_of_it(planted: Planted) -> None:
    ids = list(Event.objects.filter(at__gte=planted.since).values_list("pk", flat=True))
    assert len(ids) > 20
    workspace_id = planted.goal.workspace_id
    posts = [post_of_event(Delivery(workspace_id=workspace_id, subject_id=pk)) for pk in ids]
    assert planted.word not in json.dumps([body_of(post, "slack") for post in posts if post])
    outsiders = [planted.world.members[letter].pk for letter in OUTSIDE[planted.word]]
    for message in WebhookDelivery.objects.filter(webhook__member_id__in=outsiders, event_id__in=ids):
        assert planted.word not in json.dumps(message.payload)
