"""What goes in by COPY is what save() would have written."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from apps.activity.models import Event
from apps.core import bulk
from apps.core.bulk import insert_many, refresh_statistics, update_many
from apps.core.models import new_id
from apps.goals.models import CheckIn, Goal, KeyResult, Status
from apps.workspaces.models import Member, Team

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
TEXT = "Line\nline\ttab \\N \\. “ü” \N{SNOWMAN}"


def rows(goal: Goal, bob: Member) -> list[models.Model]:
    """One row of many kinds of fields each."""
    whose: dict[str, Any] = {"workspace_id": goal.workspace_id}
    return [
        Goal(
            **whose, title=TEXT, status=Status.DRAFT, labels=["a", 'b"c', TEXT], importance=3, due_on=date(2026, 3, 4),
            activated_at=AT, progress=0.25, owner_id=bob.pk, parent_id=goal.pk, url="https://example.org/?a=1",
        ),
        CheckIn(**whose, goal_id=goal.pk, author=bob, author_name="", made_at=AT, note=TEXT, progress=None),
        KeyResult(**whose, goal_id=goal.pk, title=TEXT, start_value=1, target_value="2.5", weight="1.00"),
        Event(**whose, actor_id=bob.pk, verb="goal.created", subject_type="goal", subject_id=goal.pk, at=AT,
              data={"changes": {"title": [TEXT, None]}}),
        Team(**whose, name=TEXT, ancestor_ids=[new_id(), new_id()]),
    ]  # fmt: skip


def stored(row: models.Model) -> dict[str, Any]:
    """All its columns as the database has them."""
    [values] = type(row)._default_manager.filter(pk=row.pk).values()
    return values


@pytest.mark.parametrize("place", range(5))
def test_insert_many_writes_what_save_writes(goal: Goal, bob: Member, place: int) -> None:
    copied, saved = rows(goal, bob)[place], rows(goal, bob)[place]
    insert_many([copied])
    saved.save(force_insert=True)
    own = {"id", "created_at", "updated_at", "ancestor_ids"}
    of_copy, of_saved = stored(copied), stored(saved)
    assert {name for name in of_copy if of_copy[name] != of_saved[name]} <= own
    assert all(of_copy[name] == getattr(copied, name) for name in own & of_copy.keys())


def test_update_many_writes_what_is_named_and_nothing_else(goal: Goal) -> None:
    goal.title, goal.reason = "Changed", "Not written"
    goal.due_on = date(2027, 1, 1)
    update_many([goal], ["title", "due_on"])
    found = stored(goal)
    assert (found["title"], found["due_on"]) == ("Changed", date(2027, 1, 1))
    assert found["reason"] != "Not written"


def test_constraints_hold(goal: Goal) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many([Goal(workspace_id=goal.workspace_id, title="x", importance=9)])


def rows_known(model: type[models.Model]) -> float:
    """How many rows the planner believes the table to have; -1 where it was never told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        found: float = cursor.fetchone()[0]
    return found


def test_the_planner_hears_of_an_import_and_nobody_of_a_warning(bob: Member) -> None:
    """A role that may not analyze a table is not refused: it is warned, and the planner knows nothing."""
    said: list[Any] = []
    insert_many([Team(workspace_id=bob.workspace_id, name=f"Team {number}") for number in range(7)])
    connection.connection.add_notice_handler(said.append)
    try:
        refresh_statistics(Team)
    finally:
        connection.connection.remove_notice_handler(said.append)
    assert said == []
    assert rows_known(Team) == Team.objects.count() >= 7


def test_before_17_it_is_left_to_autovacuum(bob: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAINTAIN_SINCE", 10_000_000)
    with CaptureQueriesContext(connection) as asked:
        refresh_statistics(Team)
    assert len(asked) == 0
