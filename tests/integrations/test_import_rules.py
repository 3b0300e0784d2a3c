"""What an import may change, and what it leaves alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.activity.models import Event
from apps.goals import services as goals
from apps.goals.models import CheckIn, CheckInRevision, Cycle, Goal, GoalSupport, Visibility
from apps.notifications.models import Notice
from apps.workspaces import services as workspaces
from apps.workspaces.models import Member, Team, TeamMembership
from tests.factories import (
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    MemberFactory,
    TeamMembershipFactory,
    UserFactory,
)
from tests.integrations.files import NOW, goal, neutral, reasons, run, sample, told

LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize("name", ["bob", "lea", "mo", "gus"])
def test_import_refuses_everyone_but_admins(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        run(neutral(goals=[goal()]), request.getfixturevalue(name))
    assert not Goal.objects.exists()


def test_import_stays_in_its_workspace(adam: Member, eve: Member) -> None:
    run(sample(), eve)
    report = run(sample(), adam)
    assert report.counts["goals"]["created"] == 4
    assert Goal.objects.filter(workspace=adam.workspace).count() == Goal.objects.filter(workspace=eve.workspace).count()


def test_changed_rows_are_changed_and_nothing_else(adam: Member) -> None:
    run(sample(), adam)
    data = sample()
    data["goals"][0] |= {"title": "Ships find a berth in half an hour", "summary": None, "owner_key": None}
    data["people"][0]["title"] = "Director"
    data["goals"][0]["updates"][0]["text"] = "Begun late."
    report = run(data, adam, at=LATER)
    changed = {kind: (row["created"], row["updated"]) for kind, row in report.counts.items() if row["updated"]}
    assert changed == {"people": (0, 1), "goals": (0, 1), "check_ins": (0, 1)}
    first = Goal.objects.get(external_id="g/1")
    assert first.title == "Ships find a berth in half an hour"
    assert first.owner is not None, "what the file does not say stays"
    revision = CheckInRevision.objects.get()
    assert (revision.before, revision.edited_by) == ({"note": "Begun."}, adam)
    event = Event.objects.filter(verb="goal.updated", subject_id=first.pk).get()
    assert event.data["import"] is True
    assert event.data["changes"]["title"] == [
        "Ships find a berth within the hour",
        "Ships find a berth in half an hour",
    ]


def test_what_people_changed_by_hand_stays(adam: Member) -> None:
    run(sample(), adam)
    first = Goal.objects.get(external_id="g/1")
    goals.update_goal(first, {"title": "Our own words"}, by=adam, at=LATER)
    ana, quay = Member.objects.get(external_id="ana"), Team.objects.get(external_id="quay")
    workspaces.update_member(ana, {"title": "Captain"}, by=adam, at=LATER)
    workspaces.remove_from_team(quay, Member.objects.get(external_id="k-17"), by=adam, at=LATER)
    cycle = Cycle.objects.get(name="2024h2")
    goals.update_cycle(cycle, {"ends_on": date(2024, 12, 20)}, by=adam, at=LATER)
    report = run(sample(), adam, at=LATER + timedelta(days=1))
    assert all(row["updated"] == row["created"] == 0 for row in report.counts.values())
    assert Goal.objects.get(pk=first.pk).title == "Our own words"
    assert ("kept_by_hand", "title") in reasons(report, "goals", "g/1")
    assert ("kept_by_hand", "title") in reasons(report, "people", "ana")
    assert ("kept_by_hand", "member_keys") in reasons(report, "teams", "quay")
    assert ("kept_by_hand", "ends_on") in reasons(report, "cycles", "2024h2")


def test_a_goal_that_somebody_closed_stays_closed(adam: Member) -> None:
    run(sample(), adam)
    first = Goal.objects.get(external_id="g/1")
    goals.close_goal(first, outcome="missed", lesson="Too many ships.", by=adam, at=LATER)
    report = run(sample(), adam, at=LATER)
    assert Goal.objects.get(pk=first.pk).status == "missed"
    assert ("kept_by_hand", "status") in reasons(report, "goals", "g/1")


def table(*, status: str, lesson: str = "") -> bytes:
    return f"external_id;title;status;lesson\ng/1;Answer every call;{status};{lesson}\n".encode()


def test_a_file_may_close_and_reopen_what_nobody_touched(adam: Member, bob: Member) -> None:
    run(table(status="Accepted"), adam)
    ContributorFactory(goal=Goal.objects.get(), member=bob)
    run(table(status="Done", lesson="Ask first."), adam, at=LATER)
    closed = Goal.objects.get()
    assert (closed.status, closed.closed_at, closed.check_in_due_on) == ("achieved", LATER, None)
    assert (closed.lesson, closed.closed_by) == ("Ask first.", adam)
    told = Notice.objects.get(kind="goal_closed", about_id=closed.pk)
    assert told.recipient == bob
    run(table(status="Missed", lesson="Ask earlier."), adam, at=LATER)
    assert (Goal.objects.get().status, Goal.objects.get().lesson) == ("missed", "Ask earlier.")
    run(table(status="In progress"), adam, at=LATER)
    assert (Goal.objects.get().closed_at, Goal.objects.get().lesson) == (None, "")
    said = Event.objects.filter(subject_id=closed.pk).order_by("id").values_list("verb", "data__lesson", "data__import")
    assert list(said)[1:] == [
        ("goal.achieved", "Ask first.", True),
        ("goal.reopened", "Ask first.", True),
        ("goal.missed", "Ask earlier.", True),
        ("goal.reopened", "Ask earlier.", True),
    ]


def test_no_file_closes_a_goal_of_ours_without_what_was_learned(adam: Member) -> None:
    run(neutral(goals=[goal(status="Accepted")]), adam)
    report = run(neutral(goals=[goal(status="Done")]), adam, at=LATER)
    assert [line.reason for line in report.lines] == ["needs_lesson"]
    left = Goal.objects.get()
    assert (left.status, left.closed_at, left.closed_by, left.lesson) == ("active", None, None, "")


def test_no_file_closes_a_goal_before_the_consulted_are_heard(adam: Member, bob: Member) -> None:
    run(table(status="Accepted"), adam)
    AssignmentFactory(
        goal=Goal.objects.get(), responsibility=None, workspace=adam.workspace, member=bob, role="consulted",
        status="accepted", answered_at=NOW,
    )  # fmt: skip
    report = run(table(status="Done", lesson="Ask first."), adam, at=LATER)
    assert [line.reason for line in report.lines] == ["waits_for_answers"]
    assert Goal.objects.get().status == "active"


def test_a_goal_that_comes_closed_is_history_of_which_nobody_was_asked(adam: Member) -> None:
    report = run(table(status="Done", lesson="Ask first."), adam)
    assert (Goal.objects.get().status, Goal.objects.get().lesson) == ("achieved", "Ask first.")
    assert [line.reason for line in report.lines] == ["closed_as_history"]
    assert not Notice.objects.exists()


def test_an_edited_check_in_stays(adam: Member) -> None:
    run(sample(), adam)
    ben = Member.objects.get(external_id="ben")
    ben.user = UserFactory()
    ben.save()
    check_in = CheckIn.objects.get(note="Begun.")
    Goal.objects.filter(pk=check_in.goal_id).update(owner=ben)
    goals.edit_check_in(check_in, {"note": "Begun, at last."}, readings=None, by=ben, at=LATER)
    data = sample()
    data["goals"][0]["updates"][0]["text"] = "Something else."
    report = run(data, adam, at=LATER)
    assert CheckIn.objects.get(pk=check_in.pk).note == "Begun, at last."
    assert reasons(report, "check_ins", "g/1 #1") == {("kept_by_hand", "")}


def test_people_with_an_account_keep_their_name(adam: Member, harbour: Any) -> None:
    own = MemberFactory(workspace=harbour, name="Ana L.", external_id="ana", title="")
    report = run(sample(), adam)
    own.refresh_from_db()
    assert (own.name, own.title) == ("Ana L.", "Harbour master")
    assert reasons(report, "people", "ana") == {("kept_own_account", "name")}


def test_an_admin_cannot_change_an_owner_by_file(adam: Member, alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(external_id="ana")
    report = run(sample(), adam)
    alice.refresh_from_db()
    assert alice.title == ""
    assert ("not_yours", "name, title") in reasons(report, "people", "ana")


def test_people_are_known_by_their_address_too(adam: Member, bob: Member) -> None:
    people = [
        {"key": "bobby", "email": "BOB@example.org", "title": "Clerk"},
        {"key": "other", "email": "not an address"},
    ]
    report = run(neutral(people=people), adam)
    bob.refresh_from_db()
    assert (bob.external_id, bob.title) == ("bobby", "Clerk")
    assert reasons(report, "people", "other") == {("name_missing", "name"), ("bad_address", "email")}
    assert run(neutral(people=people), adam).counts["people"]["unchanged"] == 2


def test_deactivated_people_get_nothing_new(adam: Member, bob: Member) -> None:
    Member.objects.filter(pk=bob.pk).update(external_id="bob", deactivated_at=NOW)
    data = neutral(
        people=[{"key": "kim", "name": "Kim", "manager_key": "bob"}],
        teams=[{"key": "t", "name": "T", "member_keys": ["bob"]}],
        goals=[goal(owner_key="bob")],
    )
    report = run(data, adam)
    assert Goal.objects.get().owner is None
    assert not TeamMembership.objects.filter(team__external_id="t").exists()
    assert {(line.kind, line.reason) for line in report.lines} == {
        ("people", "person_left"), ("teams", "person_left"), ("goals", "person_left"),
    }  # fmt: skip


def test_guests_do_not_lead(adam: Member, gus: Member) -> None:
    Member.objects.filter(pk=gus.pk).update(external_id="gus")
    report = run(neutral(teams=[{"key": "t", "name": "T", "lead_keys": ["gus"]}]), adam)
    assert [line.reason for line in report.lines] == ["guest_cannot_lead"]


# ---- what the importing admin cannot see -------------------------------------------------------------------------


def test_import_never_touches_a_hidden_goal(adam: Member, bob: Member) -> None:
    hidden = GoalFactory(owner=bob, visibility=Visibility.PRIVATE, external_id="g/1", title="Quietly leave")
    before = Goal.objects.filter(pk=hidden.pk).values().get()
    report = run(sample(), adam)
    assert Goal.objects.filter(pk=hidden.pk).values().get() == before
    assert not hidden.check_ins.exists()
    assert not hidden.children.exists()
    assert reasons(report, "goals", "g/1") == {("left_out", "")}
    assert "Quietly" not in str(report.lines)
    assert ("no_goal", "parent") in reasons(report, "goals", "g/2")


def test_a_hidden_goal_reads_in_the_report_like_one_that_may_not_be_changed(adam: Member, bob: Member) -> None:
    hidden = GoalFactory(owner=bob, visibility=Visibility.PRIVATE, external_id="x")
    mine = GoalFactory(owner=bob, visibility=Visibility.PRIVATE, external_id="y")
    mine.contributions.create(workspace=mine.workspace, member=adam)
    report = run(neutral(goals=[goal("x"), goal("y")]), adam)
    assert [(line.reason, line.value) for line in report.lines] == [("left_out", "")] * 2
    assert hidden.title != "Goal x"


def test_a_hidden_goal_is_no_parent(adam: Member, bob: Member) -> None:
    GoalFactory(owner=bob, visibility=Visibility.PRIVATE, external_id="secret")
    report = run(neutral(goals=[goal("a", parent_key="secret"), goal("b", parent_key="absent")]), adam)
    assert [(line.reason, line.field) for line in report.lines] == [("no_goal", "parent")] * 2


def test_a_teams_goal_that_the_admin_does_not_see_is_left_out(adam: Member, bob: Member, product: Team) -> None:
    GoalFactory(owner=bob, team=product, visibility=Visibility.TEAM, external_id="g")
    report = run(neutral(goals=[goal(title="Mine now")]), adam)
    assert [line.reason for line in report.lines] == ["left_out"]
    TeamMembershipFactory(team=product, member=adam)
    assert run(neutral(goals=[goal(title="Mine now")]), adam).counts["goals"]["updated"] == 1


# ---- trees -------------------------------------------------------------------------------------------------------


def test_circles_are_left_open(adam: Member) -> None:
    ring = {"a": "c", "b": "a", "c": "b", "d": "d"}
    report = run(
        neutral(
            people=[{"key": key, "name": key, "manager_key": above} for key, above in ring.items()],
            teams=[{"key": key, "name": key, "parent": above} for key, above in ring.items()],
            goals=[goal(key, parent_key=above) for key, above in ring.items()],
        ),
        adam,
    )
    assert [(line.kind, line.key) for line in told(report, reason="circle")] == [
        ("people", "c"), ("people", "d"), ("teams", "c"), ("teams", "d"), ("goals", "c"), ("goals", "d"),
    ]  # fmt: skip
    assert Goal.objects.exclude(parent=None).count() == 2


@pytest.mark.parametrize("order", [1, -1])
def test_trees_are_at_most_ten_deep_whatever_the_order_of_rows(adam: Member, order: int) -> None:
    chain = [(f"n{n}", f"n{n - 1}" if n else None) for n in range(14)][::order]
    report = run(
        neutral(
            teams=[{"key": key, "name": key, "parent": above} for key, above in chain],
            goals=[goal(key, parent_key=above) for key, above in chain],
        ),
        adam,
    )
    assert {line.reason for line in report.lines} == {"too_deep"}
    assert max(len(team.ancestor_ids) for team in Team.objects.filter(external_id__startswith="n")) == 9
    for each in Goal.objects.all():
        above, steps = each, 0
        while above.parent is not None:
            above, steps = above.parent, steps + 1
        assert steps <= 9


def test_goals_go_beneath_goals_that_are_here_already(adam: Member, goal: Goal) -> None:
    Goal.objects.filter(pk=goal.pk).update(external_id="here")
    run(neutral(goals=[{"key": "new", "title": "New", "parent_key": "HERE", "status": "active"}]), adam)
    assert Goal.objects.get(external_id="new").parent is None, "only keys in the file are found in another case"
    run(neutral(goals=[{"key": "new", "title": "New", "parent_key": "here"}]), adam)
    assert Goal.objects.get(external_id="new").parent == goal


# ---- rules of goals ----------------------------------------------------------------------------------------------


def test_closed_cycles_take_no_new_goals(adam: Member, spring: Cycle) -> None:
    goals.close_cycle(spring, carry=[], into=None, by=adam, at=NOW)
    report = run(neutral(goals=[goal(cycle="spring")]), adam)
    assert (Goal.objects.get().cycle, [line.reason for line in report.lines]) == (None, ["cycle_closed"])


def test_goals_come_last_in_their_cycle_in_the_order_of_the_file(adam: Member, goal: Goal) -> None:
    run(neutral(goals=[{"key": key, "title": key, "cycle": "Spring"} for key in "zay"]), adam)
    titles = list(Goal.objects.filter(cycle=goal.cycle).ranked().values_list("title", flat=True))
    assert titles == [goal.title, "z", "a", "y"]


def test_a_draft_with_check_ins_is_active(adam: Member) -> None:
    update = {"date": "2026-01-05", "text": "Begun"}
    report = run(neutral(goals=[goal(status="Proposed", updates=[update])]), adam)
    assert (Goal.objects.get().status, [line.reason for line in report.lines]) == (
        "active",
        ["no_draft_with_check_ins"],
    )


def test_supporting_teams_are_added_never_removed(adam: Member, product: Team, web: Team, care: Team) -> None:
    for team in (product, web, care):
        Team.objects.filter(pk=team.pk).update(external_id=team.name)
    run(neutral(goals=[goal(team_keys=["Product", "Web"])]), adam)
    run(neutral(goals=[goal(team_keys=["Product", "Care"])]), adam)
    assert set(GoalSupport.objects.values_list("team__name", flat=True)) == {"Web", "Care"}


def test_children_that_everyone_sees_count_in_their_parents_progress(adam: Member) -> None:
    update = {"date": "2026-01-05", "text": "x", "progress": "1/2"}
    run(neutral(goals=[goal("top"), goal("a", parent_key="top", updates=[update]), goal("b", parent_key="top")]), adam)
    top = Goal.objects.get(external_id="top")
    assert (top.progress, top.progress_source) == (0.25, "children")


# ---- files that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b'{"goals": [{"key": "a",]}', "line 1, column 24"),
        (b'{"goals": [\n{"key": "a"}\n', "line 3, column 1"),
        (b'{"goals": []} x', "Extra data"),
        (b'{"goals": [NaN]}', "NaN"),
        (b'{"goals": [' + b"[" * 100_000, "nested too deeply"),
        (b'{"goals": "' + b"\xff" + b'"}', "byte 12"),
        (b'{"goals": [' + b"[],[]," * 1_100_000 + b"1]}", "more than"),
        (b"[1, 2]", "line 1, column 1"),
        (b"{}", "none of people, teams"),
        (b'{"other": 1}', "none of people, teams"),
        (b'{"meta": {"format": "neutral-goals/9"}, "goals": []}', "neutral-goals/9"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "not a text file"),
        (b"name of it;colour\nx;red", "title"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_reason(alice: Member, content: bytes, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        run(content, alice)
    assert words in " ".join(caught.value.messages) or (words == "title" and "columns" in str(caught.value))
    assert not Goal.objects.exists()


def test_a_file_that_is_too_large_is_refused(alice: Member, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1_000
    with pytest.raises(ValidationError, match="At most"):
        run(neutral(goals=[goal(summary="x" * 1_000)]), alice)
