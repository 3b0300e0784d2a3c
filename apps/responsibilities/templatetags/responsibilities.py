"""Who holds what on the pages of goals and people: always what the reader sees, and of it only the first."""

from typing import Any

from django import template
from django.utils import timezone

from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.responsibilities import queries
from apps.workspaces.models import Member

register = template.Library()
SHOWN = 12


@register.inclusion_tag("responsibilities/_goal_responsibilities.html", takes_context=True)
def goal_responsibilities(context: template.Context, goal: Goal) -> dict[str, Any]:
    """Who is responsible, accountable, consulted and informed on a goal, with what is missing, and answers in place."""
    viewer: Member = context["member"]
    line = queries.line_of(viewer, goal, queries.Moment(viewer, timezone.now()), with_letters=False)
    return {
        "member": viewer,
        "workspace": context["workspace"],
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
        "goal": goal,
        "holders": queries.holders_of(goal, viewer),
        "findings": line.findings if line else [],
        "may_assign": line is not None and line.may_change,
        "offer_url": reverse_in(viewer.workspace, "responsibilities:goal_offer", goal.pk),
    }


@register.inclusion_tag("responsibilities/_member_holds.html", takes_context=True)
def member_holds(context: template.Context, person: Member) -> dict[str, Any]:
    """The first things a person holds, as far as the reader sees them."""
    viewer: Member = context["member"]
    held = queries.first_held(person, viewer, most=SHOWN + 1)
    return {
        "workspace": context["workspace"],
        "person": person,
        "held": held[:SHOWN],
        "more": len(held) > SHOWN,
    }
