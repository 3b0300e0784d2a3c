"""What the API's rows hold beside their own columns, each as one expression of the database."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Count, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, JSONObject

from apps.goals import access
from apps.goals.models import Contributor, Cycle, GoalSupport, GoalValue, KeyResult, ProgressSource, Reading
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
    key_results = KeyResult.objects.filter(goal=OuterRef("pk")).order_by()
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
            people.order_by("member_id").values(
                json=JSONObject(member="member_id", hours_per_week="hours_per_week")
            )
        ),
        "seen_progress": Case(When(hidden, then=None), default=F("progress")),
        "seen_progress_source": Case(When(hidden, then=none), default=F("progress_source"), output_field=CharField()),
        "seen_clarity": Coalesce(
            Subquery(
                key_results.values("goal").annotate(number=Count("pk")).values("number"),
                output_field=IntegerField(),
            ),
            0,
        ),
        "cycle_starts_on": F("cycle__starts_on"),
        "cycle_ends_on": F("cycle__ends_on"),
    }


def check_in_columns(member: Member) -> dict[str, Any]:
    """The readings, by key result."""
    readings = Reading.objects.filter(check_in=OuterRef("pk")).order_by("key_result_id")
    return {
        "seen_readings": ArraySubquery(
            readings.values(json=JSONObject(key_result="key_result_id", value=Cast("value", output_field=CharField())))
        )
    }
