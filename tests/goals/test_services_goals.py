"""Writing, changing, closing and reopening goals."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.activity.models import Event
from apps.goals import services
from apps.goals.models import Contributor, Goal
from apps.goals.services import GoalFields
from tests.factories import (
    CycleFactory,
    GoalFactory,
    KeyResultFactory,
    MemberFactory,
    TeamFactory,
    ValueFactory,
)

LATER = timedelta(days=3)


def field_of(caught):
    """The names of the fields an error lies at."""
    return set(caught.value.message_dict) if hasattr(caught.value, "error_dict") else {"__all__"}


def events(goal):
    """What the log says of a goal, oldest first."""
    return list(Event.objects.filter(subject_id=goal.pk).order_by("at", "id"))


# ---- create ----


def test_create_goal_keeps_all_it_is_told(bob, lea, mo, product, care, spring, goal, now):
    value = ValueFactory(workspace=bob.workspace)
    made = services.create_goal(
        {
            "title": "  Answer  within\na day ",
            "reason": "Waiting costs trust.",
            "description": "How: *rota*.",
            "cycle": spring,
            "team": product,
            "supporting_teams": [care],
            "owner": lea,
            "parent": goal,
            "contributors": [(bob, Decimal("6.5")), (mo, None)],
            "values": [value],
            "labels": [" care ", "care", "", "phone"],
            "url": "https://example.org/plan",
            "importance": 5,
            "urgency": 2,
            "starts_on": date(2026, 1, 5),
            "due_on": date(2026, 3, 20),
        },
        by=bob,
        at=now,
    )
    made = Goal.objects.get(pk=made.pk)
    assert made.title == "Answer within a day"
    assert (made.workspace, made.cycle, made.team, made.owner, made.parent) == (
        bob.workspace,
        spring,
        product,
        lea,
        goal,
    )
    assert made.labels == ["care", "phone"]
    assert list(made.supporting_teams.all()) == [care]
    assert list(made.values.all()) == [value]
    assert {c.member: c.hours_per_week for c in made.contributions.all()} == {bob: Decimal("6.5"), mo: None}
    assert (made.status, made.visibility, made.activated_at, made.created_at) == ("active", "workspace", now, now)
    assert [(e.verb, e.actor, e.at) for e in events(made)] == [("goal.created", bob, now)]


def test_create_goal_comes_last_in_its_cycle(bob, spring, now):
    first = services.create_goal({"title": "One", "cycle": spring}, by=bob, at=now)
    second = services.create_goal({"title": "Two", "cycle": spring}, by=bob, at=now)
    assert first.rank < second.rank


def test_active_goal_is_due_for_a_check_in_after_the_cadence(bob, now):
    made = services.create_goal({"title": "One", "owner": bob}, by=bob, at=now)
    assert made.check_in_due_on == date(2026, 3, 11)
    assert made.remind_on == date(2026, 3, 11)


def test_reminder_falls_on_a_working_day(bob):
    saturday = datetime(2026, 3, 7, 10, tzinfo=UTC)
    made = services.create_goal({"title": "One", "owner": bob}, by=bob, at=saturday)
    assert (made.check_in_due_on, made.remind_on) == (date(2026, 3, 14), date(2026, 3, 16))


def test_due_date_counts_in_the_workspaces_zone(bob):
    almost_midnight = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    made = services.create_goal({"title": "One", "owner": bob}, by=bob, at=almost_midnight)
    assert made.check_in_due_on == date(2026, 3, 12)


def test_draft_is_due_for_nothing(bob, now):
    made = services.create_goal({"title": "One", "status": "draft"}, by=bob, at=now)
    assert (made.activated_at, made.check_in_due_on, made.remind_on) == (None, None, None)


def test_same_key_makes_one_goal(bob, now):
    key = uuid4()
    one = services.create_goal({"title": "One"}, by=bob, at=now, key=key)
    again = services.create_goal({"title": "One"}, by=bob, at=now + LATER, key=key)
    assert one.pk == again.pk
    assert Goal.objects.count() == 1
    assert len(events(one)) == 1


def test_same_key_makes_one_goal_even_if_it_is_for_somebody_else(bob, mo, care, now):
    key = uuid4()
    fields: GoalFields = {"title": "One", "owner": mo, "team": care, "visibility": "team"}
    one = services.create_goal(fields, by=bob, at=now, key=key)
    assert services.create_goal(fields, by=bob, at=now, key=key) == one


@pytest.mark.parametrize("who", ["mo", "eve"])
def test_key_that_is_the_id_of_a_hidden_goal_makes_another_as_any_key_does(request, bob, now, who):
    hidden = GoalFactory(owner=bob, visibility="private")
    for key in (hidden.pk, uuid4()):
        made = services.create_goal({"title": "Other"}, by=request.getfixturevalue(who), at=now, key=key)
        assert (made.title, made.pk.version, made.pk.bytes[:6]) == ("Other", 7, key.bytes[:6])
    hidden.refresh_from_db()
    assert hidden.owner == bob


def test_guest_writes_no_goal(gus, now):
    with pytest.raises(PermissionDenied):
        services.create_goal({"title": "One"}, by=gus, at=now)


@pytest.mark.parametrize(
    ("fields", "at_field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \u200f\u202e "}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"reason": "x" * 50_001}, "reason"),
        ({"importance": 6}, "importance"),
        ({"urgency": 0}, "urgency"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "not an address"}, "url"),
        ({"labels": ["x" * 101]}, "labels"),
        ({"labels": [str(n) for n in range(21)]}, "labels"),
        ({"visibility": "everyone"}, "visibility"),
        ({"visibility": "team"}, "team"),
        ({"status": "achieved"}, "status"),
        ({"status": "strange"}, "status"),
        ({"starts_on": date(2026, 2, 1), "due_on": date(2026, 1, 1)}, "due_on"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_create_goal_refuses_at_the_field(bob, now, fields, at_field):
    said: GoalFields = {"title": "One"}
    said |= fields
    with pytest.raises(ValidationError) as caught:
        services.create_goal(said, by=bob, at=now)
    assert field_of(caught) == {at_field}
    assert not Goal.objects.exists()


def test_create_goal_names_only_what_exists_for_the_person(bob, mo, eve, gus, product, care, now):
    hidden = GoalFactory(owner=mo, team=care, visibility="team")
    gone = MemberFactory(workspace=bob.workspace, deactivated_at=now)
    archived = TeamFactory(workspace=bob.workspace, archived_at=now)
    foreign_team = TeamFactory(workspace=eve.workspace)
    closed = CycleFactory(workspace=bob.workspace, closed_at=now)
    cases = [
        ({"parent": hidden}, "parent"),
        ({"parent": GoalFactory(owner=eve)}, "parent"),
        ({"owner": eve}, "owner"),
        ({"owner": gone}, "owner"),
        ({"team": foreign_team}, "team"),
        ({"team": archived}, "team"),
        ({"cycle": CycleFactory(workspace=eve.workspace)}, "cycle"),
        ({"cycle": closed}, "cycle"),
        ({"supporting_teams": [care, foreign_team]}, "supporting_teams"),
        ({"values": [ValueFactory(workspace=bob.workspace, member=mo)]}, "values"),
        ({"values": [ValueFactory(workspace=eve.workspace)]}, "values"),
        ({"contributors": [(eve, None)]}, "contributors"),
        ({"contributors": [(gone, None)]}, "contributors"),
        ({"contributors": [(mo, None), (mo, None)]}, "contributors"),
        ({"contributors": [(mo, Decimal(-1))]}, "contributors"),
        ({"contributors": [(mo, Decimal(169))]}, "contributors"),
        ({"contributors": [(mo, Decimal("NaN"))]}, "contributors"),
    ]
    before = Goal.objects.count()
    for fields, at_field in cases:
        said: Any = {"title": "One", **fields}
        with pytest.raises(ValidationError) as caught:
            services.create_goal(said, by=bob, at=now)
        assert field_of(caught) == {at_field}, fields
    assert Goal.objects.count() == before
    assert not Contributor.objects.exists()


def test_external_id_is_used_once(bob, now):
    services.create_goal({"title": "One", "external_id": "G-1"}, by=bob, at=now)
    with pytest.raises(ValidationError) as caught:
        services.create_goal({"title": "Two", "external_id": "G-1"}, by=bob, at=now)
    assert field_of(caught) == {"external_id"}


@pytest.mark.parametrize("owner", ["lea", None])
def test_nobody_makes_anothers_goal_private(request, bob, now, owner):
    person = request.getfixturevalue(owner) if owner else None
    fields: GoalFields = {"title": "One", "visibility": "private", "owner": person}
    with pytest.raises(ValidationError) as caught:
        services.create_goal(fields, by=bob, at=now)
    assert field_of(caught) <= {"visibility", "owner"}


# ---- update ----


@pytest.mark.parametrize(("who", "may"), [("alice", True), ("lea", True), ("bob", True), ("mo", False), ("eve", False)])
def test_update_goal_is_for_owner_leads_and_admins(request, goal, now, who, may):
    member = request.getfixturevalue(who)
    if may:
        assert services.update_goal(goal, {"title": "Better"}, by=member, at=now).title == "Better"
    else:
        with pytest.raises(PermissionDenied):
            services.update_goal(goal, {"title": "Better"}, by=member, at=now)
        assert Goal.objects.get().title != "Better"


def test_update_goal_leaves_alone_what_is_not_named(goal, bob, mo, now):
    services.update_goal(goal, {"reason": "Because.", "contributors": [(mo, Decimal(3))]}, by=bob, at=now)
    services.update_goal(goal, {"title": "Better"}, by=bob, at=now)
    goal.refresh_from_db()
    assert (goal.reason, list(goal.contributors.all())) == ("Because.", [mo])


def test_update_goal_writes_what_changed_from_and_to(goal, bob, mo, now):
    services.update_goal(goal, {"title": "Better", "importance": 4, "reason": ""}, by=bob, at=now)
    services.update_goal(goal, {"contributors": [(mo, Decimal(3))]}, by=bob, at=now + LATER)
    services.update_goal(goal, {"title": "Better"}, by=bob, at=now + LATER)
    first, second = [e.data["changes"] for e in events(goal)]
    assert first == {"title": ["Answer every call", "Better"], "importance": [None, 4]}
    assert second == {"contributors": [[], [[str(mo.pk), 3.0]]]}


def test_update_goal_writes_nothing_where_nothing_differs(goal, bob, mo, now):
    said: GoalFields = {"title": goal.title, "owner": bob, "labels": ["x"], "contributors": [(mo, Decimal("2.5"))]}
    services.update_goal(goal, said, by=bob, at=now)
    before = Goal.objects.get(pk=goal.pk)
    events = Event.objects.count()

    services.update_goal(goal, said, by=bob, at=now + timedelta(hours=1))

    assert Goal.objects.get(pk=goal.pk).updated_at == before.updated_at
    assert Event.objects.count() == events


def test_update_goal_tells_a_change_of_what_hangs_on_it_as_a_change_of_the_goal(goal, bob, mo, now):
    services.update_goal(goal, {"contributors": [(mo, Decimal("2.5"))]}, by=bob, at=now)
    before = Goal.objects.get(pk=goal.pk)

    services.update_goal(goal, {"contributors": [(mo, Decimal(3))]}, by=bob, at=now + timedelta(hours=1))

    assert Goal.objects.get(pk=goal.pk).updated_at > before.updated_at
    assert Contributor.objects.get(goal=goal, member=mo).hours_per_week == 3


def test_update_goal_may_keep_somebody_who_left(goal, bob, mo, now):
    services.update_goal(goal, {"contributors": [(mo, None)]}, by=bob, at=now)
    mo.deactivated_at = now
    mo.save()
    services.update_goal(goal, {"contributors": [(mo, Decimal(2))]}, by=bob, at=now)
    assert goal.contributions.get().hours_per_week == 2


def test_update_goal_keeps_values_that_others_hold(goal, bob, lea, now):
    shared, hers = ValueFactory(workspace=bob.workspace), ValueFactory(workspace=bob.workspace, member=lea)
    services.update_goal(goal, {"values": [shared, hers]}, by=lea, at=now)
    services.update_goal(goal, {"values": []}, by=bob, at=now)
    assert list(goal.values.all()) == [hers]


def test_team_does_not_support_its_own_goal(goal, bob, product, care, now):
    services.update_goal(goal, {"supporting_teams": [product, care]}, by=bob, at=now)
    assert list(goal.supporting_teams.all()) == [care]


def test_moving_to_another_cycle_comes_last_there(goal, bob, now):
    other = CycleFactory(workspace=bob.workspace)
    last = GoalFactory(owner=bob, cycle=other, rank=10**15)
    assert services.update_goal(goal, {"cycle": other}, by=bob, at=now).rank > last.rank


def test_goal_in_a_closed_cycle_can_still_be_mended(goal, bob, spring, now):
    spring.closed_at = now
    spring.save()
    assert services.update_goal(goal, {"cycle": spring, "title": "Better"}, by=bob, at=now).title == "Better"


def test_private_is_the_owners_word(goal, bob, lea, now):
    with pytest.raises(ValidationError) as caught:
        services.update_goal(goal, {"visibility": "private"}, by=lea, at=now)
    assert field_of(caught) == {"visibility"}
    services.update_goal(goal, {"visibility": "private"}, by=bob, at=now)
    with pytest.raises(PermissionDenied):
        services.update_goal(goal, {"visibility": "workspace"}, by=lea, at=now)
    assert services.update_goal(goal, {"visibility": "workspace"}, by=bob, at=now).visibility == "workspace"


def test_lead_cannot_take_a_goal_and_hide_it_in_one_step(goal, lea, now):
    with pytest.raises(ValidationError):
        services.update_goal(goal, {"owner": lea, "visibility": "private"}, by=lea, at=now)


def test_draft_becomes_active_and_back_while_nobody_checked_in(bob, now):
    draft = services.create_goal({"title": "One", "status": "draft", "owner": bob}, by=bob, at=now)
    active = services.activate_goal(draft, by=bob, at=now + LATER)
    assert (active.status, active.activated_at) == ("active", now + LATER)
    assert active.check_in_due_on == date(2026, 3, 14)
    again = services.update_goal(active, {"status": "draft"}, by=bob, at=now + LATER)
    assert (again.activated_at, again.check_in_due_on) == (None, None)
    services.activate_goal(again, by=bob, at=now + LATER)
    services.create_check_in(again, {"note": "So far."}, readings={}, by=bob, at=now + LATER)
    with pytest.raises(ValidationError) as caught:
        services.update_goal(again, {"status": "draft"}, by=bob, at=now + LATER)
    assert field_of(caught) == {"status"}


@pytest.mark.parametrize("status", ["achieved", "missed", "dropped"])
def test_update_goal_does_not_close(goal, bob, now, status):
    with pytest.raises(ValidationError) as caught:
        services.update_goal(goal, {"status": status}, by=bob, at=now)
    assert field_of(caught) == {"status"}


# ---- the tree ----


def chain(bob, length):
    """Goals beneath one another, the top first."""
    found: list[Goal] = []
    for _level in range(length):
        found.append(GoalFactory(owner=bob, parent=found[-1] if found else None))
    return found


def test_goal_cannot_stand_beneath_itself(bob, now):
    top, middle, low = chain(bob, 3)
    for parent in (top, middle, low):
        with pytest.raises(ValidationError) as caught:
            services.update_goal(top, {"parent": parent}, by=bob, at=now)
        assert field_of(caught) == {"parent"}


def test_tree_is_at_most_ten_levels_deep(bob, now):
    deep = chain(bob, 9)
    tenth = services.create_goal({"title": "Tenth", "parent": deep[-1]}, by=bob, at=now)
    with pytest.raises(ValidationError):
        services.create_goal({"title": "Eleventh", "parent": tenth}, by=bob, at=now)
    with_child = chain(bob, 2)[0]
    with pytest.raises(ValidationError) as caught:
        services.update_goal(with_child, {"parent": deep[-1]}, by=bob, at=now)
    assert field_of(caught) == {"parent"}
    services.update_goal(with_child, {"parent": deep[-2]}, by=bob, at=now)


def test_hidden_parent_stays_when_it_is_not_named(bob, mo, care, goal, now):
    hidden = GoalFactory(owner=mo, team=care, visibility="team")
    Goal.objects.filter(pk=goal.pk).update(parent=hidden)
    services.update_goal(goal, {"title": "Better"}, by=bob, at=now)
    goal.refresh_from_db()
    assert goal.parent_id == hidden.pk


def progress_of(goal):
    """As stored."""
    return Goal.objects.values_list("progress", "progress_source").get(pk=goal.pk)


def measured(bob, share, **values):
    """A goal whose one key result is so far."""
    made = GoalFactory(owner=bob, **values)
    KeyResultFactory(goal=made, current_value=share)
    return services.update_goal(made, {"urgency": 3}, by=bob, at=datetime(2026, 3, 4, tzinfo=UTC))


def test_progress_goes_up_the_whole_tree(bob, now):
    top = GoalFactory(owner=bob)
    middle = GoalFactory(owner=bob, parent=top)
    measured(bob, 80, parent=middle)
    assert progress_of(middle) == (0.8, "children")
    assert progress_of(top) == (0.8, "children")


def test_move_brings_both_trees_up_to_date(bob, now):
    old_top, new_top = GoalFactory(owner=bob), GoalFactory(owner=bob)
    old, new = GoalFactory(owner=bob, parent=old_top), GoalFactory(owner=bob, parent=new_top)
    moving = measured(bob, 60, parent=old)
    assert progress_of(old_top) == (0.6, "children")
    services.update_goal(moving, {"parent": new}, by=bob, at=now)
    assert [progress_of(each) for each in (old, old_top)] == [(0.0, "none")] * 2
    assert [progress_of(each) for each in (new, new_top)] == [(0.6, "children")] * 2
    services.update_goal(moving, {"parent": None}, by=bob, at=now)
    assert progress_of(new_top) == (0.0, "none")


def test_key_results_come_before_children_and_children_before_check_ins(bob, now):
    parent = GoalFactory(owner=bob, activated_at=now)
    services.create_check_in(parent, {"progress": 0.3}, readings={}, by=bob, at=now)
    assert progress_of(parent) == (0.3, "check_in")
    measured(bob, 80, parent=parent)
    assert progress_of(parent) == (0.8, "children")
    services.create_key_result(parent, {"title": "Calls", "target_value": Decimal(10)}, by=bob, at=now)
    assert progress_of(parent) == (0.0, "key_results")


def test_drafts_and_dropped_goals_do_not_count_and_unmeasured_ones_count_as_nothing_done(bob, now):
    parent = GoalFactory(owner=bob)
    counted = measured(bob, 80, parent=parent)
    measured(bob, 10, parent=parent, status="draft", activated_at=None)
    assert progress_of(parent) == (0.8, "children")
    services.create_goal({"title": "Not measured", "parent": parent}, by=bob, at=now)
    assert progress_of(parent) == (0.4, "children")
    services.close_goal(counted, outcome="dropped", lesson="Too much.", by=bob, at=now)
    assert progress_of(parent) == (0.0, "none")


def test_hidden_child_never_shows_in_a_roll_up(bob, product, now):
    parent = GoalFactory(owner=bob, team=product)
    child = measured(bob, 80, parent=parent, team=product)
    services.update_goal(child, {"visibility": "private"}, by=bob, at=now)
    assert progress_of(parent) == (0.0, "none")
    services.update_goal(child, {"visibility": "workspace"}, by=bob, at=now)
    assert progress_of(parent) == (0.8, "children")
    services.update_goal(child, {"visibility": "team"}, by=bob, at=now)
    assert progress_of(parent) == (0.0, "none")
    services.update_goal(parent, {"visibility": "team"}, by=bob, at=now)
    assert progress_of(parent) == (0.8, "children")


def test_child_that_changes_teams_leaves_the_teams_roll_up(bob, lea, product, web, now):
    parent = GoalFactory(owner=bob, team=product, visibility="team")
    child = measured(bob, 80, parent=parent, team=product, visibility="team")
    assert progress_of(parent) == (0.8, "children")
    services.update_goal(child, {"team": web}, by=bob, at=now)
    assert progress_of(parent) == (0.0, "none")


# ---- close and reopen ----


@pytest.mark.parametrize("outcome", ["achieved", "missed", "dropped"])
def test_close_goal_keeps_outcome_lesson_and_when(goal, lea, now, outcome):
    closed = services.close_goal(goal, outcome=outcome, lesson=" Start with the form. ", by=lea, at=now)
    closed.refresh_from_db()
    assert (closed.status, closed.lesson, closed.closed_at, closed.closed_by) == (
        outcome,
        "Start with the form.",
        now,
        lea,
    )
    assert (closed.check_in_due_on, closed.remind_on) == (None, None)
    assert [(e.verb, e.data) for e in events(goal)] == [(f"goal.{outcome}", {"lesson": "Start with the form."})]


@pytest.mark.parametrize(
    ("outcome", "lesson", "at_field"),
    [("", "x", "outcome"), ("active", "x", "outcome"), ("missed", " ", "lesson"), ("missed", "x" * 50_001, "lesson")],
    ids=lambda each: str(each)[:10],
)
def test_close_goal_asks_for_outcome_and_lesson(goal, bob, now, outcome, lesson, at_field):
    with pytest.raises(ValidationError) as caught:
        services.close_goal(goal, outcome=outcome, lesson=lesson, by=bob, at=now)
    assert field_of(caught) == {at_field}
    assert not Goal.objects.get().is_closed


def test_close_goal_refuses_teammate_and_stranger(goal, mo, eve, gus, now):
    for member in (mo, eve, gus):
        with pytest.raises(PermissionDenied):
            services.close_goal(goal, outcome="missed", lesson="x", by=member, at=now)


def test_closed_goal_closes_once_and_reopens_once(goal, bob, now):
    services.close_goal(goal, outcome="missed", lesson="Too late.", by=bob, at=now)
    with pytest.raises(ValidationError):
        services.close_goal(goal, outcome="achieved", lesson="x", by=bob, at=now)
    opened = services.reopen_goal(goal, by=bob, at=now + LATER)
    opened.refresh_from_db()
    assert (opened.status, opened.closed_at, opened.closed_by, opened.lesson) == ("active", None, None, "")
    assert opened.check_in_due_on == date(2026, 3, 14)
    assert events(goal)[-1].data == {"was": "missed", "lesson": "Too late."}
    with pytest.raises(ValidationError):
        services.reopen_goal(goal, by=bob, at=now + LATER)


def test_reopen_goal_refuses_teammate(goal, bob, mo, now):
    services.close_goal(goal, outcome="missed", lesson="Too late.", by=bob, at=now)
    with pytest.raises(PermissionDenied):
        services.reopen_goal(goal, by=mo, at=now)


def test_closed_goal_does_not_change_its_status_by_an_edit(goal, bob, now):
    services.close_goal(goal, outcome="missed", lesson="Too late.", by=bob, at=now)
    with pytest.raises(ValidationError) as caught:
        services.update_goal(goal, {"status": "active"}, by=bob, at=now)
    assert field_of(caught) == {"status"}
    assert services.update_goal(goal, {"labels": ["2026"]}, by=bob, at=now).labels == ["2026"]
