"""Two sweeps of handovers at the same moment, on real connections: each handover and cover is carried out once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.activity.models import Event
from apps.goals.models import StandIn
from apps.handovers.models import Handover
from apps.handovers.services import cover
from apps.handovers.services import handovers as services
from apps.handovers.services import sweeps as handover_sweeps
from apps.notifications.models import Notice
from apps.responsibilities.models import Assignment
from apps.tasks.models import Task
from tests.factories import AbsenceFactory, AssignmentFactory, GoalFactory, ResponsibilityFactory, TaskFactory
from tests.goals.test_services_races import together

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


@pytest.fixture
def due(harbour, product, bob, lea, now):
    """MANY handovers from bob to lea and MANY covers, all accepted; their day comes in two days."""
    day = now.date() + timedelta(days=2)
    absence = AbsenceFactory(member=bob, starts_on=day, ends_on=day + timedelta(days=3))
    for _number in range(MANY):
        duty = ResponsibilityFactory(workspace=harbour, team=product)
        AssignmentFactory(responsibility=duty, member=bob, status="accepted", answered_at=now)
        TaskFactory(responsibility=duty, assignee=bob)
        handover = services.propose_handover(duty, {"starts_on": day}, giver=bob, receiver=lea, by=bob, at=now)
        services.accept_handover(handover, by=lea, at=now)
        goal = GoalFactory(workspace=harbour, owner=bob, team=product)
        asked = cover.propose_cover(goal, {}, absent=bob, taker=lea, absence=absence, by=bob, at=now)
        services.accept_handover(asked, by=lea, at=now)
    return now + timedelta(days=2)


def sweeps_at_once(at, sweeps=4):
    """So many sweeps at once; how many rows each took."""
    taken = together(*[lambda: handover_sweeps.sweep_handovers(at=at)] * sweeps)
    assert all(isinstance(each, int) for each in taken), taken
    return taken


def test_sweeps_at_the_same_moment_do_each_once(due, bob, lea):
    assert sum(sweeps_at_once(due)) == 2 * MANY
    assert Event.objects.filter(verb="handover.done").count() == MANY
    assert Event.objects.filter(verb="handover.begun").count() == MANY
    assert list(Assignment.objects.values_list("member_id", flat=True)) == [lea.pk] * MANY
    assert list(Task.objects.values_list("assignee_id", flat=True)) == [lea.pk] * MANY
    assert StandIn.objects.filter(member=lea, absent=bob).count() == MANY
    assert not Handover.objects.filter(kind="handover").exclude(status="done").exists()
    told = Notice.objects.filter(kind="handover_done")
    assert told.count() == told.values("recipient", "subject_id").distinct().count() > 0
    assert sum(sweeps_at_once(due)) == 0


def test_sweeps_at_the_same_moment_end_each_cover_once(due, bob):
    handover_sweeps.sweep_handovers(at=due)
    after = due + timedelta(days=5)
    assert sum(sweeps_at_once(after)) == MANY
    assert Event.objects.filter(verb="handover.done").count() == 2 * MANY
    assert not StandIn.objects.exists()


def test_accepting_while_a_sweep_runs_is_one_handover(harbour, product, bob, lea):
    now = timezone.now()
    duty = ResponsibilityFactory(workspace=harbour, team=product)
    AssignmentFactory(responsibility=duty, member=bob, status="accepted", answered_at=now)
    handover = services.propose_handover(duty, {}, giver=bob, receiver=lea, by=bob, at=now)
    accept = lambda: services.accept_handover(handover, by=lea, at=now)  # noqa: E731
    sweep = lambda: handover_sweeps.sweep_handovers(at=now)  # noqa: E731
    results = together(accept, sweep, accept, sweep)
    assert not [each for each in results if isinstance(each, Exception)], results
    assert Assignment.objects.get().member == lea
    assert Event.objects.filter(verb="handover.done").count() == 1
