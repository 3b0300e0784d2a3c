"""Attacks on who holds what: by ways round the rules, by what is named from elsewhere, by what is far too large."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.goals.models import Contributor, Goal
from apps.handovers import access as handover_access
from apps.handovers.models import Handover
from apps.handovers.queries.handovers import brief_of
from apps.handovers.services import cover
from apps.notifications.models import Delivery, Notice
from apps.notifications.services.chat_posts import post_of_notices
from apps.responsibilities import access, services
from apps.responsibilities.models import Assignment, Responsibility
from apps.tasks import services as task_services
from apps.tasks.models import Task
from apps.workspaces.models import Member, Team
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    HandoverTaskFactory,
    ResponsibilityFactory,
    TaskFactory,
    TeamFactory,
)

Api = Callable[..., APIClient]
ClientOf = Callable[[Member], Client]
WORD = "xylophonquartz"


@pytest.fixture
def press(bob: Member, product: Team) -> Responsibility:
    """Bob holds it."""
    found = ResponsibilityFactory(workspace=bob.workspace, team=product, title="Answering the press")
    AssignmentFactory(responsibility=found, member=bob, status="accepted", answered_at=timezone.now())
    return found


@pytest.fixture
def private(bob: Member, mo: Member) -> Goal:
    """Bob's, and mo contributes."""
    found = GoalFactory(owner=bob, visibility="private", title=WORD)
    ContributorFactory(goal=found, member=mo)
    return found


def test_a_cover_cannot_be_hung_on_somebody_elses_absence(
    api_of: Api, press: Responsibility, bob: Member, mo: Member, lea: Member
) -> None:
    """It would take the place of their own cover, and be told of as theirs."""
    absence = AbsenceFactory(member=bob)
    AssignmentFactory(responsibility=press, member=mo, status="accepted", answered_at=timezone.now())
    body = {
        "responsibility": str(press.pk), "kind": "cover", "absence": str(absence.pk), "to_member": str(lea.pk),
        "starts_on": str(absence.starts_on), "ends_on": str(absence.ends_on),
    }  # fmt: skip
    answer = api_of(mo).post("/api/v1/handovers/", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "absence")
    with pytest.raises(ValidationError, match="somebody else's time off"):
        cover.propose_cover(press, {}, absent=mo, taker=lea, absence=absence, by=mo, at=timezone.now())
    assert not Handover.objects.exists()


def test_a_task_that_moved_to_a_private_goal_is_no_part_of_a_brief_or_a_handover_any_more(
    api_of: Api, press: Responsibility, private: Goal, bob: Member, lea: Member, client_of: ClientOf
) -> None:
    task = TaskFactory(responsibility=press, assignee=bob, created_by=bob, title=WORD, due_on=timezone.localdate())
    handover = HandoverFactory(responsibility=press, from_member=bob, to_member=lea)
    HandoverTaskFactory(handover=handover, task=task)
    assert [each.pk for each in brief_of(handover, lea).tasks] == [task.pk]
    task_services.update_task(task, {"goal": private}, by=bob, at=timezone.now())
    brief = brief_of(handover, lea)
    assert (brief.tasks, brief.dates) == ([], [])
    assert not handover_access.visible_handover_tasks(lea).exists()
    row = api_of(lea).get(f"/api/v1/handovers/{handover.pk}/")
    assert row.json()["tasks"] == []
    page = client_of(lea).get(f"/w/{bob.workspace.slug}/handovers/{handover.pk}/")
    assert page.status_code == 200
    assert WORD not in page.content.decode()


def test_a_chat_does_not_name_a_private_goal(private: Goal, bob: Member, mo: Member) -> None:
    now = timezone.now()
    role: Any = {"member": mo, "role": "responsible", "note": f"{WORD} note"}
    services.offer_assignment(private, role, by=bob, at=now)
    notice = Notice.objects.get(recipient=mo)
    post = post_of_notices(Delivery(recipient=mo, data={"notices": [str(notice.pk)]}, updated_at=now))
    assert post is not None
    assert "a private goal" in post.items[0].title
    assert WORD not in post.items[0].title + post.items[0].text


OUTSIDERS = ("alice", "adam", "lea", "gus", "eve")


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_private_goal_is_named_in_no_reference(
    who: str, request: pytest.FixtureRequest, api_of: Api, private: Goal, press: Responsibility
) -> None:
    """Whatever field names it, the answer is that of an id there never was."""
    client = api_of(request.getfixturevalue(who))
    task = TaskFactory(goal=private, assignee=private.owner, title=WORD)
    for path, body in BODIES.items():
        answers = []
        for goal_id, task_id in ((private.pk, task.pk), (uuid4(), uuid4())):
            text = json.dumps(body).replace("GOAL", str(goal_id)).replace("TASK", str(task_id))
            text = text.replace("DUTY", str(press.pk)).replace("MEMBER", str(client_id(client)))
            answer = client.post(f"/api/v1/{path}/", json.loads(text))
            told = answer.content.decode().replace(str(goal_id), "ID").replace(str(task_id), "ID")
            answers.append((answer.status_code, told))
        assert answers[0] == answers[1], path
        assert answers[0][0] in {400, 403}, path
        assert WORD not in answers[0][1]


