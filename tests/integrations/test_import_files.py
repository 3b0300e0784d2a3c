"""Whole files: everything is there, a second time changes nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.activity.models import Event
from apps.goals.models import CheckIn, Cycle, Goal, GoalSupport, KeyResult, ProgressSource
from apps.goals.services.progress import measure
from apps.responsibilities.models import Assignment, Responsibility
from apps.tasks.models import Task, TaskHelper, TaskTeam
from apps.workspaces.models import Member, Team, TeamMembership
from tests.integrations.files import (
    NOW,
    like_rust_goals,
    like_sourcegraph_okrs,
    neutral,
    real_file,
    reasons,
    run,
    sample,
    told,
)

LATE = datetime(2026, 12, 1, tzinfo=UTC)
"""Behind the newest update of the real files."""
PEOPLE = [{"key": "p", "name": "P"}, {"key": "q", "name": "Q"}]
WRITTEN = (
    Member, Team, TeamMembership, Cycle, Goal, GoalSupport, CheckIn, Responsibility, Assignment, Task, TaskHelper,
    TaskTeam,
)  # fmt: skip


def _snapshot() -> dict[str, list[Any]]:
    """Every row an import may write, without ids that every run makes anew."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in WRITTEN}


def test_rust_goals_are_taken_whole(alice: Member) -> None:
    report = run(real_file("rust_goals") or like_rust_goals(), alice, at=LATE)
    assert {kind: row["created"] for kind, row in report.counts.items()} == {
        "people": 686, "teams": 217, "cycles": 4, "goals": 216, "check_ins": 543, "responsibilities": 101,
        "tasks": 1084, "assignments": 1399,
    }  # fmt: skip
    assert Goal.objects.exclude(parent=None).count() == 43
    assert Member.objects.filter(user=None).count() == 686
    assert Assignment.objects.exclude(team=None).count() == 557
    assert Responsibility.objects.exclude(team=None).count() == 101
    assert {line.reason for line in told(report, "tasks")} == {"status_unknown"}
    assert told(report, "assignments") == []
    assert CheckIn.objects.exclude(author=None).count() >= 514
    again = run(real_file("rust_goals") or like_rust_goals(), alice, at=LATE)
    assert all(row["created"] == row["updated"] == 0 for row in again.counts.values())
    assert [again.counts[kind]["unchanged"] for kind in ("check_ins", "tasks", "assignments")] == [543, 1084, 1399]


def test_sourcegraph_okrs_are_taken_whole(alice: Member) -> None:
    report = run(real_file("sourcegraph_okrs") or like_sourcegraph_okrs(), alice, at=LATE)
    assert {kind: row["created"] for kind, row in report.counts.items()} == {
        "people": 270, "teams": 120, "cycles": 10, "goals": 252, "check_ins": 0, "responsibilities": 15,
        "tasks": 644, "assignments": 329,
    }  # fmt: skip
    assert Member.objects.exclude(manager=None).count() == 269
    assert Goal.objects.exclude(parent=None).count() == 62
    assert told(report, "cycles", "bad_date")
    assert KeyResult.objects.count() == 0, "a key result has a target, and the file names none"
    assert {line.reason for line in told(report, "tasks")} == {"status_unknown"}
    again = run(real_file("sourcegraph_okrs") or like_sourcegraph_okrs(), alice, at=LATE)
    assert all(row["created"] == row["updated"] == 0 for row in again.counts.values())


def test_the_same_file_again_leaves_every_row_as_it_is(alice: Member) -> None:
    run(sample(), alice)
    before = _snapshot()
    report = run(sample(), alice, at=NOW.replace(month=9))
    assert _snapshot() == before
    assert {kind: (row["created"], row["updated"]) for kind, row in report.counts.items()} == dict.fromkeys(
        report.counts, (0, 0)
    )


def test_a_dry_run_says_the_same_and_writes_nothing(alice: Member) -> None:
    before = _snapshot()
    preview = run(sample(), alice, dry_run=True)
    assert _snapshot() == before
    report = run(sample(), alice)
    assert (preview.counts, preview.lines) == (report.counts, report.lines)


def test_every_derived_figure_is_what_the_single_services_would_say(alice: Member) -> None:
    run(sample(), alice)
    goals = list(Goal.objects.all())
    assert {goal.progress_source for goal in goals} >= {ProgressSource.CHECK_IN, ProgressSource.NONE}
    assert [(goal.progress, goal.progress_source) for goal in goals] == [measure(goal) for goal in goals]


