"""What the API's rows hold beside their own columns, each as one expression of the database."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, F, Field, FloatField, JSONField, UUIDField, Value, When

from apps.core.sql import SqlText, of_table
from apps.goals.access.goals import SEES
from apps.goals.access.progress import HIDES_PROGRESS
from apps.goals.models import Cycle
from apps.goals.models.clarity import clarity
from apps.workspaces.access import SEES_VALUE
from apps.workspaces.models import Member


def cycle_columns(member: Member, *, at: datetime) -> dict[str, object]:
    """The status on the caller's day: the rule of Cycle.status_on as SQL."""
    return {
        "status_today": Case(
            When(closed_at__isnull=False, then=Value(Cycle.Status.CLOSED)),
            When(starts_on__gt=member.today(at), then=Value(Cycle.Status.UPCOMING)),
            default=Value(Cycle.Status.CURRENT),
            output_field=CharField(),
        )
    }


PARENT = f"""(
    SELECT above.id FROM goals_goal above WHERE above.id = {{goal.parent_id}} AND {of_table(SEES, goal="above")}
)"""  # noqa: S608 - constants
VALUES = f"""ARRAY(
    SELECT held.value_id FROM goals_goalvalue held JOIN workspaces_value ON workspaces_value.id = held.value_id
    WHERE held.goal_id = {{goal.id}} AND {of_table(SEES_VALUE, value="workspaces_value")} ORDER BY held.value_id
)"""  # noqa: S608 - constants
SUPPORTS = """ARRAY(
    SELECT helped.team_id FROM goals_goalsupport helped WHERE helped.goal_id = {goal.id} ORDER BY helped.team_id
)"""
CONTRIBUTORS = """(
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object('member', helper.member_id, 'hours_per_week', helper.hours_per_week)
            ORDER BY helper.member_id
        ), '[]')
    FROM goals_contributor helper WHERE helper.goal_id = {goal.id}
)"""
CLARITY = """(
    SELECT jsonb_build_object(
        'kinds', ARRAY(
            SELECT measure.kind FROM goals_keyresult measure WHERE measure.goal_id = {goal.id} ORDER BY measure.kind
        ),
        'starts_on', season.starts_on, 'ends_on', season.ends_on
    ) FROM (SELECT) once LEFT JOIN goals_cycle season ON season.id = {goal.cycle_id}
)"""
PROGRESS = f"CASE WHEN {HIDES_PROGRESS} THEN NULL ELSE {{goal.progress}} END"
PROGRESS_SOURCE = f"CASE WHEN {HIDES_PROGRESS} THEN 'none' ELSE {{goal.progress_source}} END"
IDS = ArrayField(UUIDField())
COLUMNS: dict[str, tuple[str, "Field[Any, Any]"]] = {
    "seen_parent": (PARENT, UUIDField()),
    "seen_supporting_teams": (SUPPORTS, IDS),
    "seen_values": (VALUES, IDS),
    "seen_contributors": (CONTRIBUTORS, JSONField()),
    "seen_progress": (PROGRESS, FloatField()),
    "seen_progress_source": (PROGRESS_SOURCE, CharField()),
    "seen_clarity": (CLARITY, JSONField()),
}


def goal_columns(member: Member) -> dict[str, object]:
    """What hangs on the goal, of what the caller sees."""
    given = {"goal": F("workspace_id"), "member": member.pk}
    return {name: SqlText(text, given, kind) for name, (text, kind) in COLUMNS.items()}


def clarity_of(row: Mapping[str, Any]) -> dict[str, object]:
    """The clarity of a goal as the API tells it, by the rule of its page: the share of checks met, and what is missing.

    `row` holds owner, reason, due_on, and as clarity the facts that goal_columns gathers.
    """
    facts = row["clarity"]
    reason = row["reason"].strip()[:1]  # whether there is one
    cycle = facts["starts_on"], facts["ends_on"]
    score, missing = _clarity(row["owner"] is not None, reason, tuple(facts["kinds"]), row["due_on"], cycle)
    return {"score": score, "missing": list(missing)}


@lru_cache(maxsize=5_000)
def _clarity(
    has_owner: bool, reason: str, kinds: tuple[str, ...], due_on: date | None, cycle: tuple[str | None, str | None]
) -> tuple[float, tuple[str, ...]]:
    """The score and what is missing, kept because the goals of a cycle share their facts."""
    days = _day(cycle[0]), _day(cycle[1])
    checks = clarity(has_owner=has_owner, reason=reason, kinds=kinds, ends_on=due_on or days[1], cycle=days)
    missing = tuple(check.name.value for check in checks if not check.met)
    return (len(checks) - len(missing)) / len(checks), missing


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


READINGS = """(
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object('key_result', said.key_result_id, 'value', said.value::text) ORDER BY said.key_result_id
        ), '[]')
    FROM goals_reading said WHERE said.check_in_id = {check_in.id}
)"""


def check_in_columns() -> dict[str, object]:
    """The readings, by key result."""
    return {"seen_readings": SqlText(READINGS, {"check_in": F("workspace_id")}, JSONField())}