BODIES = {
    "assignments": {"goal": "GOAL", "member": "MEMBER", "role": "accountable"},
    "tasks": {"goal": "GOAL", "title": "A way in"},
    "handovers": {"goal": "GOAL", "to_member": "MEMBER"},
    "responsibilities": {"title": "A way in", "goal": "GOAL"},
    "absences": {
        "starts_on": "2026-12-01", "ends_on": "2026-12-02",
        "covers": [{"what": {"goal": "GOAL"}, "cover": "MEMBER"}],
    },
}  # fmt: skip


def client_id(client: APIClient) -> str:
    """Who calls."""
    found: str = client.get("/api/v1/me/").json()["member"]["id"]
    return found


@pytest.mark.parametrize("who", ["alice", "lea", "bob"])
def test_rows_of_another_workspace_are_as_good_as_absent(
    who: str, request: pytest.FixtureRequest, api_of: Api, press: Responsibility, eve: Member
) -> None:
    theirs: dict[str, Any] = {
        "member": eve, "to_member": eve, "from_member": eve, "assignee": eve,
        "team": TeamFactory(workspace=eve.workspace),
        "goal": GoalFactory(owner=eve), "responsibility": ResponsibilityFactory(workspace=eve.workspace),
    }  # fmt: skip
    theirs["absence"] = AbsenceFactory(member=eve)
    client = api_of(request.getfixturevalue(who))
    duty = str(press.pk)
    bodies: list[tuple[str, dict[str, Any], str]] = [
        ("assignments", {"responsibility": duty, "role": "informed"}, "member"),
        ("assignments", {"responsibility": duty, "role": "informed"}, "team"),
        ("assignments", {"role": "informed"}, "goal"),
        ("assignments", {"role": "informed"}, "responsibility"),
        ("tasks", {"responsibility": duty, "title": "x"}, "assignee"),
        ("tasks", {"title": "x"}, "goal"),
        ("tasks", {"title": "x"}, "responsibility"),
        ("handovers", {"responsibility": duty}, "to_member"),
        ("handovers", {"responsibility": duty, "to_member": str(press.pk)}, "from_member"),
        ("handovers", {"responsibility": duty, "kind": "cover"}, "absence"),
        ("responsibilities", {"title": "x"}, "team"),
        ("responsibilities", {"title": "x"}, "goal"),
        ("absences", {"starts_on": "2026-12-01", "ends_on": "2026-12-02"}, "member"),
    ]
    for path, body, field in bodies:
        told = []
        for pk in (str(theirs[field].pk), str(uuid4())):
            answer = client.post(f"/api/v1/{path}/", {**body, field: pk})
            told.append((answer.status_code, answer.content.decode().replace(pk, "ID")))
        assert told[0] == told[1], (path, field)
        assert told[0][0] in {400, 403}, (path, field)
    assert Assignment.objects.filter(workspace=press.workspace).count() == 1
    assert not Task.objects.exists()


@pytest.mark.parametrize("who", ["bob", "mo", "lea"])
def test_nobody_makes_themselves_accountable(
    who: str, request: pytest.FixtureRequest, api_of: Api, bob: Member, alice: Member, private: Goal
) -> None:
    """By no field, external id or status does somebody who may not give a role out take it."""
    member: Member = request.getfixturevalue(who)
    goal = GoalFactory(owner=alice)
    duty = ResponsibilityFactory(workspace=bob.workspace)
    asked = AssignmentFactory(responsibility=duty, member=member, role="informed")
    client = api_of(member)
    for thing in ({"goal": str(goal.pk)}, {"responsibility": str(duty.pk)}):
        for more in ({}, {"external_id": "a-1"}, {"external_id": "a-1", "status": "accepted"}):
            body = {**thing, **more, "member": str(member.pk), "role": "accountable"}
            assert client.post("/api/v1/assignments/", body).status_code in {400, 403}
            assert client.put("/api/v1/assignments/by-external-id/a-1/", body).status_code in {400, 403}
    for change in ({"role": "accountable"}, {"status": "accepted"}, {"role": "accountable", "hours_per_week": 1}):
        assert client.patch(f"/api/v1/assignments/{asked.pk}/", change).status_code in {400, 403}
    hidden: dict[str, Any] = {
        "offered_by": str(member.pk),
        "answered_at": "2026-01-01T00:00:00Z",
        "decline_reason": "x",
    }
    client.patch(f"/api/v1/assignments/{asked.pk}/", hidden)
    asked.refresh_from_db()
    assert (asked.role, asked.status, asked.offered_by, asked.answered_at, asked.decline_reason) == (
        "informed", "offered", None, None, "",
    )  # fmt: skip
    assert not access.is_accountable(member, goal)
    assert not access.is_accountable(member, duty)


