"""Tasks, assignments and responsibilities of a file: what may change, and what people did since stays."""

from datetime import timedelta
from typing import Any

import pytest

from apps.goals.models import Goal
from apps.handovers.services import handovers
from apps.responsibilities import services
from apps.responsibilities.models import Assignment, AssignmentStatus, Responsibility
from apps.responsibilities.services.bulk.known import stable_id
from apps.tasks import services as task_services
from apps.tasks.models import Task
from apps.workspaces.models import Member
from tests.factories import ContributorFactory, GoalFactory
from tests.integrations.files import NOW, goal, neutral, reasons, run, told

LATER = NOW + timedelta(days=1)
PEOPLE = [{"key": "kim", "name": "Kim"}, {"key": "lou", "name": "Lou"}]


def file_of(*tasks: dict[str, Any], roles: Any = (), **fields: Any) -> bytes:
    """A file of one goal with tasks, and roles."""
    goals = [goal(key_results_or_tasks=list(tasks), **fields)]
    teams = [{"key": "t", "name": "T", "lead_keys": [], "member_keys": []}]
    return neutral(people=PEOPLE, teams=teams, goals=goals, assignments=list(roles))


def role(**fields: Any) -> dict[str, Any]:
    """A row of the assignments: Kim is accountable for the goal, unless told otherwise."""
    return {"goal_key": "g", "person_key": "kim", "role": "accountable", **fields}


def test_changed_tasks_are_changed_and_nothing_else(adam: Member) -> None:
    run(file_of({"title": "A", "owner_keys": ["kim"]}, {"title": "B"}), adam)
    again = file_of({"title": "A", "owner_keys": ["lou", "kim"], "status": "Done", "team_keys": ["t"]}, {"title": "B"})
    report = run(again, adam, at=LATER)
    assert report.counts["tasks"] == {"created": 0, "updated": 1, "unchanged": 1, "reported": 0}
    task = Task.objects.get(title="A")
    assert task.assignee is not None
    assert (task.assignee.external_id, task.status, task.closed_at) == ("lou", "done", LATER)
    assert list(task.helpers.values_list("external_id", flat=True)) == ["kim"]
    assert list(task.teams.values_list("external_id", flat=True)) == ["t"]
    reopened = run(file_of({"title": "A", "status": "in progress"}, {"title": "B"}), adam, at=LATER)
    assert reopened.counts["tasks"]["updated"] == 1
    task.refresh_from_db()
    assert (task.status, task.closed_at) == ("doing", None)


def test_tasks_of_one_title_are_several(adam: Member) -> None:
    content = file_of(*[{"title": "Review", "owner_keys": [key]} for key in ("kim", "lou", "kim")])
    assert run(content, adam).counts["tasks"]["created"] == 3
    assert run(content, adam).counts["tasks"]["unchanged"] == 3


def test_a_title_that_is_too_long_is_kept_whole_below(adam: Member) -> None:
    report = run(file_of({"title": "x" * 1_200, "notes": "Why."}), adam)
    task = Task.objects.get()
    assert (len(task.title), task.description) == (1_000, f"{'x' * 1_200}\n\nWhy.")
    assert reasons(report, "tasks", "g #1") == {("title_long", "title")}


@pytest.mark.parametrize("row", [None, 7, "x", [], {}, {"title": " "}, {"title": 5}, {"title": None, "notes": "n"}])
def test_what_is_no_task_is_told_and_left_out(adam: Member, row: Any) -> None:
    report = run(neutral(goals=[goal(key_results_or_tasks=[row, {"title": "A"}])]), adam)
    assert Task.objects.get().title == "A"
    assert row is None or told(report, "tasks")


@pytest.mark.parametrize("row", [None, 7, "x", [], {}, role(role=None), role(role=3), role(person_key=None)])
def test_what_is_no_assignment_is_told_and_left_out(adam: Member, row: Any) -> None:
    report = run(file_of(roles=[row, role()]), adam)
    assert Assignment.objects.count() == 1
    assert report.counts["assignments"]["reported"] == 1


@pytest.mark.parametrize(
    ("stated", "status", "labels"),
    [
        ("To-Do", "open", []),
        ("WIP (late)", "doing", []),
        ("COMPLETE", "done", []),
        ("Cancelled", "dropped", []),
        ("help wanted", "open", ["help wanted"]),
        ("not done", "open", ["not done"]),
        ("66 %", "open", ["66 %"]),
    ],
)
def test_a_status_is_a_state_or_a_label_and_never_guessed(
    adam: Member, stated: str, status: str, labels: list[str]
) -> None:
    report = run(file_of({"title": "A", "status": stated}), adam)
    task = Task.objects.get()
    assert (task.status, task.labels) == (status, labels)
    assert bool(told(report, "tasks", "status_unknown")) == bool(labels)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("@Kim, [T]", False),
        ("![Team][] T & kim", False),
        ("Kim and the pilots", True),
        ("2024-07", True),
        ("Kim " * 400, True),
    ],
)
def test_words_about_owners_are_kept_where_they_say_more(adam: Member, text: str, kept: bool) -> None:
    run(file_of({"title": "A", "owner_keys": ["kim"], "team_keys": ["t"], "owner_text": text}), adam)
    assert Task.objects.get().description.startswith("- owner_text: ") == kept


