"""Responsibilities as their page and the API show them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from apps.core.registries import Hook
from apps.goals.access import visible_goals
from apps.responsibilities import access
from apps.responsibilities.queries.findings import Moment, finding_columns, with_findings
from apps.workspaces.models import Member

PAGE_COLUMNS: Hook[[Member], Mapping[str, object]] = Hook(
    "PAGE_COLUMNS",
    "called with the reader; what a responsibility's page reads with it in the same query (expressions by name)",
)


def responsibilities_for_page(member: Member, moment: Moment) -> QuerySet[Any]:
    """Those the member sees, each with its team and goal, its findings, `may_change`, whether the member sees
    the goal (`shows_goal`), and what apps above add.
    """
    rows = access.visible_responsibilities(member).select_related("team", "goal")
    annotated: QuerySet[Any] = with_findings(rows, moment).annotate(
        may_change=access.changeable(member),
        shows_goal=Exists(visible_goals(member).filter(pk=OuterRef("goal_id"))),
    )
    for columns in PAGE_COLUMNS(member):
        annotated = annotated.annotate(**columns)
    return annotated


def responsibility_columns(member: Member, *, at: datetime) -> dict[str, object]:
    """What the API's rows hold beside their own columns: the goal where the caller sees it, and the findings."""
    goal = visible_goals(member).filter(pk=OuterRef("goal_id")).order_by()
    return {
        "seen_goal": Subquery(goal.values("pk")[:1]),
        "seen_findings": JSONObject(**finding_columns(Moment(member, at))),
    }


def goal_page_columns(member: Member, at: datetime) -> dict[str, object]:
    """What a goal's page reads with the goal itself: its findings and `may_assign`."""
    return {
        **finding_columns(Moment(member, at), of_goals=True),
        "may_assign": access.assignable(member),
    }