def test_the_harbours_file_is_read_as_it_is_meant(alice: Member) -> None:
    report = run(sample(), alice)
    first, second, third, fourth = Goal.objects.filter(external_id__startswith="g/").order_by("external_id")
    people = {member.external_id: member for member in Member.objects.exclude(external_id="")}
    teams = {team.external_id: team for team in Team.objects.all()}
    assert (first.owner, first.team, first.status) == (people["ana"], teams["all"], "active")
    assert list(first.supporting_teams.all()) == [teams["quay"]]
    assert first.labels == ["sea", "flagship"]
    assert first.description == "Waiting **costs**.\n\n- tracking: harbour#1"
    assert (first.confidence, first.progress) == ("at_risk", 0.375)
    assert [goal.parent for goal in (second, third, fourth)] == [first, second, None]
    assert (second.status, second.closed_at and second.closed_at.date().isoformat()) == ("achieved", "2024-12-01")
    assert (third.status, third.labels, third.url, third.owner) == ("active", ["Half-baked"], "", None)
    assert third.description == "- progress_hint: Nearly\n- owner_text: the quay"
    assert (fourth.status, fourth.cycle, fourth.team, fourth.owner) == ("dropped", None, None, None)
    assert people["k-17"].name == "k-17"
    assert people["ben-2"].manager == people["ana"]
    assert people["lör"].name == "\u202eLör\u202c <script>alert(1)</script>"
    assert teams["tide"].ancestor_ids == [teams["all"].pk, teams["quay"].pk]
    assert teams["tide"].archived_at == NOW
    assert set(TeamMembership.objects.filter(team=teams["quay"]).values_list("member__external_id", "is_lead")) == {
        ("ben", True), ("k-17", False),
    }  # fmt: skip
    check_ins = list(first.check_ins.order_by("made_at", "pk"))
    assert [(each.author_name, each.note_format, each.progress) for each in check_ins] == [
        ("Ben Okafor", "markdown", 0.125), ("A passer-by", "html", None), ("Ben Okafor", "markdown", 0.375),
    ]  # fmt: skip
    assert [each.made_at.date().isoformat() for each in check_ins] == ["2024-09-01", "2024-09-01", "2024-11-01"]
    assert second.check_ins.get().note == "status: Completed"
    assert reasons(report, "people", "ben-2") == {("other_case", "manager_key")}
    assert reasons(report, "people", "xu") == {("no_person", "manager_key")}
    assert reasons(report, "people", "k-17") == {("name_missing", "name")}
    assert reasons(report, "teams", "quay") == {("no_person", "member_keys")}
    assert reasons(report, "teams", "lost") == {("no_team", "parent")}
    assert reasons(report, "cycles", "2025h1") == {("bad_date", "end")}
    assert reasons(report, "goals", "g/3") == {
        ("status_unknown", "status"), ("bad_progress", "progress_hint"), ("bad_link", "url"),
    }  # fmt: skip
    assert reasons(report, "goals", "g/4") == {
        ("no_cycle", "cycle"), ("no_person", "owner"), ("no_team", "team"), ("no_goal", "parent"),
        ("closed_as_history", "status"),
    }  # fmt: skip
    assert reasons(report, "check_ins", "g/4 #1") == reasons(report, "check_ins", "g/4 #2") == {("bad_date", "date")}


def test_the_harbours_tasks_are_read_as_they_are_meant(alice: Member) -> None:
    report = run(sample(), alice)
    people = {member.external_id: member for member in Member.objects.exclude(external_id="")}
    teams = {team.external_id: team for team in Team.objects.all()}
    goal = Goal.objects.get(external_id="g/1")
    first, second, third = Task.objects.filter(goal=goal).order_by("title", "description")
    assert (first.title, first.description, first.status, first.assignee) == ("Measure", "", "open", people["ben"])
    assert second.description == "Again, at **low** water.\n\n- owner_text: @ben, [quay] [Team] and the pilots"
    assert (second.status, second.assignee, second.created_by) == ("done", people["ben"], None)
    assert second.closed_at is not None
    assert second.closed_at.date().isoformat() == "2024-11-01", "the day of the goal's last update"
    assert (list(second.helpers.all()), set(second.teams.all())) == ([people["ana"]], {teams["quay"], teams["tide"]})
    assert (third.labels, third.status, third.assignee) == (["key result", "help wanted"], "open", None)
    assert not KeyResult.objects.exists(), "nothing says from where to where"
    assert reasons(report, "tasks", "g/1 #2") == {("other_case", "owner_keys"), ("no_person", "owner_keys")}
    assert reasons(report, "tasks", "g/1 #3") == {("status_unknown", "status"), ("no_team", "team_keys")}
    assert report.counts["tasks"] == {"created": 3, "updated": 0, "unchanged": 0, "reported": 2}


