"""Who sees which assignments, who may offer them and who answers."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.sql import Rule
from apps.goals import access as goals
from apps.goals.models import Goal
from apps.responsibilities.access.things import (
    ME,
    ROW,
    can_change_responsibility,
    is_accountable,
    on_visible_thing,
)
from apps.responsibilities.models import Assignment, Responsibility
from apps.workspaces.access import LEADS, leads
from apps.workspaces.models import Member


def visible_assignments(member: Member) -> QuerySet[Assignment]:
    """Those on responsibilities and goals the member sees."""
    rows: QuerySet[Assignment] = Assignment.objects.filter(workspace_id=member.workspace_id)
    return rows.filter(on_visible_thing(member))


@refuses(_("Only the person accountable, a lead of the team or an admin can assign this."))
def can_assign(member: Member, thing: Responsibility | Goal) -> bool:
    """Who may offer and take away assignments: whoever may change the thing; on a goal its accountable people too."""
    if isinstance(thing, Responsibility):
        return can_change_responsibility(member, thing)
    if goals.can_change_goal(member, thing):
        return True
    return not member.is_guest and goals.can_see(member, thing) and is_accountable(member, thing)


@refuses(_("Only the person concerned can answer this; for a team, its leads."))
def can_answer(member: Member, assignment: Assignment) -> bool:
    """Who accepts or declines an assignment: the person; for a team its leads."""
    if not member.is_active or assignment.workspace_id != member.workspace_id:
        return False
    if assignment.team is not None:
        return leads(member, assignment.team)
    return assignment.member_id == member.pk


ANSWERS = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE {ME} {{assignment.workspace_id}}
    AND (me.id = {{assignment.member_id}} OR {LEADS.replace("{team}", "{assignment.team_id}")})
)"""
"""Whether a member accepts or declines an assignment: the person; for a team its leads."""


def answerable(member: Member) -> Rule:
    """The same rule as can_answer, as a condition on assignments: see ANSWERS."""
    return Rule(ANSWERS, {"assignment": ROW, "member": member.pk})
