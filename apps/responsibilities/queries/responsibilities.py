"""Responsibilities as their page and the API show them."""

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from apps.goals.access import visible_goals
from apps.responsibilities import access
from apps.responsibilities.queries.findings import Moment, finding_columns, with_findings
from apps.workspaces.models import Member


def responsibilities_for_page(member: Member, moment: Moment) -> QuerySet[Any]:
    """Those the member sees, each with its team and goal, its findings, `may_change`, `may_add_task`, and whether the
    member sees the goal (`shows_goal`).
    """
    may = access.changeable(member) or ~Q(pk__in=[])
    rows = access.visible_responsibilities(member).select_related("team", "goal")
    annotated: QuerySet[Any] = with_findings(rows, moment).annotate(
        may_change=_as_boolean(may),
        may_add_task=_as_boolean(access.responsibilities_taking_tasks(member)),
        shows_goal=Exists(visible_goals(member).filter(pk=OuterRef("goal_id"))),
    )
    return annotated


def responsibility_columns(member: Member, *, at: datetime) -> dict[str, Any]:
    """What the API's rows hold beside their own columns: the goal where the caller sees it, and the findings."""
    goal = visible_goals(member).filter(pk=OuterRef("goal_id")).order_by()
    return {
        "seen_goal": Subquery(goal.values("pk")[:1]),
        "seen_findings": JSONObject(**finding_columns(Moment(member, at))),
    }


def goal_page_columns(member: Member, at: datetime) -> dict[str, Any]:
    """What a goal's page reads with the goal itself: its findings, `may_assign` and `may_add_task`."""
    return {
        **finding_columns(Moment(member, at), of_goals=True),
        "may_assign": _as_boolean(access.assignable(member)),
        "may_add_task": _as_boolean(access.goals_taking_tasks(member)),
    }


def _as_boolean(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())
