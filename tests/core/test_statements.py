"""Statements compiled once give everybody what the queryset would have given them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from apps.core import statements
from apps.core.statements import Fixed, FixedNumber, Inputs, RawStatement, Slot, Statement, run
from apps.goals import access, queries
from apps.goals.models import Goal, Status
from apps.goals.serializers import GoalSerializer
from apps.workspaces.models import Member, Team
from tests.factories import ContributorFactory, GoalFactory


@pytest.fixture
def compilings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables of the querysets that are compiled, subqueries included."""
    found: list[str] = []
    compile_it = SQLCompiler.as_sql

    def as_sql(self: Any, *args: Any, **kwargs: Any) -> Any:
        found.append(self.query.model._meta.db_table if self.query.model else "")
        return compile_it(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", as_sql)
    return found


@pytest.fixture
def goals(bob: Member, mo: Member, gus: Member, lea: Member, goal: Goal, product: Team, care: Team) -> list[Goal]:
    """Goals of every visibility, with people named on them."""
    made = [
        GoalFactory(owner=bob, team=product, visibility="team", title="Product's"),
        GoalFactory(owner=mo, team=care, visibility="team", title="Care's"),
        GoalFactory(owner=bob, visibility="private", title="Bob's", parent=goal),
        GoalFactory(owner=lea, visibility="private", title="Lea's", due_on=timezone.now().date()),
    ]
    ContributorFactory(goal=made[2], member=mo)
    ContributorFactory(goal=made[1], member=gus)
    return [goal, *made]


def rows_of(member: Member) -> list[dict[str, Any]]:
    """The API's rows of all the member sees, by a statement."""
    inputs = Inputs()
    who = inputs.stand_in(member)

    def build() -> Any:
        return GoalSerializer.select(access.visible_goals(who), member=who).order_by("id")

    return run("all goals", build, inputs)


def test_statement_gives_each_person_what_the_queryset_gives(
    goals: list[Goal], alice: Member, adam: Member, lea: Member, bob: Member, mo: Member, gus: Member, eve: Member
) -> None:
    people = [alice, adam, lea, bob, mo, gus, eve]
    for member in [*people, *reversed(people)]:
        plain = GoalSerializer.select(access.visible_goals(member), member=member).order_by("id")
        assert rows_of(member) == list(plain)
    assert len({len(rows_of(member)) for member in people}) > 2


def test_statement_is_compiled_once_for_all_of_whom_the_same_is_true(
    goals: list[Goal], bob: Member, mo: Member, gus: Member, compilings: list[str]
) -> None:
    rows_of(bob)
    assert compilings
    compilings.clear()
    rows_of(mo)
    assert compilings == []
    rows_of(gus)  # a guest: another rule
    assert compilings


def test_statement_follows_what_changes(goals: list[Goal], bob: Member) -> None:
    assert len(rows_of(bob)) == 3
    Goal.objects.filter(pk=goals[0].pk).update(title="Renamed")
    assert "Renamed" in {row["title"] for row in rows_of(bob)}
    Member.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now())
    assert rows_of(bob) == []


def test_statement_gives_instances_with_what_is_joined(goals: list[Goal], compilings: list[str]) -> None:
    def of(title: str) -> list[Goal]:
        inputs = Inputs()
        value = inputs.put(title)
        return run("titled", lambda: Goal.objects.filter(title=value).select_related("owner", "team"), inputs)

    assert of("Bob's") == [goals[3]]
    compilings.clear()
    [found] = of("Care's")
    assert (found, found.owner, found.team) == (goals[2], goals[2].owner, goals[2].team)
    assert not found._state.adding
    assert compilings == []


@pytest.mark.parametrize(
    "condition",
    [
        lambda goal: {"pk": goal.pk},
        lambda goal: {"created_at__lt": goal.created_at + timedelta(days=1)},
        lambda goal: {"title": goal.title},
        lambda goal: {"importance": 3},
        lambda goal: {"labels__contains": ["one"]},
        lambda goal: {"title__in": [goal.title]},
    ],
)
def test_statement_refuses_to_keep_a_value(goal: Goal, condition: Callable[[Goal], dict[str, Any]]) -> None:
    with pytest.raises(ImproperlyConfigured, match="put it into Inputs"):
        Statement(Goal.objects.filter(**condition(goal)))


def test_a_text_outside_inputs_gives_nobody_the_rows_of_another(goals: list[Goal]) -> None:
    def titled(title: str) -> list[Goal]:
        return run("titled", lambda: Goal.objects.filter(title=title), Inputs())

    for title in ("Bob's", "Care's"):
        with pytest.raises(ImproperlyConfigured, match="put it into Inputs"):
            titled(title)


def test_a_value_in_sql_of_our_own_is_refused_too(goal: Goal) -> None:
    with pytest.raises(ImproperlyConfigured, match="put it into Inputs"):
        run("raw", lambda: RawStatement("SELECT id FROM goals_goal WHERE title = %s", [goal.title]), Inputs())


def test_a_choice_among_filters_is_no_part_of_a_statement(goals: list[Goal], lea: Member) -> None:
    """What a reader chose comes from Inputs, also where the words are few."""
    kept = len(statements._kept)
    for status in ("active", "draft", "achieved"):
        queries.goal_summary(queries.Listed(lea, queries.GoalFilters(status=status), timezone.now().date()))
    assert len(statements._kept) == kept + 1


def test_what_is_declared_may_stand_for_everybody(goals: list[Goal]) -> None:
    active = Goal.objects.filter(status=Status.ACTIVE).order_by()
    rows = active.annotate(said=Value(Fixed("goal")), number=FixedNumber(3)).values_list("said", "number")
    assert set(run("declared", lambda: rows, Inputs())) == {("goal", 3)}


def test_stand_in_knows_nothing_else(bob: Member) -> None:
    with pytest.raises(AttributeError):
        _ = Inputs().stand_in(bob).name


def test_shape_holds_what_decides_how_the_statement_reads() -> None:
    def shape(*values: Any) -> list[Any]:
        inputs = Inputs()
        for value in values:
            inputs.put(value)
        return inputs.shape

    assert shape("a", 1) == shape("b", 2)
    different = [shape(None), shape(True), shape(False), shape("a"), shape([]), shape(["a"]), shape(["a", "b"])]
    assert all(one != other for place, one in enumerate(different) for other in different[:place])
    inputs = Inputs()
    assert [inputs.put(None), inputs.put(True)] == [None, True]
    assert isinstance(inputs.put("a"), Slot)


def test_memory_is_bounded(goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "KEPT_MOST", 3)
    for number in range(1, 8):
        assert run(number, lambda size=number: Goal.objects.all()[:size], Inputs()) == [goal]  # type: ignore[misc]
    assert len(statements._kept) <= 3