def test_deactivated_people_get_no_tasks_and_no_roles(adam: Member) -> None:
    run(neutral(people=PEOPLE), adam)
    Member.objects.filter(external_id="kim").update(deactivated_at=NOW)
    report = run(file_of({"title": "A", "owner_keys": ["kim", "lou"]}, roles=[role()]), adam)
    task = Task.objects.get()
    assert (task.assignee, list(task.helpers.values_list("name", flat=True))) == (None, ["Lou"])
    assert not Assignment.objects.exists()
    assert {(line.kind, line.reason) for line in report.lines} >= {
        ("tasks", "person_left"), ("assignments", "person_left"),
    }  # fmt: skip


def test_work_on_goals_that_one_may_not_change_is_left_out(adam: Member, bob: Member) -> None:
    """The report says the same of a hidden goal and of what it would hang on it."""
    GoalFactory(workspace=adam.workspace, external_id="g", owner=bob, visibility="private")
    report = run(file_of({"title": "A"}, roles=[role(), role(goal_key="other")]), adam)
    assert not Task.objects.exists()
    assert not Assignment.objects.exists()
    assert reasons(report, "tasks", "g #1") == reasons(report, "assignments", "g #1") - {("no_goal", "goal_key")}
    assert reasons(report, "assignments", "other #2") == {("no_goal", "goal_key"), ("assignment_incomplete", "")}
    hidden = neutral(people=PEOPLE, assignments=[role()])
    assert reasons(run(hidden, adam), "assignments", "g #1") == {("no_goal", "goal_key"), ("assignment_incomplete", "")}


def test_tasks_that_one_sees_but_may_not_change_stay(adam: Member, bob: Member) -> None:
    run(file_of({"title": "A"}), adam)
    private = Goal.objects.get()
    Goal.objects.filter(pk=private.pk).update(visibility="private", owner=bob)
    ContributorFactory(goal=private, member=adam)
    report = run(file_of({"title": "Mine now"}), adam)
    assert Task.objects.get().title == "A"
    assert ("left_out", "") in reasons(report, "tasks", "g #1")


def test_roles_on_goals_that_are_here_need_no_goal_in_the_file(adam: Member) -> None:
    run(file_of(), adam)
    report = run(neutral(assignments=[role()]), adam)
    assert report.counts["assignments"]["created"] == 1
    assert Assignment.objects.get().goal == Goal.objects.get()


def test_a_subject_is_one_responsibility_whoever_holds_it(adam: Member) -> None:
    rows = [
        {"subject": "On-call", "person_key": "kim", "role": "R"},
        {"subject": "ON-CALL", "team_key": "t", "role": "informed"},
        {"subject": "team t", "person_key": "kim", "role": "accountable"},
        {"subject": "team nobody", "person_key": "kim", "role": "accountable"},
        {"subject": "y" * 1_100, "person_key": "kim", "role": "accountable"},
    ]
    report = run(file_of(roles=rows), adam)
    found = dict(Responsibility.objects.values_list("title", "team__external_id"))
    assert found == {"On-call": None, "team t": "t", "team nobody": None, f"{'y' * 999}…": None}
    assert Responsibility.objects.get(title="On-call").assignments.count() == 2
    assert Responsibility.objects.get(title__startswith="yy").description == "y" * 1_100
    assert [line.reason for line in told(report, "responsibilities")] == ["title_long"]


def test_a_subject_beside_a_goal_is_told(adam: Member) -> None:
    report = run(file_of(roles=[role(subject="On-call")]), adam)
    assert not Responsibility.objects.exists()
    assert reasons(report, "assignments", "g #1") == {("field_unknown", "subject")}


def test_what_people_wrote_of_a_responsibility_stays(adam: Member) -> None:
    rows = [{"subject": "team t", "person_key": "kim", "role": "accountable"}]
    run(neutral(people=PEOPLE, assignments=rows), adam)
    duty = Responsibility.objects.get()
    assert duty.team_id is None
    services.update_responsibility(duty, {"title": "What T does"}, by=adam, at=LATER)
    report = run(file_of(roles=rows), adam, at=LATER)
    assert Responsibility.objects.filter(title="What T does", team__external_id="t").exists()
    assert reasons(report, "responsibilities", "team t") == {("kept_by_hand", "title")}


