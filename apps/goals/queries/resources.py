"""What the API's rows hold beside their own columns, each as one expression of the database."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, JSONObject

from apps.goals import access
from apps.goals.models import Contributor, Cycle, GoalSupport, GoalValue, KeyResult, ProgressSource, Reading
from apps.goals.models.clarity import clarity
from apps.workspaces.access import visible_values
from apps.workspaces.models import Member


def cycle_columns(member: Member, *, at: datetime) -> dict[str, Any]:
    """The status on the caller's day: the rule of Cycle.status_on as SQL."""
    return {
        "status_today": Case(
            When(closed_at__isnull=False, then=Value(Cycle.Status.CLOSED)),
            When(starts_on__gt=member.today(at), then=Value(Cycle.Status.UPCOMING)),
            default=Value(Cycle.Status.CURRENT),
            output_field=CharField(),
        )
    }


def goal_columns(member: Member) -> dict[str, Any]:
    """What hangs on the goal, of what the caller sees."""
    parent = access.visible_goals(member).filter(pk=OuterRef("parent_id")).order_by()
    kinds = KeyResult.objects.filter(goal=OuterRef("pk")).order_by("kind").values("kind")
    supports = GoalSupport.objects.filter(goal=OuterRef("pk"))
    values = GoalValue.objects.filter(goal=OuterRef("pk"), value__in=visible_values(member))
    people = Contributor.objects.filter(goal=OuterRef("pk"))
    hidden = access.hides_progress(member)
    none = Value(ProgressSource.NONE, output_field=CharField())
    return {
        "seen_parent": Subquery(parent.values("pk")[:1]),
        "seen_supporting_teams": ArraySubquery(supports.order_by("team_id").values("team_id")),
        "seen_values": ArraySubquery(values.order_by("value_id").values("value_id")),
        "seen_contributors": ArraySubquery(
            people.order_by("member_id").values(json=JSONObject(member="member_id", hours_per_week="hours_per_week"))
        ),
        "seen_progress": Case(When(hidden, then=None), default=F("progress")),
        "seen_progress_source": Case(When(hidden, then=none), default=F("progress_source"), output_field=CharField()),
        "seen_clarity": JSONObject(kinds=ArraySubquery(kinds), starts_on="cycle__starts_on", ends_on="cycle__ends_on"),
    }


def clarity_of(row: Mapping[str, Any]) -> dict[str, Any]:
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


def check_in_columns(member: Member) -> dict[str, Any]:
    """The readings, by key result."""
    readings = Reading.objects.filter(check_in=OuterRef("pk")).order_by("key_result_id")
    return {
        "seen_readings": ArraySubquery(
            readings.values(json=JSONObject(key_result="key_result_id", value=Cast("value", output_field=CharField())))
        )
    }
