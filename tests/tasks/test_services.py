"""The rules of tasks: who may do what, what follows, and that nothing is half done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from apps.activity.models import Event
from apps.core.models import new_id
from apps.goals import services as goals
from apps.goals.access import visible_goals
from apps.integrations.models import WebhookDelivery
from apps.integrations.queries.webhooks import subject_of
from apps.notifications.models import Notice
from apps.responsibilities.access import answerable, can_answer, visible_assignments, visible_responsibilities
from apps.tasks import access, services
from apps.tasks.models import Task
from tests.factories import (
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    MemberFactory,
    ResponsibilityFactory,
    TaskFactory,
    TeamFactory,
    TeamMembershipFactory,
    WebhookFactory,
)


@pytest.fixture
def duty(harbour, product):
    return ResponsibilityFactory(workspace=harbour, team=product, title="Keep the phones up")


@pytest.fixture
def task(goal, mo, bob):
    """Mo's, on bob's goal."""
    return TaskFactory(goal=goal, title="Buy headsets", assignee=mo, created_by=bob)


def verbs(subject):
    rows = Event.objects.filter(subject_id=subject.pk).order_by("at", "id")
    return [row.verb.removeprefix("task.") for row in rows]


def told(member):
    return list(Notice.objects.open().filter(recipient=member).order_by("created_at").values_list("kind", flat=True))


# ---- writing ----


def test_create_keeps_what_is_said(goal, bob, lea, mo, care, now):
    task = services.create_task(
        {"title": "  Buy   headsets ", "goal": goal, "assignee": lea, "helpers": [mo], "teams": [care],
         "labels": [" a ", "a", ""], "importance": 4, "urgency": 2, "due_on": now.date(),
         "hours": Decimal(3), "description": "Two."},
        by=bob, at=now,
    )  # fmt: skip
    task.refresh_from_db()
    assert (task.title, task.status, task.assignee, task.created_by) == ("Buy headsets", "open", lea, bob)
    assert (task.labels, list(task.helpers.all()), list(task.teams.all())) == (["a"], [mo], [care])
    assert verbs(task) == ["created"]
    assert told(lea) == ["task_assigned"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " \u200e"}, "title"),
        ({"title": "x" * 1_001}, "title"),
        ({"importance": 6}, "importance"),
        ({"urgency": 0}, "urgency"),
        ({"hours": -1}, "hours"),
        ({"hours": 10_001}, "hours"),
        ({"labels": [str(n) for n in range(21)]}, "labels"),
        ({"labels": ["x" * 101]}, "labels"),
        ({"goal": None}, "goal"),
    ],
)
def test_create_refuses_what_does_not_fit(goal, bob, now, fields, field):
    said: Any = {"title": "x", "goal": goal, **fields}
    with pytest.raises(ValidationError) as caught:
        services.create_task(said, by=bob, at=now)
    assert list(caught.value.error_dict) == [field]
    assert not Task.objects.exists()


def test_a_task_hangs_on_one_thing(goal, duty, bob, alice, now):
    with pytest.raises(ValidationError, match="not to both"):
        services.create_task({"title": "x", "goal": goal, "responsibility": duty}, by=alice, at=now)
    task = services.create_task({"title": "x", "goal": goal}, by=alice, at=now)
    task = services.update_task(task, {"responsibility": duty}, by=alice, at=now)
    assert (task.goal, task.responsibility, task.thing) == (None, duty, duty)
    with pytest.raises(ValidationError, match="what the task belongs to"):
        services.update_task(task, {"responsibility": None}, by=alice, at=now)
    with pytest.raises(PermissionDenied):
        services.update_task(task, {"goal": goal}, by=bob, at=now)


def test_nothing_is_added_to_what_is_over(goal, duty, bob, alice, now):
    task = TaskFactory(goal=goal)
    goals.close_goal(goal, outcome="missed", lesson="x", by=bob, at=now)
    duty.archived_at = now
    duty.save()
    for name, thing in (("goal", goal), ("responsibility", duty)):
        said: Any = {"title": "x", name: thing}
        with pytest.raises(ValidationError) as caught:
            services.create_task(said, by=alice, at=now)
        assert list(caught.value.error_dict) == [name]
    assert services.complete_task(task, by=bob, at=now).status == "done"


def test_what_one_does_not_see_is_not_there(bob, mo, eve, now):
    hidden = GoalFactory(owner=bob, visibility="private")
    with pytest.raises(ValidationError) as caught:
        services.create_task({"title": "x", "goal": hidden}, by=mo, at=now)
    assert caught.value.message_dict == {"goal": ["There is no such row."]}
    elsewhere = ResponsibilityFactory(workspace=eve.workspace)
    with pytest.raises(ValidationError):
        services.create_task({"title": "x", "responsibility": elsewhere}, by=bob, at=now)


def test_the_assignee_sees_what_it_belongs_to(goal, bob, mo, eve, now):
    gone = MemberFactory(workspace=bob.workspace, deactivated_at=now)
    goal.visibility = "team"
    goal.save()
    for person in (mo, eve, gone):
        for field, value in (("assignee", person), ("helpers", [person])):
            said: Any = {"title": "x", "goal": goal, field: value}
            with pytest.raises(ValidationError) as caught:
                services.create_task(said, by=bob, at=now)
            assert list(caught.value.error_dict) == [field]
    elsewhere = TeamFactory(workspace=eve.workspace)
    with pytest.raises(ValidationError):
        services.create_task({"title": "x", "goal": goal, "teams": [elsewhere]}, by=bob, at=now)


def test_moving_a_task_asks_whether_its_assignee_sees_the_new_place(task, bob, now):
    team_goal = GoalFactory(owner=bob, team=TeamFactory(workspace=bob.workspace), visibility="team")
    with pytest.raises(ValidationError) as caught:
        services.update_task(task, {"goal": team_goal}, by=bob, at=now)
    assert list(caught.value.error_dict) == ["assignee"]
    assert services.update_task(task, {"goal": team_goal, "assignee": bob}, by=bob, at=now).goal == team_goal


def test_a_form_sent_twice_makes_one_task(goal, bob, lea, now):
    key = new_id()
    first, second = (services.create_task({"title": t, "goal": goal}, by=bob, at=now, key=key) for t in "ab")
    assert first == second
    assert services.create_task({"title": "c", "goal": goal}, by=lea, at=now, key=key) != first


def test_an_external_id_is_of_one_task(task, goal, bob, now):
    services.update_task(task, {"external_id": "T-1"}, by=bob, at=now)
    with pytest.raises(ValidationError) as caught:
        services.create_task({"title": "x", "goal": goal, "external_id": "T-1"}, by=bob, at=now)
    assert list(caught.value.error_dict) == ["external_id"]


# ---- who may ----


def holders(goal, duty):
    """People of one kind each, beside the cast."""
    workspace, product = goal.workspace, duty.team

    def person(name):
        return MemberFactory(workspace=workspace, name=name)

    people = {name: person(name) for name in ("contributor", "accountable", "offered", "holder", "keeper", "writer")}
    ContributorFactory(goal=goal, member=people["contributor"])
    for thing in ({"goal": goal}, {"responsibility": duty}):
        accepted = {"status": "accepted", "answered_at": goal.activated_at}
        AssignmentFactory(**thing, member=people["accountable"], role="accountable", **accepted)
        AssignmentFactory(**thing, member=people["offered"], role="accountable")
    AssignmentFactory(responsibility=duty, member=people["holder"], role="responsible")
    team = TeamFactory(workspace=workspace)
    TeamMembershipFactory(team=team, member=people["keeper"])
    AssignmentFactory(responsibility=duty, member=None, team=team, role="responsible")
    assert product
    return people


@pytest.fixture
def people(goal, duty, alice, adam, lea, bob, mo, gus):
    """The cast, gus as a contributor of the goal, and one holder of each kind."""
    ContributorFactory(goal=goal, member=gus)
    cast = {"alice": alice, "adam": adam, "lea": lea, "bob": bob, "mo": mo, "gus": gus}
    return {**holders(goal, duty), **cast}


def test_who_may_add(people, goal, duty, eve):
    may = {name for name, who in people.items() if access.can_add_task(who, goal)}
    assert may == {"alice", "adam", "lea", "bob", "contributor", "accountable", "gus"}
    may = {name for name, who in people.items() if access.can_add_task(who, duty)}
    assert may == {"alice", "adam", "lea", "accountable", "holder", "keeper"}
    assert not access.can_add_task(eve, goal)


def test_who_may_change_and_work(people, goal, duty, eve):
    tasks = [
        TaskFactory(goal=goal, assignee=people["mo"], created_by=people["contributor"]),
        TaskFactory(responsibility=duty, assignee=people["gus"], created_by=people["holder"]),
    ]
    expected = (
        ({"alice", "adam", "lea", "bob", "accountable", "contributor"}, "mo"),
        ({"alice", "adam", "lea", "accountable", "holder"}, "gus"),
    )
    for each, (may, assignee) in zip(tasks, expected, strict=True):
        assert {name for name, who in people.items() if access.can_change_task(who, each)} == may
        assert {name for name, who in people.items() if access.can_work_on_task(who, each)} == may | {assignee}
    assert not access.can_work_on_task(eve, tasks[0])


def test_the_conditions_on_rows_are_the_same_rules(people, goal, duty):
    private = GoalFactory(owner=people["mo"], visibility="private")
    ContributorFactory(goal=private, member=people["bob"])
    for thing in ({"goal": goal}, {"goal": private}, {"responsibility": duty}):
        for name in ("gus", "bob", "keeper"):
            TaskFactory(**thing, assignee=people[name])
            TaskFactory(**thing, created_by=people[name])
    for who in people.values():
        seen = access.visible_tasks(who)
        change, work = seen.filter(access.alterable(who)), seen.filter(access.workable(who))
        assert set(change) == {task for task in seen if access.can_change_task(who, task)}, who
        assert set(work) == {task for task in seen if access.can_work_on_task(who, task)}, who
        theirs, duties = visible_goals(who), visible_responsibilities(who)
        taking = {*theirs.filter(access.goals_taking_tasks(who))}
        assert taking == {each for each in theirs if access.can_add_task(who, each)}, who
        held = {*duties.filter(access.responsibilities_taking_tasks(who))}
        assert held == {each for each in duties if access.can_add_task(who, each)}, who
        offered = visible_assignments(who)
        answered = {each for each in offered if can_answer(who, each)}
        assert set(offered.filter(answerable(who))) == answered, who


def test_the_assignee_says_how_long_it_takes_and_hands_it_back(task, bob, mo, lea, now):
    task = services.update_task(task, {"hours": Decimal(5)}, by=mo, at=now)
    refused: list[Any] = [{"title": "x"}, {"assignee": lea}, {"hours": Decimal(1), "due_on": now.date()}]
    for fields in refused:
        with pytest.raises(PermissionDenied):
            services.update_task(task, fields, by=mo, at=now)
    task = services.update_task(task, {"assignee": None}, by=mo, at=now)
    assert (task.assignee, task.hours) == (None, 5)
    with pytest.raises(PermissionDenied):
        services.update_task(task, {"hours": Decimal(1)}, by=mo, at=now)


def test_an_assignee_who_sees_it_no_more_does_nothing(task, goal, bob, mo, now):
    goals.update_goal(goal, {"visibility": "private"}, by=bob, at=now)
    task.refresh_from_db()
    with pytest.raises(PermissionDenied):
        services.complete_task(task, by=mo, at=now)


def test_strangers_are_refused(task, gus, eve, now):
    other = MemberFactory(workspace=gus.workspace)
    for who in (gus, eve, other):
        for act in (services.complete_task, services.drop_task, services.reopen_task, services.delete_task):
            with pytest.raises(PermissionDenied):
                act(task, by=who, at=now)
        with pytest.raises(PermissionDenied):
            services.update_task(task, {"title": "x"}, by=who, at=now)


# ---- states ----


def test_the_states_and_what_the_log_says(task, mo, now):
    for status, closed in (("doing", False), ("open", False), ("done", True), ("dropped", True), ("doing", False)):
        task = services.move_task(task, status, by=mo, at=now)
        assert (task.status, task.is_closed, task.closed_by) == (status, closed, mo if closed else None)
        task = services.move_task(task, status, by=mo, at=now)
    assert verbs(task) == ["started", "put_back", "completed", "dropped", "reopened"]
    with pytest.raises(ValidationError):
        services.move_task(task, "lost", by=mo, at=now)
    with pytest.raises(ValidationError, match="not closed"):
        services.reopen_task(task, by=mo, at=now)


def test_nothing_is_written_where_nothing_differs(task, bob, now):
    before = task.updated_at
    services.update_task(task, {"title": task.title, "assignee": task.assignee, "helpers": []}, by=bob, at=now)
    task.refresh_from_db()
    assert (task.updated_at, verbs(task)) == (before, [])


def test_changes_stand_in_the_log(task, bob, lea, now):
    services.update_task(task, {"title": "Lend headsets", "helpers": [lea]}, by=bob, at=now)
    event = Event.objects.get(verb="task.updated")
    assert event.data["changes"] == {"title": ["Buy headsets", "Lend headsets"], "helpers": [[], [str(lea.pk)]]}


def test_delete_leaves_its_title_in_the_log(task, bob, mo, now):
    with pytest.raises(PermissionDenied):
        services.delete_task(task, by=mo, at=now)
    services.delete_task(task, by=bob, at=now)
    assert not Task.objects.exists()
    assert Event.objects.get(verb="task.deleted").data == {"title": "Buy headsets"}


def test_closing_a_goal_leaves_its_tasks_open(task, goal, bob, now):
    goals.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=now)
    task.refresh_from_db()
    assert task.status == "open"


@pytest.mark.django_db(transaction=True)
def test_two_who_end_it_at_once_end_it_once(task, bob, mo, now):
    barrier = Barrier(2)

    def act(by):
        try:
            barrier.wait()
            return services.complete_task(task, by=by, at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, (bob, mo)))
    assert verbs(task) == ["completed"]


# ---- what people are told ----


def test_whoever_gets_a_task_is_told_until_it_is_done_or_anothers(task, bob, mo, lea, now):
    services.update_task(task, {"assignee": lea}, by=bob, at=now)
    assert (told(lea), told(mo)) == (["task_assigned"], [])
    services.update_task(task, {"assignee": mo}, by=bob, at=now + timedelta(minutes=1))
    assert (told(lea), told(mo)) == ([], ["task_assigned"])
    services.complete_task(task, by=mo, at=now)
    assert (told(mo), told(bob)) == ([], ["task_completed"])
    services.reopen_task(task, by=bob, at=now + timedelta(minutes=2))
    assert (told(mo), told(bob)) == (["task_assigned"], [])


def test_nobody_is_told_of_their_own_doing(goal, bob, now):
    task = services.create_task({"title": "x", "goal": goal, "assignee": bob}, by=bob, at=now)
    services.complete_task(task, by=bob, at=now)
    assert told(bob) == []


@pytest.mark.parametrize(("days", "expected"), [(2, 0), (1, 1), (0, 1), (-1, 0)])
def test_the_day_before_and_the_day_are_told(task, bob, mo, now, days, expected):
    services.update_task(task, {"due_on": now.date() + timedelta(days=days)}, by=bob, at=now)
    for _twice in range(2):
        services.tell_of_tasks_due(now.date(), at=now)
    assert told(mo).count("task_due") == expected
    services.drop_task(task, by=bob, at=now)
    assert told(mo) == []


def test_a_day_that_moved_and_a_task_given_away_are_told_no_more(task, bob, mo, lea, now):
    services.update_task(task, {"due_on": now.date()}, by=bob, at=now)
    services.tell_of_tasks_due(now.date(), at=now)
    services.update_task(task, {"due_on": now.date() + timedelta(days=9)}, by=bob, at=now)
    assert told(mo) == []
    services.update_task(task, {"due_on": now.date() + timedelta(days=1)}, by=bob, at=now)
    services.tell_of_tasks_due(now.date(), at=now)
    services.update_task(task, {"assignee": lea}, by=bob, at=now)
    assert (told(mo), told(lea)) == ([], ["task_assigned"])
    services.tell_of_tasks_due(now.date(), at=now)
    assert told(lea) == ["task_assigned", "task_due"]


def test_webhooks_hear_of_tasks_their_owner_sees(task, goal, bob, lea, mo, now):
    for owner in (lea, mo):
        WebhookFactory(member=owner, events=["task.completed"])
    services.complete_task(task, by=bob, at=now)
    goals.update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    said = {row.webhook.member: subject_of(row) for row in WebhookDelivery.objects.filter(type="task.completed")}
    assert said[mo] is None
    told = said[lea]
    assert told is not None
    assert (told["object"], told["title"]) == ("task", "Buy headsets")
    assert told["url"].endswith(f"/api/v1/tasks/{task.pk}/")
