"""The generated workspace: whole, deterministic, and in the state that the services would have kept it in."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db.models import F, Max

from apps.accounts.models import User
from apps.goals.models import CheckIn, Goal, KeyResult, Reading
from apps.goals.models.progress import key_result_progress
from apps.goals.services.checkins import _take_over_last_words
from apps.goals.services.dates import set_check_in_dates
from apps.goals.services.locks import levels_above
from apps.goals.services.progress import measure
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.tasks.models import Task
from apps.workspaces.models import Member, Team, Workspace
from benchmarks import databases
from benchmarks.generate import generate
from benchmarks.generate_loading import read_schema
from benchmarks.generate_rows import COLUMNS
from benchmarks.size import WorkspaceSize

SIZE = WorkspaceSize.scaled(0.002)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def name(django_db_setup: None) -> str:
    """A generated database beside the session's own."""
    return databases.ensure(SIZE)


@pytest.fixture
def rows(name: str, django_db_blocker: Any) -> Iterator[None]:
    """Django works on it."""
    with django_db_blocker.unblock(), databases.using(name):
        yield
        databases.close()


def test_generated_counts_are_those_asked_for(rows: None):
    assert (Member.objects.count(), Goal.objects.count(), CheckIn.objects.count()) == (40, 200, 2_000)
    assert Reading.objects.count() > 500
    assert Team.objects.count() == SIZE.teams


def test_generated_work_hangs_on_goals_and_teams(rows: None):
    assert Responsibility.objects.count() == SIZE.teams * 12
    assert Task.objects.filter(responsibility=None).count() > 100
    assert Task.objects.filter(goal=None).count() > 20
    assert set(Task.objects.values_list("status", flat=True)) == {"open", "doing", "done", "dropped"}
    assert not Task.objects.filter(closed_at__lt=F("created_at")).exists()
    assert Assignment.objects.exclude(goal=None).count() > 50
    assert set(Assignment.objects.values_list("role", flat=True)) == set(AssignmentRole.values)
    assert Assignment.objects.exclude(team=None).exists()
    assert set(Assignment.objects.values_list("status", flat=True)) == set(AssignmentStatus.values)
    assert not Assignment.objects.exclude(goal=None).exclude(goal__visibility="workspace").exists()


def test_generated_rows_pass_every_constraint(name: str):
    """The constraints were put back, which checks all rows; here: none is missing and none is left unchecked."""
    empty = databases.address(f"{databases.PREFIX}empty_{databases.key()}")
    tables = {model._meta.db_table for model in COLUMNS}
    with psycopg.connect(databases.address(name)) as filled, psycopg.connect(empty) as untouched:
        assert read_schema(filled, tables) == read_schema(untouched, tables)
        assert filled.execute("SELECT count(*) FROM pg_constraint WHERE NOT convalidated").fetchone() == (0,)


def test_generated_progress_is_what_services_measure(rows: None):
    sources: Counter[str] = Counter()
    for goal in Goal.objects.all():
        progress, source = measure(goal)
        assert goal.progress == pytest.approx(progress), goal.title
        assert goal.progress_source == source
        sources[source] += 1
    assert len(sources) == 4
    for key_result in KeyResult.objects.all():
        expected = key_result_progress(key_result.start_value, key_result.target_value, key_result.current_value)
        assert key_result.progress == pytest.approx(expected)


def test_generated_last_words_and_dates_are_what_services_keep(rows: None):
    workspace = Workspace.objects.get()
    for goal in Goal.objects.all():
        kept = (goal.last_check_in_at, goal.confidence, goal.confidence_since, goal.check_in_due_on)
        goal.check_in_due_on = None
        _take_over_last_words(goal, workspace)
        set_check_in_dates(goal, workspace=workspace)
        assert kept == (goal.last_check_in_at, goal.confidence, goal.confidence_since, goal.check_in_due_on)


def test_generated_tree_is_as_deep_as_goals_may_be(rows: None):
    levels = {len(levels_above(pk)) for pk in Goal.objects.values_list("pk", flat=True)}
    assert 3 <= max(levels) <= 10
    assert not Goal.objects.exclude(parent=None).exclude(cycle=F("parent__cycle")).exists()
    assert Team.objects.exclude(ancestor_ids=[]).exists()


def test_generated_history_ends_today_and_shows_every_state(rows: None):
    assert CheckIn.objects.aggregate(last=Max("made_at"))["last"] < datetime.now(UTC)
    assert len(set(Goal.objects.values_list("status", flat=True))) == 5
    assert len(set(Goal.objects.values_list("visibility", flat=True))) == 3
    assert set(Member.objects.values_list("role", flat=True)) == {"owner", "admin", "member", "guest"}


def test_generator_gives_the_same_rows_again(name: str):
    again = f"{databases.PREFIX}again_{databases.key()}"
    empty = f"{databases.PREFIX}empty_{databases.key()}"
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{again}" TEMPLATE "{empty}"')
    generate(databases.owner_address(again), SIZE, day=databases.anchor(datetime.now(UTC).date()))
    tables = [model._meta.db_table for model in COLUMNS if model is not User]  # users say when they were written
    queries = [f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {name} t" for name in tables]  # noqa: S608 - our tables
    with psycopg.connect(databases.address(name)) as first, psycopg.connect(databases.address(again)) as second:
        for query in queries:
            assert first.execute(query).fetchone() == second.execute(query).fetchone(), query