def test_whoever_no_longer_contributes_is_told_nothing(
    api_of: Api, client_of: ClientOf, private: Goal, bob: Member, mo: Member
) -> None:
    """Roles, tasks, questions and handovers there stand in nobody's inbox, list or page who does not see the goal."""
    now = timezone.now()
    role: Any = {"member": mo, "role": "consulted", "note": WORD}
    services.offer_assignment(private, role, by=bob, at=now)
    task = task_services.create_task({"goal": private, "title": WORD, "assignee": mo}, by=bob, at=now)
    (asked,) = task_services.ask_consulted(private, question=f"{WORD}?", by=bob, at=now)
    handover = HandoverFactory(goal=private, from_member=bob, to_member=mo, notes=WORD)
    Contributor.objects.filter(goal=private, member=mo).delete()
    client, slug = client_of(mo), bob.workspace.slug
    for path in (f"tasks/{task.pk}", f"handovers/{handover.pk}", f"consultations/{asked.pk}/answer"):
        assert client.get(f"/w/{slug}/{path}/").status_code == 404, path
    for path in ("inbox", "tasks", "handovers", "responsibilities", "load", "responsibilities/people"):
        page = client.get(f"/w/{slug}/{path}/")
        assert WORD not in page.content.decode(), path
    api = api_of(mo)
    for path in (
        f"consultations/{asked.pk}/answer/", f"handovers/{handover.pk}/accept/", f"tasks/{task.pk}/complete/",
    ):  # fmt: skip
        assert api.post(f"/api/v1/{path}", {"answer": "x"} if "consult" in path else {}).status_code == 404, path
    for name in ("inbox", "tasks", "assignments", "consultations", "handovers"):
        assert WORD not in api.get(f"/api/v1/{name}/").content.decode(), name


@pytest.mark.parametrize(
    "path",
    [
        "load/?week=9999-12-31", "load/?week=0001-01-01", "load/?week=" + "9" * 400, "load/?weeks=99999999999",
        "load/?team=" + "0" * 5000, "hours/9999-12-31/", "hours/0001-01-01/", "hours/2026-13-45/",
        "tasks/understood/?line=" + "x" * 4000, "tasks/understood/?line=%3E%22" + "%25" * 900,
        "tasks/understood/?line=Ring%20in%2099999999999999999999%20days%20@" + "%5C" * 300,
        "tasks/understood/?line=Ring%2031.12.9999%2099999999999999h",
    ],
)  # fmt: skip
def test_what_is_far_too_large_is_no_fault(path: str, client_of: ClientOf, bob: Member) -> None:
    client = client_of(bob)
    assert client.get(f"/w/{bob.workspace.slug}/{path}").status_code in {200, 302, 400, 404}


def test_a_week_at_the_end_of_time_is_refused_over_the_api(api_of: Api, bob: Member) -> None:
    for week in ("9999-12-31", "0001-01-01", "9999-12-27"):
        for name in ("insights/load", "reported-hours"):
            assert api_of(bob).get(f"/api/v1/{name}/?week={week}").status_code in {200, 400}, (name, week)


def test_a_hundred_kilobytes_in_one_line_are_refused(client_of: ClientOf, press: Responsibility, bob: Member) -> None:
    client = client_of(bob)
    for line in ("x" * 100_000, "#a " * 30_000, "@" + "b." * 50_000, ">" + '"' * 100_000):
        body = {"line": line, "responsibility": str(press.pk), "key": str(uuid4())}
        answer = client.post(f"/w/{bob.workspace.slug}/tasks/new/", {**body, "quick": "1"})
        assert answer.status_code in {400, 413, 422}
    assert not Task.objects.exists()


def test_names_that_mean_several_are_only_those_one_sees(private: Goal, bob: Member, alice: Member) -> None:
    GoalFactory(owner=alice, title=f"{WORD} open")
    assert task_services.understand(f"Ring >{WORD}", by=alice, at=timezone.now()).thing is not None
    assert len(task_services.understand(f"Ring >{WORD[:6]}", by=bob, at=timezone.now()).ambiguous[0][1]) == 2
    with pytest.raises(ValidationError) as error:
        task_services.quick_add(f"Ring >{WORD}zz", by=alice, at=timezone.now() + timedelta(days=1))
    assert "private" not in str(error.value)