def test_the_harbours_assignments_are_stored_as_they_are(alice: Member) -> None:
    report = run(sample(), alice)
    goal = Goal.objects.get(external_id="g/1")
    assert sorted(goal.assignments.values_list("member__external_id", "role", "note")) == [
        ("ana", "accountable", "owner"), ("ben", "accountable", "owner"), ("ben", "consulted", "asks"),
        ("ben", "consulted", "asks"),
    ]  # fmt: skip
    team_row = Assignment.objects.get(goal__external_id="g/2")
    assert (team_row.team and team_row.team.external_id, team_row.member, team_row.role) == ("quay", None, "informed")
    assert set(Assignment.objects.values_list("status", "offered_by")) == {("accepted", alice.pk)}
    assert not Assignment.objects.exclude(answered_by=None).exists()
    quay, pilot = Responsibility.objects.order_by("title")
    assert [(each.title, each.team and each.team.external_id) for each in (quay, pilot)] == [
        ("team quay", "quay"), ("team quay: pilot", "quay"),
    ]  # fmt: skip
    assert sorted(quay.assignments.values_list("member__external_id", "role")) == [
        ("ana", "informed"), ("ben", "accountable"),
    ]  # fmt: skip
    assert set(pilot.assignments.values_list("member__external_id", "team__external_id")) == {
        ("xu", None), (None, "tide"),
    }  # fmt: skip
    assert reasons(report, "assignments", "g/404 #9") == {("no_goal", "goal_key"), ("assignment_incomplete", "")}
    assert reasons(report, "assignments", "g/1 #10") == {("no_person", "person_key"), ("assignment_incomplete", "")}
    assert reasons(report, "assignments", "g/1 #11") == {("role_unknown", "role"), ("assignment_incomplete", "role")}
    assert reasons(report, "assignments", "#12") == {("assignment_incomplete", "")}
    assert report.counts["assignments"] == {"created": 9, "updated": 0, "unchanged": 0, "reported": 4}
    assert report.counts["responsibilities"] == {"created": 2, "updated": 0, "unchanged": 0, "reported": 0}
    events = Event.objects.filter(verb__endswith=".assignments_imported").values_list("subject_id", "data__count")
    assert set(events) == {(goal.pk, 4), (team_row.goal_id, 1), (quay.pk, 2), (pilot.pk, 2)}


def test_imported_goals_are_not_reminded_of_the_past(alice: Member) -> None:
    run(sample(), alice)
    first = Goal.objects.get(external_id="g/1")
    assert first.check_in_due_on is not None
    assert first.check_in_due_on.isoformat() == "2024-11-08"
    assert first.remind_on is None


def test_more_goals_cost_no_more_queries(alice: Member) -> None:
    def queries(count: int, prefix: str) -> int:
        goals = [
            {
                "key": f"{prefix}{n}", "title": "A", "updates": [{"date": "2025-01-01", "text": "x"}],
                "key_results_or_tasks": [{"title": "B", "owner_keys": ["p", "q"], "team_keys": ["t"]}],
            }
            for n in range(count)
        ]  # fmt: skip
        roles = [{"goal_key": f"{prefix}{n}", "person_key": "p", "role": "accountable"} for n in range(count)]
        roles += [{"subject": f"{prefix}{n}", "team_key": "t", "role": "informed"} for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            run(neutral(people=PEOPLE, teams=[{"key": "t", "name": "T"}], goals=goals, assignments=roles), alice)
        return len(captured)

    queries(1, "first")
    assert queries(1, "a") == queries(60, "b")


@pytest.mark.parametrize("name", ["rust_goals", "sourcegraph_okrs"])
def test_stand_ins_have_the_shape_of_the_real_files(name: str) -> None:
    """Where the real files are, the made-up ones must not have drifted away from them."""

    stand_in = json.loads({"rust_goals": like_rust_goals, "sourcegraph_okrs": like_sourcegraph_okrs}[name]())
    sizes = {"rust_goals": (686, 217, 4, 216), "sourcegraph_okrs": (270, 120, 10, 252)}[name]
    content = real_file(name)
    found = json.loads(content) if content else stand_in
    for data in (stand_in, found):
        assert tuple(len(data[kind]) for kind in ("people", "teams", "cycles", "goals")) == sizes
