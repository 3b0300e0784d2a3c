"""Who holds what on the pages of goals and people: always what the reader sees, and of it only the first."""

from typing import Any

from django import template

from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.responsibilities import queries
from apps.workspaces.models import Member

register = template.Library()
SHOWN = 12


@register.simple_tag(takes_context=True)
def holders_of(context: template.Context, goal: Goal) -> queries.Holders:
    """`{% holders_of goal as holders %}`: read once for all the cards that show them."""
    return queries.holders_of(goal, context["member"])


@register.inclusion_tag("responsibilities/_goal_responsibilities.html", takes_context=True)
def goal_responsibilities(context: template.Context, goal: Any, holders: queries.Holders) -> dict[str, object]:
    """Who is responsible, accountable, consulted and informed on a goal of goals_for_page (`holders_of` it), with what
    is missing, and answers in place.
    """
    viewer: Member = context["member"]
    return {
        "member": viewer,
        "workspace": context["workspace"],
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
        "goal": goal,
        "holders": holders,
        "findings": queries.found(goal),
        "may_assign": goal.may_assign and not goal.is_closed,
        "offer_url": reverse_in(viewer.workspace, "responsibilities:goal_offer", goal.pk),
    }


@register.inclusion_tag("responsibilities/_member_holds.html", takes_context=True)
def member_holds(context: template.Context, person: Member) -> dict[str, object]:
    """The first things a person holds, as far as the reader sees them."""
    viewer: Member = context["member"]
    held = queries.first_held(person, viewer, most=SHOWN + 1)
    return {
        "workspace": context["workspace"],
        "person": person,
        "held": held[:SHOWN],
        "more": len(held) > SHOWN,
    }
