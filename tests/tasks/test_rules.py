"""The rules on responsibilities, assignments, tasks, handovers and hours are SQL conditions, too. Over random casts
each says what plain Python says in a few lines, as a condition on rows and as the predicate asked of one thing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.capacity.access import can_see_reported_hours, visible_reported_hours
from apps.capacity.models import HoursReport
from apps.goals.models import Goal
from apps.handovers.access import visible_handovers
from apps.handovers.models import Handover
from apps.notifications.models import Notice
from apps.responsibilities import access as duties
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.tasks import access
from apps.tasks.models import Task
from apps.tasks.models.task import TaskHelper
from apps.workspaces.access import visible_absences, visible_members, visible_teams, visible_values
from apps.workspaces.models import Absence, Member, Role, Team, Value
from tests.counts import times
from tests.goals.test_rules import GOALS, HERE, PEOPLE, Plan, RulesWorld, here, of_team, plans

DUTIES = 3
THINGS = range(len(GOALS) + DUTIES)  # goals, then responsibilities
thing = st.sampled_from(THINGS)
party = st.tuples(st.just("member"), here) | st.tuples(st.just("team"), of_team)
two = st.tuples(here, here).filter(lambda pair: pair[0] != pair[1])


@dataclass(frozen=True)
class PlannedTask:
    """A task by the numbers of what it hangs on and of its people."""

    thing: int
    author: int
    assignee: int | None
    helper: int | None


@dataclass(frozen=True)
class WorkPlan:
    """What hangs on the goals of a plan and on three responsibilities."""

    teams: list[int | None]
    assignments: dict[tuple[int, tuple[str, int], AssignmentRole], AssignmentStatus]
    tasks: list[PlannedTask]
    covers: dict[tuple[int, tuple[int, int]], bool]
    managers: dict[int, int]
    hours: list[tuple[int, int | None]]


works = st.builds(
    WorkPlan,
    teams=st.lists(st.none() | of_team, min_size=DUTIES, max_size=DUTIES),
    assignments=st.dictionaries(
        st.tuples(thing, party, st.sampled_from(list(AssignmentRole))),
        st.sampled_from(list(AssignmentStatus)),
        max_size=10,
    ),
    tasks=st.lists(
        st.builds(PlannedTask, thing=thing, author=here, assignee=st.none() | here, helper=st.none() | here),
        min_size=3,
        max_size=6,
    ),
    covers=st.dictionaries(st.tuples(thing, two), st.booleans(), max_size=4),
    managers=st.dictionaries(here, here, max_size=3),
    hours=st.lists(st.tuples(here, st.none() | st.sampled_from(GOALS)), max_size=4, unique=True),
)


class WorkWorld(RulesWorld):
    """The rows of both plans, and what the plain rules say of them."""

    def __init__(self, plan: Plan, work: WorkPlan) -> None:
        super().__init__(plan)
        self.work = work
        now = timezone.now()
        self.workspace = self.goals[0].workspace
        self.duties = [
            Responsibility(workspace=self.workspace, title=f"D{n}", team=None if team is None else self.teams[team])
            for n, team in enumerate(work.teams)
        ]
        Responsibility.objects.bulk_create(self.duties)
        self.things: list[Any] = [*self.goals, *self.duties]
        self.assignments = [
            Assignment(workspace=self.workspace, role=role, status=status, offered_at=now, offered_by=self.people[0],
                       answered_at=None if status == AssignmentStatus.OFFERED else now, **self.on(which),
                       **{kind: (self.people if kind == "member" else self.teams)[number]})
            for (which, (kind, number), role), status in work.assignments.items()
        ]  # fmt: skip
        Assignment.objects.bulk_create(self.assignments)
        self.tasks = [
            Task(workspace=self.workspace, title=f"K{n}", created_by=self.people[task.author], **self.on(task.thing),
                 assignee=None if task.assignee is None else self.people[task.assignee])
            for n, task in enumerate(work.tasks)
        ]  # fmt: skip
        Task.objects.bulk_create(self.tasks)
        TaskHelper.objects.bulk_create(
            TaskHelper(workspace=self.workspace, task=made, member=self.people[task.helper])
            for task, made in zip(work.tasks, self.tasks, strict=True)
            if task.helper is not None
        )
        self.covers = [
            Handover(workspace=self.workspace, kind="cover", status="accepted", begun_at=now if begun else None,
                     from_member=self.people[giver], to_member=self.people[taker], proposed_by=self.people[giver],
                     proposed_at=now, starts_on=now.date(), ends_on=now.date() + timedelta(days=9), **self.on(which))
            for (which, (giver, taker)), begun in work.covers.items()
        ]  # fmt: skip
        Handover.objects.bulk_create(self.covers)
        for who, manager in work.managers.items():
            if who != manager:
                Member.objects.filter(pk=self.people[who].pk).update(manager=self.people[manager])
                self.people[who].manager = self.people[manager]
        self.reports = [
            HoursReport(workspace=self.workspace, member=self.people[who], week=date(2026, 3, 2), hours=1,
                        goal=None if goal is None else self.goals[goal])
            for who, goal in work.hours
        ]  # fmt: skip
        HoursReport.objects.bulk_create(self.reports)

    def on(self, which: int) -> dict[str, Any]:
        """What a row says that hangs on a thing."""
        thing = self.things[which]
        return {"goal" if isinstance(thing, Goal) else "responsibility": thing}

    # ---- the rules as one would say them ----

    def is_admin(self, who: int) -> bool:
        return self.plan.roles[who] in {Role.OWNER, Role.ADMIN}

    def has(self, who: int, which: int, roles: Collection[str], statuses: Collection[str]) -> bool:
        """Whether the member or a team of theirs has one of the letters."""
        return any(
            (kind, number) == ("member", who) or (kind == "team" and (who, number) in self.plan.places)
            for (on, (kind, number), role), status in self.work.assignments.items()
            if on == which and role in roles and status in statuses
        )

    def sees_thing(self, who: int, which: int) -> bool:
        if which in GOALS:
            return self.sees(who, which)
        takes_part = any(task.thing == which and who in {task.assignee, task.helper} for task in self.work.tasks)
        holds = self.has(who, which, list(AssignmentRole), ["offered", "accepted"])
        return self.works_here(who) and (not self.is_guest(who) or holds or takes_part)

    def is_accountable(self, who: int, which: int) -> bool:
        return self.works_here(who) and any(
            (kind, number) == ("member", who) or (kind == "team" and self.leads(who, number))
            for (on, (kind, number), role), status in self.work.assignments.items()
            if (on, role, status) == (which, "accountable", "accepted")
        )

    def assigns(self, who: int, which: int) -> bool:
        if which in GOALS:
            accountable = not self.is_guest(who) and self.is_accountable(who, which)
            return self.changes(who, which) or (self.sees(who, which) and accountable)
        if not self.works_here(who) or self.is_guest(who):
            return False
        led = self.leads(who, self.work.teams[which - len(GOALS)])
        return self.is_admin(who) or led or self.is_accountable(who, which)

    def adds(self, who: int, which: int) -> bool:
        if self.assigns(who, which):
            return True
        if which in GOALS:
            return self.checks_in(who, which)
        is_colleague = self.works_here(who) and not self.is_guest(who)
        return is_colleague and self.has(who, which, ["responsible"], ["offered", "accepted"])

    def changes_task(self, who: int, task: PlannedTask) -> bool:
        return self.assigns(who, task.thing) or (who == task.author and self.adds(who, task.thing))

    def works_on(self, who: int, task: PlannedTask) -> bool:
        stands_in = task.assignee is not None and self.work.covers.get((task.thing, (task.assignee, who)), False)
        theirs = self.sees_thing(who, task.thing) and (who == task.assignee or stands_in)
        return theirs or self.changes_task(who, task)

    def answers(self, who: int, kind: str, number: int) -> bool:
        return self.leads(who, number) if kind == "team" else self.works_here(who) and number == who

    def looks_after(self, who: int, person: int) -> bool:
        """Whether they are told of the person's hours."""
        if who == person:
            return True
        if not self.works_here(who) or self.is_guest(who):
            return False
        teams = [team for (member, team) in self.plan.places if member == person]
        manages = self.work.managers.get(person) == who
        return self.is_admin(who) or manages or any(self.leads(who, team) for team in teams)


