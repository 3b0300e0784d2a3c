"""Several people at the same moment, on real connections: one outcome each, nothing lost, nothing done twice."""

from functools import partial
from typing import Any

import pytest

from apps.goals.models import Goal
from apps.goals.services import close_goal
from apps.handovers.models import Handover
from apps.handovers.services import cover, handovers
from apps.responsibilities import services as responsibility_services
from apps.responsibilities.models import Assignment, Responsibility
from apps.tasks import services as task_services
from apps.tasks.models import Consultation, Task
from apps.workspaces.services import deactivate_member, delete_absence, field_name, holdings_of
from tests.counts import FULL, times
from tests.factories import (
    AbsenceFactory,
    AssignmentFactory,
    ConsultationFactory,
    HandoverFactory,
    ResponsibilityFactory,
    TaskFactory,
)
from tests.goals.test_services_races import refused, together

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = range(times(FULL["meetings of several people"]))


@pytest.fixture
def press(harbour, product):
    return ResponsibilityFactory(workspace=harbour, team=product, title="Answering the press")


def offered(press, bob, **fields: Any):
    Assignment.objects.all().delete()
    return AssignmentFactory(responsibility=press, member=bob, **fields)


def test_an_offer_is_accepted_or_declined_or_gone(press, bob, lea, now):
    for _n in TIMES:
        row = offered(press, bob)
        results = together(
            partial(responsibility_services.accept_assignment, row, by=bob, at=now),
            partial(responsibility_services.accept_assignment, row, by=bob, at=now),
            partial(responsibility_services.withdraw_assignment, row, by=lea, at=now),
        )
        refused(results)
        assert not Assignment.objects.exists()
        row = offered(press, bob)
        results = together(
            partial(responsibility_services.accept_assignment, row, by=bob, at=now),
            partial(responsibility_services.decline_assignment, row, reason="No time", by=bob, at=now),
        )
        refused(results)
        assert Assignment.objects.get().status == "declined", "what was accepted can be given back, not the reverse"


def test_a_role_that_is_handed_over_while_it_is_taken_away(press, bob, lea, mo, now):
    for _n in TIMES:
        Handover.objects.all().delete()
        row = offered(press, bob, status="accepted", answered_at=now)
        asked = HandoverFactory(responsibility=press, from_member=bob, to_member=mo, starts_on=now.date())
        results = together(
            partial(handovers.accept_handover, asked, by=mo, at=now),
            partial(responsibility_services.withdraw_assignment, row, by=lea, at=now),
            partial(handovers.withdraw_handover, asked, by=bob, at=now),
        )
        refused(results)
        holders = list(Assignment.objects.values_list("member_id", flat=True))
        assert len(holders) <= 1
        assert Handover.objects.get().status in {"done", "declined"}


def test_somebody_leaves_while_they_hand_over(press, bob, lea, mo, adam, now):
    for _n in TIMES:
        Handover.objects.all().delete()
        type(bob).objects.filter(pk=bob.pk).update(deactivated_at=None)
        offered(press, bob, status="accepted", answered_at=now)
        TaskFactory(responsibility=press, assignee=bob)
        gives = HandoverFactory(responsibility=press, from_member=bob, to_member=mo, starts_on=now.date())
        other = ResponsibilityFactory(workspace=press.workspace)
        AssignmentFactory(responsibility=other, member=lea, status="accepted", answered_at=now)
        takes = HandoverFactory(responsibility=other, from_member=lea, to_member=bob, starts_on=now.date())
        choices = {field_name(kind, each): lea for kind, held in holdings_of(bob, viewer=adam) for each in held}
        choices |= {name: None for name in choices if name.startswith("handover")}
        results = together(
            partial(handovers.accept_handover, gives, by=mo, at=now),
            partial(handovers.accept_handover, takes, by=bob, at=now),
            partial(deactivate_member, bob, choices=choices, by=adam, at=now),
        )
        refused(results)
        bob.refresh_from_db()
        if not bob.is_active:
            assert not Assignment.objects.held().filter(member=bob).exists()
            assert not Task.objects.open().filter(assignee=bob).exists()


def test_a_goal_is_closed_while_people_are_asked_and_answer(goal, bob, mo, lea, now):
    for _n in TIMES:
        Goal.objects.filter(pk=goal.pk).update(status="active", closed_at=None, closed_by=None)
        Consultation.objects.all().delete()
        row = ConsultationFactory(goal=goal, member=lea, asked_at=now)
        AssignmentFactory(goal=goal, member=mo, role="consulted") if not goal.assignments.exists() else None
        results = together(
            partial(task_services.answer_consultation, row, answer="Go on.", by=lea, at=now),
            partial(task_services.ask_consulted, goal, question="Shall we?", by=bob, at=now),
            partial(close_goal, goal, outcome="missed", lesson="Late.", without_answers="No time.", by=bob, at=now),
        )
        assert refused(results) <= 2
        assert Goal.objects.get(pk=goal.pk).is_closed
        assert not Consultation.objects.open().exists(), "nobody is asked about what is closed"


def test_a_task_is_done_moved_and_deleted_at_once(press, bob, lea, now):
    for _n in TIMES:
        task = TaskFactory(responsibility=press, assignee=bob)
        results = together(
            partial(task_services.complete_task, task, by=bob, at=now),
            partial(task_services.update_task, task, {"title": "Another"}, by=lea, at=now),
            partial(task_services.delete_task, task, by=lea, at=now),
            partial(task_services.delete_task, task, by=lea, at=now),
        )
        refused(results)
        assert not Task.objects.filter(pk=task.pk).exists()


def test_an_absence_is_taken_away_while_its_covers_are_planned_and_accepted(press, bob, lea, mo, now):
    for _n in TIMES:
        Handover.objects.all().delete()
        offered(press, bob, status="accepted", answered_at=now)
        absence = AbsenceFactory(member=bob, starts_on=now.date())
        asked = cover.propose_cover(press, {}, absent=bob, taker=mo, absence=absence, by=bob, at=now)
        results = together(
            partial(handovers.accept_handover, asked, by=mo, at=now),
            partial(cover.ask_for_cover, absence, press, lea, by=bob, at=now),
            partial(delete_absence, absence, by=bob, at=now),
        )
        refused(results)
        assert not Handover.objects.exists()


def test_two_handovers_of_one_thing_are_one(press, bob, lea, mo, now):
    offered(press, bob, status="accepted", answered_at=now)
    for _n in TIMES:
        Handover.objects.all().delete()
        results = together(
            *[
                partial(handovers.propose_handover, press, {}, giver=bob, receiver=taker, by=bob, at=now)
                for taker in (lea, mo)
            ]
        )
        assert refused(results) == 1
        assert Handover.objects.count() == 1


def test_a_responsibility_is_archived_while_it_is_given_out(harbour, bob, adam, now):
    for n in TIMES:
        press = ResponsibilityFactory(workspace=harbour, title=f"Press {n}")
        role: Any = {"member": bob, "role": "responsible"}
        results = together(
            partial(responsibility_services.archive_responsibility, press, by=adam, at=now),
            partial(responsibility_services.offer_assignment, press, role, by=adam, at=now),
        )
        assert refused(results) <= 1
        assert Responsibility.objects.get(pk=press.pk).archived_at
