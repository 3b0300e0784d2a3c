"""Goals on the pages of people and teams: always those that the reader sees, and of them only the first."""

from typing import Any

from django import template
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from apps.core.urls import reverse_in
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Goal
from apps.workspaces.models import Member, Team

register = template.Library()
SHOWN = 12


def _open_goals(viewer: Member) -> QuerySet[Goal]:
    goals = access.visible_goals(viewer).filter(status__in=OPEN_STATUSES).select_related("owner", "cycle")
    return goals.order_by("rank", "pk")


def _rows(viewer: Member, goals: list[Goal], *, with_owner: bool) -> list[dict[str, object]]:
    return [
        {
            "goal": goal,
            "url": reverse_in(viewer.workspace, "goals:goal_detail", goal.pk),
            "progress": goal.progress if goal.is_measured and access.shows_progress(viewer, goal) else None,
            "with_owner": with_owner,
        }
        for goal in goals
    ]


@register.inclusion_tag("workspaces/_goals.html", takes_context=True)
def member_goals(context: template.Context, person: Member) -> dict[str, Any]:
    """The open goals a person owns and gives time to, as far as the reader sees them."""
    viewer: Member = context["member"]
    place = Window(RowNumber(), partition_by="is_owned", order_by=["rank", "pk"])
    goals = _open_goals(viewer).filter(Q(owner_id=person.pk) | access.contributes(person))
    goals = goals.annotate(is_owned=ExpressionWrapper(Q(owner_id=person.pk), output_field=BooleanField()))
    found: list[Any] = list(goals.annotate(place=place).filter(place__lte=SHOWN + 1))
    owned, joined = [each for each in found if each.is_owned], [each for each in found if not each.is_owned]
    every = f"{reverse_in(viewer.workspace, 'goals:goal_list')}?owner={person.pk}&cycle=all&view=table"
    return {
        "person": person,
        "owned": _rows(viewer, owned[:SHOWN], with_owner=False),
        "joined": _rows(viewer, joined[:SHOWN], with_owner=True),
        "all_url": every if len(owned) > SHOWN else "",
    }


@register.inclusion_tag("workspaces/_goals.html", takes_context=True)
def team_goals(context: template.Context, team: Team) -> dict[str, object]:
    """The open goals of a team, as far as the reader sees them."""
    viewer: Member = context["member"]
    owned = list(_open_goals(viewer).filter(team_id=team.pk)[: SHOWN + 1])
    every = f"{reverse_in(viewer.workspace, 'goals:goal_list')}?team={team.pk}&cycle=all&view=table"
    return {
        "team": team,
        "owned": _rows(viewer, owned[:SHOWN], with_owner=True),
        "joined": [],
        "all_url": every if len(owned) > SHOWN else "",
    }


@register.simple_tag(takes_context=True)
def first_goal(context: template.Context) -> Goal | None:
    """The first goal the reader sees here, for the first steps of a new workspace."""
    return access.visible_goals(context["member"]).order_by("created_at", "pk").first()
