"""Tasks and consulting on the pages of goals and responsibilities: always what the reader sees."""

from typing import Any

from django import template
from django.utils import timezone

from apps.core.models import new_id
from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.responsibilities.models import Responsibility
from apps.tasks import queries, services
from apps.tasks.forms.consultations import ask_form
from apps.workspaces.models import Member

register = template.Library()


@register.inclusion_tag("tasks/task_beneath.html", takes_context=True)
def goal_tasks(context: template.Context, goal: Any) -> dict[str, object]:
    """`{% goal_tasks goal %}`: the tasks of a goal of goals_for_page, with a line to add one for those who may."""
    return _beneath(context, goal, may_add=not goal.is_closed and goal.may_add_task)


@register.inclusion_tag("tasks/task_beneath.html", takes_context=True)
def responsibility_tasks(context: template.Context, responsibility: Any) -> dict[str, object]:
    """`{% responsibility_tasks responsibility %}`: the same for one of responsibilities_for_page."""
    may_add = responsibility.archived_at is None and responsibility.may_add_task
    return _beneath(context, responsibility, may_add=may_add)


def _beneath(context: template.Context, thing: Goal | Responsibility, *, may_add: bool) -> dict[str, object]:
    member: Member = context["member"]
    today = member.today(timezone.now())
    rows, counts = queries.tasks_of(thing, member, queries.paths_of(member), today=today)
    kind = "goal" if isinstance(thing, Goal) else "responsibility"
    every = f"{reverse_in(member.workspace, 'tasks:task_list')}?{kind}={thing.pk}"
    return {
        "rows": rows,
        "counts": counts,
        "to_do": counts.open + counts.doing,
        "all_url": f"{every}&status=any",
        "board_url": f"{every}&view=board",
        "may_add": may_add,
        "thing": thing,
        "kind": kind,
        "key": new_id(),
        **_frame(context),
    }


@register.inclusion_tag("tasks/task_open_on_closing.html", takes_context=True)
def tasks_left_open(context: template.Context, goal: Goal) -> dict[str, object]:
    """`{% tasks_left_open goal %}`: the tasks that stay open when the goal is closed, beside the form of closing."""
    member: Member = context["member"]
    today = member.today(timezone.now())
    rows, counts = queries.tasks_of(goal, member, queries.paths_of(member), today=today)
    return {"rows": rows, "to_do": counts.open + counts.doing, **_frame(context)}


@register.simple_tag(takes_context=True)
def before_closing(context: template.Context, goal: Goal) -> dict[str, object]:
    """`{% before_closing goal as before %}`: who is to be heard before the goal is closed, what they said, whether
    something is waited for, and the form to ask; for consultation_before.html.
    """
    member: Member = context["member"]
    at = timezone.now()
    hearing = services.hearing(goal, by=member, at=at)
    return {
        "hearing": hearing,
        "waits": any(each.waits for each in hearing),
        "ask_form": ask_form(member, at=at) if any(each.consultation is None for each in hearing) else None,
        "ask_url": reverse_in(member.workspace, "tasks:goal_consult", goal.pk),
    }


@register.inclusion_tag("tasks/consultation_answers.html", takes_context=True)
def closing_answers(context: template.Context, goal: Goal) -> dict[str, object]:
    """`{% closing_answers goal %}`: what those consulted said about closing the goal."""
    return {"answers": queries.answers_on(goal, context["member"]), **_frame(context)}


def _frame(context: template.Context) -> dict[str, object]:
    """What the tags inside need of the page."""
    names = ("member", "workspace", "request", "csrf_token", "today")
    return {name: context[name] for name in names if name in context}
