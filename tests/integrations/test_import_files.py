"""Whole files: everything is there, a second time changes nothing."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.goals.models import CheckIn, Cycle, Goal, GoalSupport, ProgressSource
from apps.goals.services.progress import measure
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


def _snapshot() -> dict[str, list[Any]]:
    """Every row an import may write, without ids that every run makes anew."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in (Member, Team, TeamMembership, Cycle, Goal, GoalSupport, CheckIn)
    }


def test_rust_goals_are_taken_whole(alice: Member) -> None:
    report = run(real_file("rust_goals") or like_rust_goals(), alice)
    assert {kind: row["created"] for kind, row in report.counts.items()} == {
        "people": 686, "teams": 217, "cycles": 4, "goals": 216, "check_ins": 543, "tasks": 0, "assignments": 0,
    }  # fmt: skip
    assert Goal.objects.exclude(parent=None).count() == 43
    assert Member.objects.filter(user=None).count() == 686
    assert (report.counts["tasks"]["reported"], report.counts["assignments"]["reported"]) == (1084, 1399)
    assert [line.count for line in told(report, reason="not_stored")] == [1399, 1084]
    assert CheckIn.objects.exclude(author=None).count() >= 514
    again = run(real_file("rust_goals") or like_rust_goals(), alice)
    assert all(row["created"] == row["updated"] == 0 for row in again.counts.values())
    assert again.counts["check_ins"]["unchanged"] == 543


def test_sourcegraph_okrs_are_taken_whole(alice: Member) -> None:
    report = run(real_file("sourcegraph_okrs") or like_sourcegraph_okrs(), alice)
    assert {kind: report.counts[kind]["created"] for kind in ("people", "teams", "cycles", "goals")} == {
        "people": 270, "teams": 120, "cycles": 10, "goals": 252,
    }  # fmt: skip
    assert Member.objects.exclude(manager=None).count() == 269
    assert Goal.objects.exclude(parent=None).count() == 62
    assert told(report, "cycles", "bad_date")
    assert report.counts["tasks"]["reported"] == 644 or not real_file("sourcegraph_okrs")
    again = run(real_file("sourcegraph_okrs") or like_sourcegraph_okrs(), alice)
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
    }  # fmt: skip
    assert reasons(report, "check_ins", "g/4 #1") == reasons(report, "check_ins", "g/4 #2") == {("bad_date", "date")}


def test_imported_goals_are_not_reminded_of_the_past(alice: Member) -> None:
    run(sample(), alice)
    first = Goal.objects.get(external_id="g/1")
    assert first.check_in_due_on is not None
    assert first.check_in_due_on.isoformat() == "2024-11-08"
    assert first.remind_on is None


def test_more_goals_cost_no_more_queries(alice: Member) -> None:
    def queries(count: int, prefix: str) -> int:
        goals = [
            {"key": f"{prefix}{n}", "title": "A", "updates": [{"date": "2025-01-01", "text": "x"}]}
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            run(neutral(goals=goals), alice)
        return len(captured)

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
