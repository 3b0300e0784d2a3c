"""Cover mode: who acts in somebody's place, only in these days, and how all returns by itself."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps.goals import access as goal_access
from apps.goals.models import Goal, StandIn
from apps.goals.services import close_goal, create_check_in, queue_check_in_reminders, update_goal
from apps.handovers.models import Handover, HandoverTask
from apps.handovers.queries.cover import CoveredThing, catch_up, held_work
from apps.handovers.services import cover
from apps.handovers.services import handovers as services
from apps.handovers.services import sweeps as handover_sweeps
from apps.notifications.models import Notice
from apps.notifications.services import describe_notices
from apps.responsibilities.models import Assignment
from apps.tasks import access
from apps.workspaces import services as workspaces
from tests.factories import (
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    ResponsibilityFactory,
    TaskFactory,
)
from tests.lists import holding

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 13)


@pytest.fixture
def absence(bob, lea, now):
    return workspaces.create_absence(bob, {"starts_on": FIRST, "ends_on": LAST}, by=bob, at=now)


@pytest.fixture
def during(now):
    return now + timedelta(days=6)  # Tuesday the 10th


@pytest.fixture
def after(now):
    return now + timedelta(days=10)  # Saturday the 14th


@pytest.fixture
def asked(goal, absence, bob, mo, now):
    cover.ask_for_cover(absence, goal, mo, by=bob, at=now)
    return Handover.objects.get()


@pytest.fixture
def running(asked, mo, now, during):
    services.accept_handover(asked, by=mo, at=now)
    handover_sweeps.sweep_handovers(at=during)
    asked.refresh_from_db()
    return asked


def told(member, kind=None) -> list[str]:
    rows = Notice.objects.open().filter(recipient=member).select_related("recipient__user").order_by("created_at")
    found = list(rows.filter(kind=kind) if kind else rows)
    said = describe_notices(found, at=found[0].created_at) if found else {}
    return [said[row.pk].title for row in found if row.pk in said]


# ---- what is held, and who is suggested ----


def test_everything_held_is_listed_with_who_could(goal, absence, bob, mo, lea, alice, product, now):
    press = ResponsibilityFactory(workspace=bob.workspace, team=product, title="Press")
    AssignmentFactory(responsibility=press, member=bob, role="accountable")
    AssignmentFactory(responsibility=press, member=alice)
    TaskFactory(responsibility=press, assignee=bob)
    ContributorFactory(goal=goal, member=mo)
    TaskFactory(goal=GoalFactory(owner=mo, title="Other"), assignee=bob, due_on=LAST)
    TaskFactory(goal=GoalFactory(owner=mo, title="Later"), assignee=bob, due_on=LAST + timedelta(days=1))
    found = {each.title: each for each in held_work(absence, bob)}
    assert set(found) == {"Press", goal.title, "Other"}
    assert found["Press"].why == ("accountable", "1 open task")
    assert found["Press"].suggested == (alice, lea)
    assert found[goal.title].suggested == (mo, lea)


def test_who_is_away_too_is_not_suggested(goal, absence, bob, lea, mo, now):
    ContributorFactory(goal=goal, member=mo)
    workspaces.create_absence(mo, {"starts_on": LAST, "ends_on": LAST}, by=mo, at=now)
    assert [each.suggested for each in held_work(absence, bob)] == [(lea,)]


def test_a_private_goal_is_planned_by_its_people_only(absence, bob, lea, mo, alice, product, now):
    secret = GoalFactory(owner=bob, team=product, visibility="private", title="Canary")
    ContributorFactory(goal=secret, member=mo)
    assert [(each.title, each.suggested) for each in held_work(absence, bob)] == [("Canary", (mo,))]
    assert held_work(absence, alice) == []
    with pytest.raises(ValidationError, match="Lea cannot see this"):
        cover.ask_for_cover(absence, secret, lea, by=bob, at=now)


def test_higher_apps_add_what_they_cover(goal, absence, bob, mo, now):
    seat = CoveredThing(key="seat-1", title="A seat", url="/", why=("mediator",))
    taken = []
    kind = cover.CoverKind("seat", "Seats", lambda _absence, _viewer: [seat], lambda *args: taken.append(args[1:3]))
    takers = {"seat-1": mo, f"goal-{goal.pk}": mo}
    with holding(cover.COVER_KINDS, kind):
        assert cover.propose_covers(absence, takers, notes="", by=bob, at=now) == 2
    assert taken == [("seat-1", mo)]
    assert Handover.objects.get().goal == goal


# ---- asking ----


@pytest.mark.parametrize(("who", "may"), [("bob", True), ("lea", True), ("adam", True), ("mo", False), ("gus", False)])
def test_who_plans(request, goal, absence, alice, now, who, may):
    by = request.getfixturevalue(who)
    if may:
        assert cover.propose_covers(absence, {f"goal-{goal.pk}": alice}, notes="", by=by, at=now) == 1
    else:
        with pytest.raises(PermissionDenied):
            cover.propose_covers(absence, {f"goal-{goal.pk}": alice}, notes="", by=by, at=now)


def test_asking_again_changes_only_what_differs(goal, asked, absence, bob, mo, lea, now):
    key = f"goal-{goal.pk}"
    services.accept_handover(asked, by=mo, at=now)
    assert cover.propose_covers(absence, {key: mo}, notes="", by=bob, at=now) == 0
    assert cover.propose_covers(absence, {key: lea}, notes="Call.", by=bob, at=now) == 1
    assert set(Handover.objects.values_list("to_member__name", "status")) == {("Mo", "declined"), ("Lea", "proposed")}
    assert cover.propose_covers(absence, {key: None}, notes="", by=bob, at=now) == 0
    assert not Handover.objects.open().exists()


def test_errors_come_under_what_they_are_about_and_nothing_is_asked(goal, absence, bob, mo, gus, product, now):
    other = GoalFactory(owner=bob, team=product)
    takers = {f"goal-{goal.pk}": gus, f"goal-{other.pk}": mo}
    with pytest.raises(ValidationError) as refused:
        cover.propose_covers(absence, takers, notes="", by=bob, at=now)
    assert set(refused.value.message_dict) == {f"goal-{goal.pk}"}
    assert not Handover.objects.exists()


def test_tasks_of_these_days_go_along(goal, absence, bob, mo, now):
    tasks = [TaskFactory(goal=goal, assignee=bob, due_on=day) for day in (None, LAST)]
    TaskFactory(goal=goal, assignee=bob, due_on=LAST + timedelta(days=1))
    cover.ask_for_cover(absence, goal, mo, by=bob, at=now)
    assert set(HandoverTask.objects.values_list("task_id", flat=True)) == {task.pk for task in tasks}


# ---- while it runs ----


def test_only_in_its_days_the_stand_in_acts(goal, asked, bob, mo, now, during, after):
    task = TaskFactory(goal=goal, assignee=bob)
    services.accept_handover(asked, by=mo, at=now)

    def may():
        listed = access.visible_tasks(mo).filter(access.workable(mo), pk=task.pk).exists()
        assert listed == access.can_work_on_task(mo, task)
        return goal_access.can_check_in(mo, goal), listed

    assert may() == (False, False)
    handover_sweeps.sweep_handovers(at=during)
    assert may() == (True, True)
    assert not access.can_change_task(mo, task)
    assert create_check_in(goal, {"note": "For Bob."}, readings={}, by=mo, at=during).author == mo
    handover_sweeps.sweep_handovers(at=after)
    assert may() == (False, False)
    asked.refresh_from_db()
    assert asked.status == "done"
    goal.refresh_from_db()
    assert goal.owner == bob


def test_accepted_in_its_days_it_begins_at_once(goal, asked, mo, during):
    services.accept_handover(asked, by=mo, at=during)
    assert goal_access.can_check_in(mo, goal)


def test_the_stand_in_may_not_do_more_than_who_is_away(goal, running, bob, lea, mo, now):
    assert not goal_access.can_change_goal(mo, goal)
    update_goal(goal, {"owner": lea}, by=bob, at=now)
    goal.refresh_from_db()
    assert not goal_access.can_check_in(mo, goal)  # bob could not either


def test_who_no_longer_sees_a_goal_does_not_stand_in_on_it(goal, running, bob, mo, now):
    update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    goal.refresh_from_db()
    assert not goal_access.can_check_in(mo, goal)


def test_conditions_on_rows_say_the_same_as_the_predicate(goal, running, bob, mo, lea, alice, gus):
    for member in (bob, mo, lea, alice, gus):
        rows = goal_access.visible_goals(member).filter(pk=goal.pk)
        listed = rows.filter(goal_access.changeable(member) | goal_access.takes_part(member)).exists()
        assert listed == goal_access.can_check_in(member, goal)


def test_the_stand_in_is_reminded_instead(goal, running, bob, mo, during, after):
    Goal.objects.update(remind_on=during.date(), check_in_due_on=during.date())
    queue_check_in_reminders(at=during)
    assert told(bob, "check_in_due") == []
    assert told(mo, "check_in_due") == ["Time to check in on “Answer every call”"]
    handover_sweeps.sweep_handovers(at=after)
    assert told(mo, "check_in_due") == []
    queue_check_in_reminders(at=after + timedelta(days=2))
    assert told(bob, "check_in_due") == ["Time to check in on “Answer every call”"]


def test_a_check_in_due_already_is_said_to_who_begins_to_cover(goal, asked, bob, mo, now, during):
    Goal.objects.update(remind_on=None, check_in_due_on=now.date())
    services.accept_handover(asked, by=mo, at=now)
    handover_sweeps.sweep_handovers(at=during)
    queue_check_in_reminders(at=during)
    assert told(mo, "check_in_due") == ["Time to check in on “Answer every call”"]


# ---- changes of the absence ----


def test_a_shorter_absence_shortens_its_covers(running, absence, bob, mo, goal, during):
    workspaces.end_absence(absence, on=during.date(), by=bob, at=during)
    running.refresh_from_db()
    assert (running.status, running.ends_on) == ("done", FIRST)
    assert not goal_access.can_check_in(mo, goal)


def test_a_longer_one_asks_again(running, absence, bob, mo, goal, during):
    workspaces.update_absence(absence, {"ends_on": LAST + timedelta(days=7)}, by=bob, at=during)
    running.refresh_from_db()
    assert (running.status, running.begun_at) == ("proposed", None)
    assert not goal_access.can_check_in(mo, goal)
    assert told(mo, "cover_offered") == [
        "Will you cover “Answer every call” for Bob, Monday 9 March to Friday 20 March?"
    ]
    services.accept_handover(running, by=mo, at=during)
    assert goal_access.can_check_in(mo, goal)


def test_an_absence_moved_to_later_pauses_what_ran(running, absence, bob, mo, goal, during):
    days: workspaces.AbsenceFields = {"starts_on": LAST, "ends_on": LAST}
    workspaces.update_absence(absence, days, by=bob, at=during)
    running.refresh_from_db()
    assert (running.status, running.begun_at) == ("accepted", None)
    assert not goal_access.can_check_in(mo, goal)
    handover_sweeps.sweep_handovers(at=during + timedelta(days=3))
    assert goal_access.can_check_in(mo, goal)


def test_an_absence_taken_away_takes_its_covers_along(running, absence, bob, mo, goal, during):
    workspaces.delete_absence(absence, by=bob, at=during)
    assert not Handover.objects.exists()
    assert not StandIn.objects.exists()
    assert not Notice.objects.open().filter(about_id=absence.pk).exists()


@pytest.mark.parametrize("who", ["bob", "mo"])
def test_when_somebody_leaves_the_cover_ends(request, running, goal, during, who):
    person = request.getfixturevalue(who)
    person.deactivated_at = during
    person.save()
    handover_sweeps.sweep_handovers(at=during)
    running.refresh_from_db()
    assert running.status == "done"
    assert not StandIn.objects.exists()


def test_nobody_answered_before_it_was_over(asked, after):
    handover_sweeps.sweep_handovers(at=after)
    asked.refresh_from_db()
    assert (asked.status, asked.decline_code, asked.why_declined) == ("declined", "days_over", "Its days have passed.")


def test_a_running_cover_is_ended_by_who_planned_it(running, goal, bob, mo, during):
    with pytest.raises(ValidationError, match="no longer be declined"):
        services.decline_handover(running, reason="Enough.", by=mo, at=during)
    services.withdraw_handover(running, by=bob, at=during)
    assert not goal_access.can_check_in(mo, goal)


# ---- telling ----


def test_who_covers_is_told_the_day_before_once(asked, mo, now):
    services.accept_handover(asked, by=mo, at=now)
    day_before = now + timedelta(days=4)
    assert handover_sweeps.tell_of_covers(at=now) == 0
    assert handover_sweeps.tell_of_covers(at=day_before) == 1
    assert handover_sweeps.tell_of_covers(at=day_before) == 0
    assert told(mo, "cover_begins") == ["You cover for Bob from Monday 9 March to Friday 13 March"]


def test_one_notice_for_all_one_covers_in_an_absence(goal, asked, absence, bob, mo, product, now):
    other = GoalFactory(owner=bob, team=product)
    cover.ask_for_cover(absence, other, mo, by=bob, at=now)
    for each in Handover.objects.all():
        services.accept_handover(each, by=mo, at=now)
    assert handover_sweeps.tell_of_covers(at=now + timedelta(days=4)) == 1


def test_who_is_back_is_welcomed_once_with_what_happened(goal, running, absence, bob, mo, lea, during, after):
    create_check_in(goal, {"note": "Two more desks."}, readings={}, by=mo, at=during)
    task = TaskFactory(goal=goal, assignee=bob, status="done", closed_at=during, closed_by=mo)
    other = GoalFactory(owner=bob, team=goal.team, title="Ended")
    close_goal(other, outcome="missed", lesson="Late.", by=lea, at=during)
    assert handover_sweeps.tell_of_covers(at=during) == 0
    handover_sweeps.sweep_handovers(at=after)
    assert handover_sweeps.tell_of_covers(at=after) == 1
    assert handover_sweeps.tell_of_covers(at=after) == 0
    assert told(bob, "welcome_back") == ["Welcome back"]
    found = catch_up(absence, at=after)
    assert [each.note for each in found.check_ins] == ["Two more desks."]
    assert found.tasks == [task]
    assert [(event.verb, goal.title) for event, goal in found.decisions] == [("goal.missed", "Ended")]
    assert [each.to_member for each in found.covers] == [mo]


def test_before_an_absence_the_catch_up_names_who_was_asked_and_afterwards_who_covered(absence, bob, after, now):
    asked, covered, refused = (
        HandoverFactory(
            kind="cover", absence=absence, goal=GoalFactory(owner=bob), from_member=bob, status=status,
            starts_on=absence.starts_on, ends_on=absence.ends_on,
        )
        for status in ("proposed", "accepted", "declined")
    )  # fmt: skip
    assert catch_up(absence, at=now).covers == [asked, covered]
    assert catch_up(absence, at=after).covers == [covered]
    assert refused.pk


def test_who_missed_nothing_is_not_written_to(absence, after):
    assert handover_sweeps.tell_of_covers(at=after) == 0


def test_nothing_hidden_is_in_the_catch_up(goal, absence, bob, lea, mo, during, after):
    AssignmentFactory(goal=(hidden := GoalFactory(owner=mo, title="Canary")), member=bob, role="informed")
    create_check_in(hidden, {"note": "Canary"}, readings={}, by=mo, at=during)
    assert [each.goal for each in catch_up(absence, at=after).check_ins] == [hidden]
    update_goal(hidden, {"visibility": "private"}, by=mo, at=during)
    assert catch_up(absence, at=after).check_ins == []
    assert Assignment.objects.filter(goal=hidden).exists()
