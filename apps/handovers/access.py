"""Who sees which handovers and covers, who may propose, answer and withdraw them; and what a cover allows."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.sql import Rule
from apps.goals.models import Goal
from apps.handovers.models import Handover, HandoverKind, HandoverStatus, HandoverTask
from apps.responsibilities.access.assignments import can_assign
from apps.responsibilities.access.things import ROW, can_see, on_visible_thing, sees_thing
from apps.responsibilities.models import Responsibility
from apps.tasks.models import Task
from apps.workspaces.access import can_change_absence
from apps.workspaces.models import Member


def sees() -> str:
    """The rule of who sees a handover, over `{row}` and `{member}`: whoever sees what it is about; a guest is told only
    of their own.
    """
    return f"""({sees_thing()} AND EXISTS (
        SELECT FROM workspaces_member me WHERE me.id = {{member}}
        AND (me.role <> 'guest' OR me.id IN ({{row.from_member_id}}, {{row.to_member_id}}))
    ))"""


def visible_handovers(member: Member) -> QuerySet[Handover]:
    """The handovers that exist for a member: see `sees`."""
    rule = Rule(sees(), {"row": ROW, "member": member.pk})
    rows: QuerySet[Handover] = Handover.objects.filter(rule, workspace_id=member.workspace_id)
    return rows


def visible_handover_tasks(member: Member) -> QuerySet[HandoverTask]:
    """The tasks that go with visible handovers, while they are visible themselves: they may have been moved since."""
    return HandoverTask.objects.filter(
        workspace_id=member.workspace_id,
        handover__in=visible_handovers(member),
        task__in=Task.objects.filter(on_visible_thing(member)),
    )


@refuses(_("Only the person who holds it, the person accountable, a lead or an admin can hand it over."))
def can_propose_handover(member: Member, thing: Responsibility | Goal, giver: Member) -> bool:
    """The giver themselves; and whoever may offer assignments there: who is accountable, leads, admins."""
    if not member.is_active or {thing.workspace_id, giver.workspace_id} != {member.workspace_id}:
        return False
    return can_see(member, thing) and (member.pk == giver.pk or can_assign(member, thing))


@refuses(_("Only the person, the person accountable, a lead or an admin can plan their cover."))
def can_propose_cover(member: Member, thing: Responsibility | Goal, absent: Member) -> bool:
    """As for a handover; and of what they see, whoever may say when the person is away: their leads and admins."""
    if can_propose_handover(member, thing, absent):
        return True
    return can_change_absence(member, absent) and can_see(member, thing)


@refuses(_("Only the person, a lead of their teams or an admin can plan their cover."))
def can_plan_covers(member: Member, absent: Member) -> bool:
    """Whoever may say when the person is away."""
    return can_change_absence(member, absent)


@refuses(_("Only the person it was proposed to can answer."))
def can_answer_handover(member: Member, handover: Handover) -> bool:
    """Whom it asks, while they see what it is about."""
    if not member.is_active or handover.to_member_id != member.pk:
        return False
    return visible_handovers(member).filter(pk=handover.pk).exists()


def can_withdraw_handover(member: Member, handover: Handover) -> bool:
    """Whoever proposed it, the giver, and whoever could propose it now."""
    if not member.is_active or not visible_handovers(member).filter(pk=handover.pk).exists():
        return False
    if member.pk in {handover.proposed_by_id, handover.from_member_id}:
        return True
    rule = can_propose_cover if handover.kind == HandoverKind.COVER else can_propose_handover
    return rule(member, handover.thing, handover.from_member)


COVERS_ASSIGNEE = """EXISTS (
    SELECT FROM handovers_handover cover
    WHERE cover.to_member_id = {member} AND cover.from_member_id = {task.assignee_id}
    AND (cover.goal_id = {task.goal_id} OR cover.responsibility_id = {task.responsibility_id})
    AND cover.kind = 'cover' AND cover.status = 'accepted' AND cover.begun_at IS NOT NULL
)"""
"""Whether the member covers just now for a task's assignee on what the task belongs to."""


def worked_by() -> str:
    """Whoever covers for the assignee works on a task in their place."""
    return COVERS_ASSIGNEE


def hands_something_over(member: Member) -> Q:
    """Handovers the member gives or takes, as a condition on rows."""
    return Q(from_member_id=member.pk) | Q(to_member_id=member.pk)


def waits_for(member: Member) -> Q:
    """Handovers the member is asked to take, as a condition on rows."""
    return Q(to_member_id=member.pk, status=HandoverStatus.PROPOSED)
