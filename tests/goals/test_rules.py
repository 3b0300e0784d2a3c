"""Each rule on goals is one SQL condition. Over random casts it says what a few lines of plain Python say, whether it
is asked for one row, for a queryset, or for many people at once; and so do the predicates for a goal in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.core.sql import Rule
from apps.goals import access
from apps.goals.access.goals import CHANGES, ROW, SEES
from apps.goals.models import Contributor, Goal, StandIn
from apps.notifications.models import Notice
from apps.workspaces.access import LEADS, leads, led_teams
from apps.workspaces.models import Member, Role, Team, TeamMembership
from tests.counts import times
from tests.factories import WorkspaceFactory

PEOPLE, TEAMS, GOALS = range(7), range(6), range(5)
HERE = 5  # people and teams from this number on are of another workspace

person, team = st.sampled_from(PEOPLE), st.sampled_from(TEAMS)
of_team = st.sampled_from(range(HERE))


@dataclass(frozen=True)
class PlannedGoal:
    """A goal by the numbers of its people."""

    visibility: str
    owner: int | None
    author: int | None
    team: int | None
    source: str
    contributors: frozenset[int]
    covers: frozenset[tuple[int, int]]


def _sound(goal: PlannedGoal) -> bool:
    """What the database itself demands of a goal."""
    return not (
        (goal.visibility == "team" and goal.team is None) or (goal.visibility == "private" and goal.owner is None)
    )


here = st.sampled_from(range(HERE))
planned = st.builds(
    PlannedGoal,
    visibility=st.sampled_from(["workspace", "team", "private"]),
    owner=st.none() | here,
    author=st.none() | here,
    team=st.none() | of_team,
    source=st.sampled_from(["children", "key_results"]),
    contributors=st.frozensets(here, max_size=2),
    covers=st.frozensets(st.tuples(here, here).filter(lambda pair: pair[0] != pair[1]), max_size=3),
).filter(_sound)


@dataclass(frozen=True)
class Plan:
    """A workspace of five people, five teams in a tree of up to five levels and five goals; two strangers outside."""

    roles: list[Role]
    gone: frozenset[int]
    parents: list[int | None]
    places: dict[tuple[int, int], bool]
    goals: list[PlannedGoal]


plans = st.builds(
    Plan,
    roles=st.lists(st.sampled_from(list(Role)), min_size=len(PEOPLE), max_size=len(PEOPLE)),
    gone=st.frozensets(person, max_size=2),
    parents=st.tuples(
        *(st.none() if n == 0 else st.none() | st.just(n - 1) | st.integers(0, n - 1) for n in range(HERE))
    ),
    places=st.dictionaries(st.tuples(here, of_team), st.booleans(), max_size=8),
    goals=st.lists(planned, min_size=len(GOALS), max_size=len(GOALS)),
)


class RulesWorld:
    """The rows of a plan, and what the plain rules say of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        first, other = WorkspaceFactory(), WorkspaceFactory()
        self.people = [
            Member(workspace=first if n < HERE else other, name=f"P{n}", role=plan.roles[n],
                   deactivated_at=timezone.now() if n in plan.gone else None)
            for n in PEOPLE
        ]  # fmt: skip
        Member.objects.bulk_create(self.people)
        self.teams = [Team(workspace=first if n < HERE else other, name=f"T{n}") for n in TEAMS]
        for n, parent in enumerate(plan.parents):
            if parent is not None:
                self.teams[n].parent = self.teams[parent]
                self.teams[n].ancestor_ids = [self.teams[each].pk for each in self.above(n)]
        Team.objects.bulk_create(self.teams)
        TeamMembership.objects.bulk_create(
            TeamMembership(workspace=first, member=self.people[who], team=self.teams[where], is_lead=is_lead)
            for (who, where), is_lead in plan.places.items()
        )
        TeamMembership.objects.bulk_create(
            TeamMembership(workspace=other, member=each, team=self.teams[HERE], is_lead=True)
            for each in self.people[HERE:]
        )
        self.goals = [
            Goal(workspace=first, title=f"G{n}", visibility=goal.visibility, progress_source=goal.source,
                 owner=None if goal.owner is None else self.people[goal.owner],
                created_by=None if goal.author is None else self.people[goal.author],
                 team=None if goal.team is None else self.teams[goal.team])
            for n, goal in enumerate(plan.goals)
        ]  # fmt: skip
        Goal.objects.bulk_create(self.goals)
        for goal, made in zip(plan.goals, self.goals, strict=True):
            Contributor.objects.bulk_create(
                Contributor(workspace=first, goal=made, member=self.people[n]) for n in goal.contributors
            )
            StandIn.objects.bulk_create(
                StandIn(workspace=first, goal=made, member=self.people[n], absent=self.people[away])
                for n, away in goal.covers
            )

    def above(self, number: int) -> list[int]:
        """The teams above one, from the root down."""
        parent = self.plan.parents[number]
        return [] if parent is None else [*self.above(parent), parent]

    def pairs(self) -> Iterator[tuple[int, int]]:
        for who in PEOPLE:
            for which in GOALS:
                yield who, which

    # ---- the rules as one would say them ----

    def works_here(self, who: int) -> bool:
        return who < HERE and who not in self.plan.gone

    def is_guest(self, who: int) -> bool:
        return self.plan.roles[who] == Role.GUEST

    def leads(self, who: int, where: int | None) -> bool:
        if where is None or not self.works_here(who):
            return False
        return any(self.plan.places.get((who, each)) for each in [*self.above(where), where])

    def in_team(self, who: int, where: int | None) -> bool:
        places = self.plan.places
        return where is not None and (
            (who, where) in places or any(places.get((who, each)) for each in self.above(where))
        )

    def sees(self, who: int, which: int) -> bool:
        goal = self.plan.goals[which]
        if not self.works_here(who):
            return False
        if who == goal.owner or who in goal.contributors:
            return True
        if self.is_guest(who) or goal.visibility == "private":
            return False
        return goal.visibility == "workspace" or self.in_team(who, goal.team)

    def changes(self, who: int, which: int) -> bool:
        goal = self.plan.goals[which]
        if not self.sees(who, which) or who == goal.owner:
            return self.works_here(who) and who == goal.owner
        if goal.visibility == "private" or self.is_guest(who):
            return False
        wrote = goal.owner is None and goal.author == who
        return wrote or self.plan.roles[who] in {Role.OWNER, Role.ADMIN} or self.leads(who, goal.team)

    def takes_part(self, who: int, which: int) -> bool:
        goal = self.plan.goals[which]
        covered = {away for member, away in goal.covers if member == who}
        return who in goal.contributors or bool(covered & ({goal.owner} | goal.contributors))

    def checks_in(self, who: int, which: int) -> bool:
        return self.changes(who, which) or (self.sees(who, which) and self.takes_part(who, which))

    def hides(self, who: int, which: int) -> bool:
        goal = self.plan.goals[which]
        if goal.source != "children":
            return False
        return self.is_guest(who) or (goal.visibility == "team" and not self.in_team(who, goal.team))