def test_a_role_that_was_taken_away_stays_away(adam: Member) -> None:
    content = file_of(roles=[role(), role(), {"subject": "On-call", "person_key": "kim", "role": "informed"}])
    run(content, adam)
    for row in Assignment.objects.exclude(role="accountable"):
        services.withdraw_assignment(row, by=adam, at=LATER)
    services.withdraw_assignment(Assignment.objects.order_by("pk")[0], by=adam, at=LATER)
    report = run(content, adam, at=LATER)
    assert Assignment.objects.count() == 1
    assert [line.reason for line in told(report, "assignments")] == ["kept_by_hand"] * 2
    assert report.counts["assignments"] == {"created": 0, "updated": 0, "unchanged": 1, "reported": 2}


def test_what_people_wrote_of_a_task_stays(adam: Member, bob: Member) -> None:
    run(file_of({"title": "A", "owner_keys": ["kim"], "notes": "One."}, {"title": "B"}, {"title": "C"}), adam)
    first, second, third = Task.objects.order_by("title")
    task_services.update_task(first, {"assignee": bob, "helpers": [], "teams": []}, by=adam, at=LATER)
    task_services.complete_task(second, by=adam, at=LATER)
    task_services.delete_task(third, by=adam, at=LATER)
    tasks: list[dict[str, Any]] = [
        {"title": "A", "owner_keys": ["kim", "lou"], "team_keys": ["t"], "notes": "Two."},
        {"title": "B", "status": "open"},
        {"title": "C"},
    ]
    report = run(file_of(*tasks), adam, at=LATER)
    first.refresh_from_db()
    assert (first.assignee, first.description, first.team_asks.count()) == (bob, "Two.", 1)
    assert Task.objects.get(title="B").status == "done"
    assert not Task.objects.filter(title="C").exists()
    assert reasons(report, "tasks", "g #1") == {("kept_by_hand", "assignee")}
    assert reasons(report, "tasks", "g #2") == {("kept_by_hand", "status")}
    assert reasons(report, "tasks", "g #3") == {("kept_by_hand", "")}
    task_services.update_task(
        first, {"helpers": [bob.workspace.members.get(external_id="lou")], "teams": []}, by=adam, at=LATER
    )
    again = run(file_of(*tasks), adam, at=LATER)
    assert reasons(again, "tasks", "g #1") == {("kept_by_hand", "assignee"), ("kept_by_hand", "teams")}


def test_a_role_that_was_handed_over_is_not_given_back(adam: Member, bob: Member) -> None:
    """Also where the receiver held the role already, so that of two rows one is left."""
    content = file_of(roles=[role(), role(role="consulted")])
    run(content, adam)
    services.offer_assignment(Goal.objects.get(), {"member": bob, "role": "accountable"}, by=adam, at=LATER)
    kim = Member.objects.get(external_id="kim")
    handover = handovers.propose_handover(Goal.objects.get(), {}, giver=kim, receiver=bob, by=adam, at=LATER)
    handovers.accept_handover(handover, by=bob, at=LATER)
    before = set(Assignment.objects.values_list("pk", "member", "role"))
    assert {member for _pk, member, _role in before} == {bob.pk}
    report = run(content, adam, at=LATER)
    assert set(Assignment.objects.values_list("pk", "member", "role")) == before
    assert report.counts["assignments"]["created"] == report.counts["assignments"]["updated"] == 0


def test_a_role_that_was_changed_stays_so(adam: Member, bob: Member) -> None:
    content = file_of(roles=[role()])
    run(content, adam)
    row = Assignment.objects.get()
    services.update_assignment(row, {"member": bob}, by=adam, at=LATER)
    report = run(content, adam, at=LATER)
    row.refresh_from_db()
    assert (row.member, row.status) == (bob, AssignmentStatus.OFFERED)
    assert report.counts["assignments"] == {"created": 0, "updated": 0, "unchanged": 1, "reported": 0}


def test_ids_of_rows_are_the_same_each_time_and_of_their_workspace(adam: Member, eve: Member) -> None:
    one = stable_id(adam.workspace_id, "k")
    assert one == stable_id(adam.workspace_id, "k")
    assert one != stable_id(eve.workspace_id, "k")
    assert (one.version, one.variant) == (8, "specified in RFC 4122")
    content = file_of({"title": "A"}, roles=[role()])
    run(content, adam)
    run(content, eve)
    assert Task.objects.count() == Assignment.objects.count() == 2
