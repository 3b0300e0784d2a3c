"""Random sequences of offers, handovers, covers, answers, ends and departures lose or double no assignment.

They are run against a plain model: who holds which roles, in memory, moved by the same rules written once more.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.goals.models import StandIn
from apps.handovers.models import Handover
from apps.handovers.services import cover
from apps.handovers.services import handovers as services
from apps.handovers.services import sweeps as handover_sweeps
from apps.responsibilities.models import HELD, Assignment
from apps.workspaces import services as workspaces
from apps.workspaces.models import Absence
from tests.cast import NOW
from tests.counts import times
from tests.factories import AssignmentFactory, GoalFactory, ResponsibilityFactory

ROLES = ("responsible", "accountable", "consulted", "informed")
PEOPLE, THINGS = 4, 2
Held = dict[tuple[int, int], set[str]]  # (thing, person) → roles

people, things = st.integers(0, PEOPLE - 1), st.integers(0, THINGS - 1)
steps = st.one_of(
    st.tuples(st.just("offer"), things, people, st.sampled_from(ROLES)),
    st.tuples(st.just("propose"), things, people, people, st.integers(0, 3)),
    st.tuples(st.just("accept"), st.integers(0, 9)),
    st.tuples(st.just("decline"), st.integers(0, 9)),
    st.tuples(st.just("withdraw"), st.integers(0, 9)),
    st.tuples(st.just("away"), people, st.integers(0, 5), st.integers(0, 4)),
    st.tuples(st.just("cover"), st.integers(0, 9), things, people),
    st.tuples(st.just("end"), st.integers(0, 9)),
    st.tuples(st.just("days"), st.integers(1, 4)),
    st.tuples(st.just("leave"), people, people),
)


class HandoverWorld:
    """The database beside the model."""

    def __init__(self, boss, people):
        self.boss, self.people, self.at = boss, people, NOW
        self.things: list[Any] = [
            ResponsibilityFactory(workspace=boss.workspace),
            GoalFactory(owner=boss, workspace=boss.workspace),
        ]
        self.held: Held = {}
        self.left: set[int] = set()

    @property
    def today(self) -> date:
        return self.at.date()

    def pick(self, model, number):
        rows = list(model.objects.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def attempt(self, act) -> bool:
        """Whether it was allowed; what is refused changes nothing."""
        try:
            with transaction.atomic():
                act()
        except (ValidationError, PermissionDenied):
            return False
        return True

    def index(self, handover) -> tuple[int, int, int]:
        where = [each.pk for each in self.things].index(handover.goal_id or handover.responsibility_id)
        whom = [each.pk for each in self.people]
        return where, whom.index(handover.from_member_id), whom.index(handover.to_member_id)

    # ---- what the steps do to both ----

    def offer(self, thing, person, role):
        roles = self.held.setdefault((thing, person), set())
        if person in self.left or role in roles:
            return
        name = "responsibility" if thing == 0 else "goal"
        AssignmentFactory(**{name: self.things[thing]}, member=self.people[person], role=role)
        roles.add(role)

    def propose(self, thing, giver, receiver, days):
        fields: services.HandoverFields = {"starts_on": self.today + timedelta(days=days)}
        self.attempt(
            lambda: services.propose_handover(
                self.things[thing],
                fields,
                giver=self.people[giver],
                receiver=self.people[receiver],
                by=self.boss,
                at=self.at,
            )
        )

    def accept(self, number):
        if (handover := self.pick(Handover, number)) is None:
            return
        was_done = handover.status == "done"
        if self.attempt(lambda: services.accept_handover(handover, by=handover.to_member, at=self.at)):
            handover.refresh_from_db()
            if handover.kind == "handover" and handover.status == "done" and not was_done:
                self.move(handover)

    def move(self, handover):
        thing, giver, receiver = self.index(handover)
        self.held.setdefault((thing, receiver), set()).update(self.held.pop((thing, giver), set()))

    def decline(self, number):
        if handover := self.pick(Handover, number):
            self.attempt(lambda: services.decline_handover(handover, reason="No.", by=handover.to_member, at=self.at))

    def withdraw(self, number):
        if handover := self.pick(Handover, number):
            self.attempt(lambda: services.withdraw_handover(handover, by=self.boss, at=self.at))

    def away(self, person, begins, lasts):
        first = self.today + timedelta(days=begins)
        days: workspaces.AbsenceFields = {"starts_on": first, "ends_on": first + timedelta(days=lasts)}
        self.attempt(lambda: workspaces.create_absence(self.people[person], days, by=self.boss, at=self.at))

    def cover(self, number, thing, taker):
        if absence := self.pick(Absence, number):
            self.attempt(
                lambda: cover.ask_for_cover(absence, self.things[thing], self.people[taker], by=self.boss, at=self.at)
            )

    def end(self, number):
        if absence := self.pick(Absence, number):
            self.attempt(lambda: workspaces.end_absence(absence, on=self.today, by=self.boss, at=self.at))

    def days(self, count):
        before = set(Handover.objects.filter(status="done").values_list("pk", flat=True))
        self.at += timedelta(days=count)
        handover_sweeps.sweep_handovers(at=self.at)
        handover_sweeps.sweep_handovers(at=self.at)  # two beats
        moved = Handover.objects.filter(kind="handover", status="done").exclude(pk__in=before)
        for each in moved.order_by("starts_on", "pk"):
            self.move(each)

    def leave(self, person, successor):
        if person in self.left or successor in self.left or person == successor:
            return
        member, to = self.people[person], self.people[successor]
        choices = {
            workspaces.field_name(kind, each): None if kind.name == "handover" else to
            for kind, found in workspaces.holdings_of(member, viewer=self.boss)
            for each in found
        }
        if self.attempt(lambda: workspaces.deactivate_member(member, choices=choices, by=self.boss, at=self.at)):
            self.left.add(person)
            member.refresh_from_db()
            for thing in range(THINGS):
                self.held.setdefault((thing, successor), set()).update(self.held.pop((thing, person), set()))

    # ---- what must always be so ----

    def check(self):
        rows = Assignment.objects.filter(status__in=HELD)
        found = [(row.goal_id or row.responsibility_id, row.member_id, row.role) for row in rows]
        wanted = {
            (self.things[thing].pk, self.people[person].pk, role)
            for (thing, person), roles in self.held.items()
            for role in roles
        }
        assert sorted(found, key=str) == sorted(wanted, key=str)  # as lists: nothing twice
        for stand_in in StandIn.objects.all():
            running = Handover.objects.in_force().filter(to_member_id=stand_in.member_id, goal_id=stand_in.goal_id)
            assert running.filter(from_member_id=stand_in.absent_id).exists()
        for each in Handover.objects.in_force():
            assert each.starts_on <= self.today


@pytest.mark.slow
@settings(max_examples=times(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=5, max_size=30))
def test_no_sequence_loses_or_doubles_an_assignment(alice, bob, lea, mo, adam, walk):
    with transaction.atomic():
        world = HandoverWorld(alice, [bob, lea, mo, adam])
        for name, *arguments in walk:
            getattr(world, name)(*arguments)
            world.check()
        transaction.set_rollback(True)
    for member in (bob, lea, mo, adam):
        member.refresh_from_db()