@contextmanager
def world_of(plan: Plan) -> Iterator[RulesWorld]:
    """The plan's rows, taken back at the end."""
    with transaction.atomic():
        yield RulesWorld(plan)
        transaction.set_rollback(True)


each_plan = settings(
    max_examples=times(250),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Pairs = set[tuple[int, int]]


def said(world: RulesWorld, rule: str) -> Pairs:
    return {pair for pair in world.pairs() if getattr(world, rule)(*pair)}


def listed(world: RulesWorld, rule: str) -> Pairs:
    """By queryset, for one person after the other."""
    number = {goal.pk: n for n, goal in enumerate(world.goals)}
    ask = {
        "sees": access.visible_goals,
        "changes": lambda member: Goal.objects.filter(access.changeable(member)),
        "takes_part": lambda member: Goal.objects.filter(access.takes_part(member)),
        "hides": lambda member: Goal.objects.filter(access.hides_progress(member)),
        "checks_in": lambda member: access.visible_goals(member).filter(
            access.changeable(member) | access.takes_part(member)
        ),
    }[rule]
    return {(n, number[pk]) for n, each in enumerate(world.people) for pk in ask(each).values_list("pk", flat=True)}


@each_plan
@given(plan=plans)
def test_a_queryset_holds_what_the_rule_says(db: None, plan: Plan) -> None:
    with world_of(plan) as world:
        for rule in ("sees", "changes", "takes_part", "checks_in", "hides"):
            assert listed(world, rule) == said(world, rule), rule


@each_plan
@given(plan=plans)
def test_a_goal_in_memory_answers_as_the_rule_says(db: None, plan: Plan) -> None:
    with world_of(plan) as world:
        for who, which in world.pairs():
            pair = world.people[who], world.goals[which]
            assert access.can_see(*pair) == world.sees(who, which)
            assert access.can_change_goal(*pair) == world.changes(who, which)
            assert access.can_check_in(*pair) == world.checks_in(who, which)
            if world.sees(who, which):
                assert access.shows_progress(*pair) != world.hides(who, which)


@each_plan
@given(plan=plans)
def test_one_query_answers_for_many_people(db: None, plan: Plan) -> None:
    """By columns of other rows: notices to a person about a goal, and the people beside a goal."""
    with world_of(plan) as world:
        person, goal = ({each.pk: n for n, each in enumerate(rows)} for rows in (world.people, world.goals))
        notices = [
            Notice(workspace_id=world.goals[which].workspace_id, recipient=world.people[who], kind="test",
                   subject_id=world.goals[which].pk, about_id=world.goals[which].pk, dedupe_key=f"{who}-{which}")
            for who, which in world.pairs()
        ]  # fmt: skip
        Notice.objects.bulk_create(notices)
        named = {"member": "recipient_id", "goal": "subject_id"}
        for rows, rule in ((access.sees_goal(**named), world.sees), (~access.shows_progress_to(**named), world.hides)):
            found = Notice.objects.filter(rows).values_list("recipient_id", "subject_id")
            assert {(person[who], goal[which]) for who, which in found} == {p for p in world.pairs() if rule(*p)}
        for which, each in enumerate(world.goals):
            readers = {person[pk] for pk in access.readers_of(each).values_list("pk", flat=True)}
            assert readers == {who for who in PEOPLE if world.sees(who, which)}
            assert readers == would_read(world, which, person)


def would_read(world: RulesWorld, which: int, person: dict[UUID, int]) -> set[int]:
    """As a form asks before there is a goal."""
    goal, plan = world.goals[which], world.plan.goals[which]
    named = [world.people[n].pk for n in (*plan.contributors, plan.owner) if n is not None]
    found = access.readers(workspace_id=goal.workspace_id, visibility=goal.visibility, team=goal.team, named=named)
    return {person[pk] for pk in found.values_list("pk", flat=True)}


@each_plan
@given(plan=plans)
def test_a_rule_is_true_or_false_wherever_it_stands(db: None, plan: Plan) -> None:
    """In the output of a query, behind a join, in a subquery, negated, and in a sum; never null, never another row."""
    with world_of(plan) as world:
        number = {goal.pk: n for n, goal in enumerate(world.goals)}
        for who, member in enumerate(world.people):
            sees, changes = (Rule(text, {"goal": ROW, "member": member.pk}) for text in (SEES, CHANGES))
            told = dict(Goal.objects.annotate(sees=sees).values_list("pk", "sees"))
            assert {number[pk]: sees for pk, sees in told.items()} == {n: world.sees(who, n) for n in GOALS}
            hidden = Goal.objects.exclude(sees).values_list("pk", flat=True)
            assert {number[pk] for pk in hidden} == {n for n in GOALS if not world.sees(who, n)}
            joined = Rule(SEES, {"goal": F("goal__workspace_id"), "member": F("absent_id")})
            covers = StandIn.objects.annotate(sees=joined).select_related("goal__owner")
            for absent, goal, seen in covers.values_list("absent__name", "goal_id", "sees"):
                assert seen == world.sees(int(absent[1:]), number[goal])
            inner = Goal.objects.filter(changes, pk=OuterRef("goal_id"))
            changed = StandIn.objects.filter(goal__in=Goal.objects.filter(changes))
            found = changed.annotate(inner=Subquery(inner.values("pk"))).values_list("inner", flat=True)
            assert all(world.changes(who, number[pk]) for pk in found)
            assert Goal.objects.filter(sees | changes).count() == Goal.objects.filter(sees).count()


@each_plan
@given(plan=plans)
def test_leading_is_one_rule_too(db: None, plan: Plan) -> None:
    with world_of(plan) as world:
        for who, member in enumerate(world.people[:HERE]):
            expected = {n for n in range(HERE) if world.leads(who, n)}
            assert {n for n in range(HERE) if leads(member, world.teams[n])} == expected
            found = led_teams(member).values_list("pk", flat=True)
            assert set(found) == {world.teams[n].pk for n in expected}
        by_column = Rule(LEADS, {"team": F("team_id"), "member": F("owner_id")})
        number = {goal.pk: n for n, goal in enumerate(world.goals)}
        for pk, is_led in Goal.objects.annotate(led=by_column).values_list("pk", "led"):
            goal = plan.goals[number[pk]]
            assert is_led == (goal.owner is not None and world.leads(goal.owner, goal.team))


def test_a_row_is_given_by_a_column_of_its_own(db: None) -> None:
    with pytest.raises(TypeError, match="no row of its own"):
        str(Goal.objects.filter(Rule("{goal.id} = {goal.id}", {"goal": 1})).query)


def test_what_is_given_is_never_part_of_the_text(db: None) -> None:
    given = "x'; --{goal.id}%s"
    sql, params = Goal.objects.filter(
        Rule("{goal.title} = {title}", {"goal": ROW, "title": given})
    ).query.sql_with_params()
    assert given not in sql
    assert params == (given,)