Asked = Callable[[WorkWorld], None]


def over_casts(test: Asked) -> Callable[[None], None]:
    """Ask of many worlds, each taken back at its end."""

    @settings(
        max_examples=times(120),
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(plan=plans, work=works)
    def asked(db: None, plan: Plan, work: WorkPlan) -> None:
        with transaction.atomic():
            test(WorkWorld(plan, work))
            transaction.set_rollback(True)

    asked.__name__, asked.__doc__ = test.__name__, test.__doc__
    return asked


def numbers(rows: list[Any], found: QuerySet[Any]) -> set[int]:
    """Which of the rows were found."""
    pks = set(found.values_list("pk", flat=True))
    return {number for number, row in enumerate(rows) if row.pk in pks}


@over_casts
def test_conditions_on_rows_say_what_the_rules_say(world: WorkWorld) -> None:
    tasks, assigned = world.work.tasks, [party for _thing, party, _role in world.work.assignments]
    on = [which for which, _party, _role in world.work.assignments]
    for who, member in enumerate(world.people):
        shown = {n for n in range(DUTIES) if world.sees_thing(who, len(GOALS) + n)}
        assert numbers(world.duties, duties.visible_responsibilities(member)) == shown
        changed = {n for n in range(DUTIES) if world.assigns(who, len(GOALS) + n)}
        assert numbers(world.duties, Responsibility.objects.filter(duties.changeable(member))) == changed
        given_out = {n for n in GOALS if world.assigns(who, n)}
        assert numbers(world.goals, Goal.objects.filter(duties.assignable(member))) == given_out
        told = {n for n, which in enumerate(on) if world.sees_thing(who, which)}
        assert numbers(world.assignments, duties.visible_assignments(member)) == told
        answered = {n for n, party in enumerate(assigned) if world.answers(who, *party)}
        assert numbers(world.assignments, Assignment.objects.filter(duties.answerable(member))) == answered
        taking = {n for n in GOALS if world.adds(who, n)}
        assert numbers(world.goals, Goal.objects.filter(access.goals_taking_tasks(member))) == taking
        taking = {n for n in range(DUTIES) if world.adds(who, len(GOALS) + n)}
        rule = access.responsibilities_taking_tasks(member)
        assert numbers(world.duties, Responsibility.objects.filter(rule)) == taking
        listed = {n for n, task in enumerate(tasks) if world.sees_thing(who, task.thing)}
        assert numbers(world.tasks, access.visible_tasks(member)) == listed
        altered = {n for n, task in enumerate(tasks) if world.changes_task(who, task)}
        assert numbers(world.tasks, Task.objects.filter(access.alterable(member))) == altered
        worked = {n for n, task in enumerate(tasks) if world.works_on(who, task)}
        assert numbers(world.tasks, Task.objects.filter(access.workable(member))) == worked
        assert numbers(world.tasks, Task.objects.exclude(access.workable(member))) == {*range(len(tasks))} - worked


@over_casts
def test_predicates_say_what_the_rules_say(world: WorkWorld) -> None:
    for who, member in enumerate(world.people):
        for which, each in enumerate(world.things):
            assert duties.can_see(member, each) == world.sees_thing(who, which)
            assert duties.can_assign(member, each) == world.assigns(who, which)
            assert duties.is_accountable(member, each) == world.is_accountable(who, which)
            assert access.can_add_task(member, each) == world.adds(who, which)
        for task, made in zip(world.work.tasks, world.tasks, strict=True):
            assert access.can_change_task(member, made) == world.changes_task(who, task)
            assert access.can_work_on_task(member, made) == world.works_on(who, task)
        for (_thing, party, _role), offered in zip(world.work.assignments, world.assignments, strict=True):
            assert duties.can_answer(member, offered) == world.answers(who, *party)


@over_casts
def test_handovers_and_hours_are_seen_as_the_rules_say(world: WorkWorld) -> None:
    for who, member in enumerate(world.people):
        told = {
            n
            for n, (which, pair) in enumerate(world.work.covers)
            if world.sees_thing(who, which) and (not world.is_guest(who) or who in pair)
        }
        assert numbers(world.covers, visible_handovers(member)) == told
        read = {
            n
            for n, (person, goal) in enumerate(world.work.hours)
            if who == person or (world.looks_after(who, person) and (goal is None or world.sees(who, goal)))
        }
        assert numbers(world.reports, visible_reported_hours(member)) == read
        for person in range(HERE):
            theirs = who < HERE and world.looks_after(who, person)
            assert can_see_reported_hours(member, world.people[person]) == theirs


@over_casts
def test_one_query_answers_for_many_people(world: WorkWorld) -> None:
    pairs = {(who, n) for who in PEOPLE for n in range(DUTIES)}
    Notice.objects.bulk_create(
        Notice(workspace=world.workspace if who < HERE else world.people[who].workspace, recipient=world.people[who],
               kind="test", subject_id=world.duties[n].pk, about_id=world.duties[n].pk, dedupe_key=f"{who}-{n}")
        for who, n in pairs
    )  # fmt: skip
    sees: Exists = duties.sees_responsibility(member="recipient_id", responsibility="about_id")
    found = set(Notice.objects.filter(sees).values_list("dedupe_key", flat=True))
    assert found == {f"{who}-{n}" for who, n in pairs if world.sees_thing(who, len(GOALS) + n)}


@over_casts
def test_people_teams_absences_and_values_are_seen_as_the_rules_say(world: WorkWorld) -> None:
    day, places = date(2026, 3, 2), world.plan.places
    absences = [Absence(workspace=each.workspace, member=each, starts_on=day, ends_on=day) for each in world.people]
    Absence.objects.bulk_create(absences)
    values = [
        *(Value(workspace=each.workspace, name=f"V{n}", member=each) for n, each in enumerate(world.people)),
        Value(workspace=world.workspace, name="All", member=None),
    ]
    Value.objects.bulk_create(values)
    for who, member in enumerate(world.people[:HERE]):
        mine = {team for (each, team) in places if each == who}
        mates = {each for (each, team) in places if team in mine}
        people = {who, *mates} if world.is_guest(who) else {*range(HERE)}
        assert numbers(world.people, visible_members(member)) == people
        assert numbers(absences, visible_absences(member)) == people
        assert numbers(world.teams, visible_teams(member)) == (mine if world.is_guest(who) else {*range(HERE)})
        assert numbers(values, visible_values(member)) == ({who} if world.is_guest(who) else {who, len(PEOPLE)})
    assert Team.objects.count() == len(world.teams)
