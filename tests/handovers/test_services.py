"""Handing over for good: who may, when, and that everything moves in one step."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from apps.activity.models import Event
from apps.core.models import new_id
from apps.goals.models import Contributor
from apps.goals.services import close_goal, update_goal
from apps.handovers.models import Handover, HandoverTask
from apps.handovers.services import handovers as services
from apps.handovers.services import sweeps as handover_sweeps
from apps.handovers.services.effects import why
from apps.notifications.models import Notice
from apps.notifications.services import KINDS, describe_notices
from apps.responsibilities.models import Assignment
from apps.tasks.models import Task
from apps.workspaces.services import deactivate_member, field_name, holdings_of
from tests.factories import (
    AssignmentFactory,
    ContributorFactory,
    GoalFactory,
    HandoverFactory,
    ResponsibilityFactory,
    TaskFactory,
    TaskHelperFactory,
)

TODAY = date(2026, 3, 4)


@pytest.fixture
def press(harbour, product):
    return ResponsibilityFactory(workspace=harbour, team=product, title="Answering the press")


@pytest.fixture
def held(press, bob, now):
    """Bob is responsible for the press, and has two open tasks there."""
    AssignmentFactory(responsibility=press, member=bob, status="accepted", answered_at=now, hours_per_week=3)
    return [TaskFactory(responsibility=press, assignee=bob, title=title) for title in ("Call back", "Write a page")]


def propose(thing, giver, receiver, *, by=None, at, **fields: Any):
    said: Any = fields
    return services.propose_handover(thing, said, giver=giver, receiver=receiver, by=by or giver, at=at)


def told(member) -> list[str]:
    rows = list(Notice.objects.open().filter(recipient=member).select_related("recipient__user").order_by("created_at"))
    said = describe_notices(rows, at=rows[0].created_at) if rows else {}
    return [said[row.pk].title for row in rows if row.pk in said]


# ---- proposing ----


@pytest.mark.parametrize(
    ("who", "may"), [("bob", True), ("lea", True), ("adam", True), ("alice", True), ("mo", False), ("gus", False)]
)
def test_who_proposes(request, press, held, bob, alice, now, who, may):
    by, receiver = request.getfixturevalue(who), request.getfixturevalue("mo" if who != "mo" else "lea")
    if may:
        assert propose(press, bob, receiver, by=by, at=now).status == "proposed"
    else:
        with pytest.raises(PermissionDenied):
            propose(press, bob, receiver, by=by, at=now)


def test_all_open_tasks_go_along_unless_chosen(press, held, bob, lea, mo, now):
    done = TaskFactory(responsibility=press, assignee=bob, status="done", closed_at=now)
    other = TaskFactory(responsibility=press, assignee=mo)
    handover = propose(press, bob, lea, at=now)
    assert set(HandoverTask.objects.values_list("task_id", flat=True)) == {task.pk for task in held}
    services.update_handover(handover, {"tasks": held[:1]}, by=bob, at=now)
    assert set(HandoverTask.objects.values_list("task_id", flat=True)) == {held[0].pk}
    for wrong in (done, other):
        with pytest.raises(ValidationError, match="open tasks of the giver"):
            services.update_handover(handover, {"tasks": [wrong]}, by=bob, at=now)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_on": TODAY - timedelta(days=2)}, "starts_on"),
        ({"starts_on": TODAY + timedelta(days=400)}, "starts_on"),
        ({"ends_on": TODAY + timedelta(days=3)}, "ends_on"),
        ({"notes": "x" * 50_001}, "notes"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(press, held, bob, lea, now, fields, field):
    with pytest.raises(ValidationError) as refused:
        propose(press, bob, lea, at=now, **fields)
    assert set(refused.value.message_dict) == {field}
    assert not Handover.objects.exists()


def test_only_to_somebody_active_who_sees_it(press, held, bob, gus, eve, mo, goal, now):
    for receiver in (bob, gus, eve):
        with pytest.raises(ValidationError):
            propose(press, bob, receiver, at=now)
    mo.deactivated_at = now
    mo.save()
    with pytest.raises(ValidationError, match="active"):
        propose(press, bob, mo, at=now)


def test_a_team_goal_passes_only_within_its_readers(goal, bob, mo, now):
    update_goal(goal, {"visibility": "team"}, by=bob, at=now)
    with pytest.raises(ValidationError, match="Mo cannot see this"):
        propose(goal, bob, mo, at=now)


def test_nothing_is_handed_over_where_nothing_is_held(press, mo, alice, lea, now):
    with pytest.raises(ValidationError, match="Mo holds nothing here"):
        propose(press, mo, lea, by=alice, at=now)


def test_what_is_handed_over_already_is_not_again(press, held, bob, lea, mo, now):
    first = propose(press, bob, lea, at=now)
    with pytest.raises(ValidationError, match="already"):
        propose(press, bob, mo, at=now)
    services.withdraw_handover(first, by=bob, at=now)
    assert propose(press, bob, mo, at=now).pk != first.pk


def test_a_form_sent_twice_makes_one(press, held, bob, lea, now):
    key = new_id()
    sent = [
        services.propose_handover(press, {}, giver=bob, receiver=lea, by=bob, at=now, key=key) for _time in range(2)
    ]
    assert sent[0].pk == sent[1].pk
    assert Handover.objects.count() == 1


# ---- answering ----


def test_on_its_day_everything_moves_at_once(press, held, bob, lea, now):
    handover = services.accept_handover(propose(press, bob, lea, at=now), by=lea, at=now)
    assert (handover.status, handover.done_at) == ("done", now)
    row = Assignment.objects.get()
    assert (row.member, row.role, row.status) == (lea, "responsible", "accepted")
    assert row.hours_per_week == 3
    assert set(Task.objects.values_list("assignee__name", flat=True)) == {"Lea"}
    verbs = set(Event.objects.filter(subject_id=handover.pk).values_list("verb", flat=True))
    assert verbs == {"handover.proposed", "handover.accepted", "handover.done"}
    assert services.accept_handover(handover, by=lea, at=now).status == "done"


def test_only_the_receiver_answers(press, held, bob, lea, alice, mo, now):
    handover = propose(press, bob, lea, at=now)
    for who in (bob, alice, mo):
        with pytest.raises(PermissionDenied):
            services.accept_handover(handover, by=who, at=now)
        with pytest.raises(PermissionDenied):
            services.decline_handover(handover, reason="No.", by=who, at=now)


def test_a_no_needs_a_reason_and_moves_nothing(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now)
    with pytest.raises(ValidationError) as refused:
        services.decline_handover(handover, reason=" ", by=lea, at=now)
    assert set(refused.value.message_dict) == {"reason"}
    services.decline_handover(handover, reason="Too much.", by=lea, at=now)
    services.decline_handover(handover, reason="Too much.", by=lea, at=now)
    assert Assignment.objects.get().member == bob
    with pytest.raises(ValidationError, match="declined or withdrawn"):
        services.accept_handover(handover, by=lea, at=now)


@pytest.mark.parametrize(("who", "may"), [("bob", True), ("lea", True), ("adam", True), ("mo", False)])
def test_who_withdraws(request, press, held, bob, lea, now, who, may):
    handover = propose(press, bob, lea, at=now)
    by = request.getfixturevalue(who)
    if not may:
        with pytest.raises(PermissionDenied):
            services.withdraw_handover(handover, by=by, at=now)
        return
    assert services.withdraw_handover(handover, by=by, at=now).status == "declined"
    with pytest.raises(ValidationError, match="over already"):
        services.withdraw_handover(handover, by=by, at=now)


def test_what_was_accepted_cannot_be_changed_silently(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now, starts_on=TODAY + timedelta(days=5))
    services.accept_handover(handover, by=lea, at=now)
    with pytest.raises(ValidationError, match="answered already"):
        services.update_handover(handover, {"notes": "And the rest."}, by=bob, at=now)


# ---- moving ----


def test_a_role_both_hold_becomes_one_with_the_hours_of_both(press, held, bob, lea, now):
    AssignmentFactory(responsibility=press, member=lea, status="accepted", answered_at=now, hours_per_week=2)
    AssignmentFactory(responsibility=press, member=lea, role="informed", status="accepted", answered_at=now)
    services.accept_handover(propose(press, bob, lea, at=now), by=lea, at=now)
    rows = {row.role: row for row in Assignment.objects.filter(member=lea)}
    assert set(rows) == {"responsible", "informed"}
    assert rows["responsible"].hours_per_week == 5
    assert not Assignment.objects.filter(member=bob).exists()


def test_what_was_only_offered_or_declined_is_accepted_with_it(press, bob, lea, now):
    AssignmentFactory(responsibility=press, member=bob, role="accountable")
    AssignmentFactory(responsibility=press, member=bob, role="consulted", status="declined", answered_at=now)
    AssignmentFactory(responsibility=press, member=lea, role="accountable", status="declined", answered_at=now)
    services.accept_handover(propose(press, bob, lea, at=now), by=lea, at=now)
    assert list(Assignment.objects.filter(member=lea).values_list("role", "status")) == [("accountable", "accepted")]
    assert list(Assignment.objects.filter(member=bob).values_list("role", "status")) == [("consulted", "declined")]


def test_imported_rows_of_one_role_become_one_that_a_sync_still_finds(press, bob, lea, now):
    for number in (1, 2):
        AssignmentFactory(
            responsibility=press, member=bob, status="accepted", answered_at=now, external_id=f"a-{number}"
        )
    AssignmentFactory(responsibility=press, member=lea, status="accepted", answered_at=now)
    services.accept_handover(propose(press, bob, lea, at=now), by=lea, at=now)
    row = Assignment.objects.get()
    assert (row.member, row.external_id) == (lea, "a-1")


def test_who_takes_a_task_over_no_longer_helps_with_it(press, held, bob, lea, now):
    TaskHelperFactory(task=held[0], member=lea)
    services.accept_handover(propose(press, bob, lea, at=now), by=lea, at=now)
    held[0].refresh_from_db()
    assert held[0].assignee == lea
    assert not held[0].helps.exists()


def test_a_goal_passes_with_ownership_and_hours(goal, bob, lea, now):
    ContributorFactory(goal=goal, member=bob, hours_per_week=Decimal(4))
    ContributorFactory(goal=goal, member=lea, hours_per_week=Decimal(2))
    services.accept_handover(propose(goal, bob, lea, at=now), by=lea, at=now)
    goal.refresh_from_db()
    assert goal.owner == lea
    assert list(Contributor.objects.values_list("member__name", "hours_per_week")) == [("Lea", Decimal(6))]


def test_a_contributor_hands_over_their_time_without_the_right_to_change_the_goal(goal, mo, lea, bob, now):
    ContributorFactory(goal=goal, member=mo, hours_per_week=Decimal(4))
    services.accept_handover(propose(goal, mo, lea, at=now), by=lea, at=now)
    goal.refresh_from_db()
    assert goal.owner == bob
    assert Contributor.objects.get().member == lea


def test_a_private_goal_passes_to_a_contributor_and_is_not_named_outside(bob, mo, now):
    secret = GoalFactory(owner=bob, visibility="private", title="Canary")
    ContributorFactory(goal=secret, member=mo)
    handover = propose(secret, bob, mo, at=now)
    notice = Notice.objects.get(kind="handover_offered")
    said = describe_notices([notice], at=now)[notice.pk]
    assert "Canary" in said.title
    assert "Canary" not in said.outside + said.text
    services.accept_handover(handover, by=mo, at=now)
    secret.refresh_from_db()
    assert secret.owner == mo


# ---- ahead of its day ----


@pytest.fixture
def ahead(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now, starts_on=TODAY + timedelta(days=5))
    return services.accept_handover(handover, by=lea, at=now)


def test_accepted_ahead_it_moves_on_its_day_once(ahead, lea, now):
    assert handover_sweeps.sweep_handovers(at=now + timedelta(days=4)) == 0
    assert Assignment.objects.get().member != lea
    later = now + timedelta(days=5)
    assert handover_sweeps.sweep_handovers(at=later) == 1
    assert Assignment.objects.get().member == lea
    assert handover_sweeps.sweep_handovers(at=later) == 0
    assert Event.objects.filter(verb="handover.done").count() == 1


def test_days_are_the_workspace_s(ahead, harbour, now):
    harbour.timezone = "Pacific/Kiritimati"
    harbour.save()
    almost = now.replace(day=8, hour=9, minute=59)  # 23:59 there
    assert handover_sweeps.sweep_handovers(at=almost) == 0
    assert handover_sweeps.sweep_handovers(at=almost + timedelta(minutes=1)) == 1


@pytest.mark.parametrize("what", ["archived", "withdrawn", "receiver gone", "giver gone"])
def test_what_changed_meanwhile_has_a_clear_outcome(ahead, press, bob, lea, now, what):
    if what == "archived":
        press.archived_at = now
        press.save()
    elif what == "withdrawn":
        Assignment.objects.all().delete()
        Task.objects.update(assignee=None)
    else:
        person = lea if what == "receiver gone" else bob
        person.deactivated_at = now
        person.save()
    assert handover_sweeps.sweep_handovers(at=now + timedelta(days=5)) == 1
    ahead.refresh_from_db()
    assert ahead.status == "declined"
    assert ahead.decline_code == {
        "archived": "archived",
        "withdrawn": "nothing_left",
        "receiver gone": "receiver_left",
    }.get(what, "giver_left")
    assert not Assignment.objects.filter(member=lea).exists()
    assert not Task.objects.filter(assignee=lea).exists()


def test_a_closed_goal_is_not_handed_over_at_its_day(goal, bob, lea, now):
    handover = propose(goal, bob, lea, at=now, starts_on=TODAY + timedelta(days=2))
    services.accept_handover(handover, by=lea, at=now)
    close_goal(goal, outcome="achieved", lesson="Well.", by=bob, at=now)
    handover_sweeps.sweep_handovers(at=now + timedelta(days=2))
    handover.refresh_from_db()
    assert (handover.status, handover.decline_code) == ("declined", "goal_closed")
    goal.refresh_from_db()
    assert goal.owner == bob


def test_what_can_no_longer_be_is_refused_at_accepting(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now)
    press.archived_at = now
    press.save()
    with pytest.raises(ValidationError, match="archived"):
        services.accept_handover(handover, by=lea, at=now)
    handover.refresh_from_db()
    assert handover.status == "proposed"


def test_a_proposal_to_somebody_who_left_ends_by_itself(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now)
    lea.deactivated_at = now
    lea.save()
    assert handover_sweeps.sweep_handovers(at=now) == 1
    handover.refresh_from_db()
    assert (handover.status, handover.decline_code) == ("declined", "receiver_left")


def test_why_it_came_to_nothing_is_kept_as_a_code_not_in_somebody_s_language(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now)
    with translation.override("de"):
        services.withdraw_handover(handover, by=bob, at=now)
    handover.refresh_from_db()
    assert (handover.decline_code, handover.decline_reason) == ("withdrawn", "")
    assert handover.why_declined == "It was withdrawn."
    other = propose(press, bob, lea, at=now)
    services.decline_handover(other, reason="Zu viel.", by=lea, at=now)
    other.refresh_from_db()
    assert (other.decline_code, other.why_declined) == ("", "Zu viel.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValidationError("So."), "not_possible"),
        (ValidationError({"to_member": ValidationError("So.", code="not_seen")}), "not_seen"),
        (ValidationError(["So.", ValidationError("So.", code="archived")]), "archived"),
    ],
)
def test_an_error_has_the_code_of_its_cause(error, code):
    assert why(error) == code


# ---- telling ----


def test_who_is_told_what_and_until_when(press, held, bob, lea, alice, now):
    handover = propose(press, bob, lea, by=alice, at=now)
    assert told(lea) == ["Alice asks you to take over “Answering the press” from Wednesday 4 March"]
    assert told(alice) == []
    services.accept_handover(handover, by=lea, at=now)
    assert told(lea) == []
    assert "Lea will take over" not in " ".join(told(alice))  # it is done: that is what counts now
    assert told(bob) == ["“Answering the press” has passed from Bob to Lea"]


def test_the_button_of_the_notice_accepts(press, held, bob, lea, now):
    propose(press, bob, lea, at=now)
    notice = Notice.objects.get(recipient=lea)
    act = KINDS["handover_offered"].act
    assert act
    act(notice, lea, now)
    assert Assignment.objects.get().member == lea
    assert not Notice.objects.open().filter(recipient=lea).exists()


def test_who_gives_is_told_of_a_no(press, held, bob, lea, now):
    handover = propose(press, bob, lea, at=now)
    services.decline_handover(handover, reason="Too much.", by=lea, at=now)
    assert told(bob) == ["Lea does not take over “Answering the press”"]
    assert told(lea) == []


# ---- leaving ----


def choices_for(person, viewer, to):
    return {field_name(kind, each): to for kind, found in holdings_of(person, viewer=viewer) for each in found}


def test_nobody_leaves_with_things_in_hand_without_a_choice(press, held, goal, bob, lea, alice, mo, now):
    AssignmentFactory(goal=goal, member=bob, role="accountable")
    taking = HandoverFactory(
        goal=GoalFactory(owner=mo), from_member=mo, to_member=bob, starts_on=TODAY + timedelta(days=3)
    )
    with pytest.raises(ValidationError) as refused:
        deactivate_member(bob, choices={}, by=alice, at=now)
    kinds = {name.rsplit("-", 5)[0] for name in refused.value.message_dict}
    assert kinds == {"goal", "responsibility", "goal_role", "task", "handover"}
    deactivate_member(bob, choices=choices_for(bob, alice, lea), by=alice, at=now)
    assert set(Assignment.objects.values_list("member__name", flat=True)) == {"Lea"}
    assert set(Task.objects.values_list("assignee__name", flat=True)) == {"Lea"}
    taking.refresh_from_db()
    assert (taking.to_member, taking.status) == (lea, "proposed")


def test_leaving_things_on_purpose(press, held, bob, alice, now):
    deactivate_member(bob, choices=choices_for(bob, alice, None), by=alice, at=now)
    assert not Assignment.objects.exists()
    assert set(Task.objects.values_list("assignee", flat=True)) == {None}
