"""Who sees which handovers and covers, who may propose, answer and withdraw them; and what a cover allows."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.goals.models import Goal
from apps.handovers.models import Handover, HandoverKind, HandoverStatus, HandoverTask
from apps.responsibilities.access.assignments import can_assign
from apps.responsibilities.access.things import can_see, on_visible_thing
from apps.responsibilities.models import Responsibility
from apps.tasks.models import Task
from apps.workspaces.access import can_change_absence
from apps.workspaces.models import Member


def visible_handovers(member: Member) -> QuerySet[Handover]:
    """Those of responsibilities and goals the member sees. A guest is told only of their own."""
    rows: QuerySet[Handover] = Handover.objects.filter(workspace_id=member.workspace_id)
    rows = rows.filter(on_visible_thing(member))
    return rows.filter(Q(from_member_id=member.pk) | Q(to_member_id=member.pk)) if member.is_guest else rows


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


def covers_assignee(member: Member) -> Exists:
    """Whether the member covers just now for a task's assignee on what the task belongs to, as a condition on tasks."""
    covers = Handover.objects.filter(
        Q(goal_id=OuterRef("goal_id")) | Q(responsibility_id=OuterRef("responsibility_id")),
        kind=HandoverKind.COVER,
        status=HandoverStatus.ACCEPTED,
        begun_at__isnull=False,
        from_member_id=OuterRef("assignee_id"),
        to_member_id=member.pk,
    )
    return Exists(covers)


def hands_something_over(member: Member) -> Q:
    """Handovers the member gives or takes, as a condition on rows."""
    return Q(from_member_id=member.pk) | Q(to_member_id=member.pk)


def waits_for(member: Member) -> Q:
    """Handovers the member is asked to take, as a condition on rows."""
    return Q(to_member_id=member.pk, status=HandoverStatus.PROPOSED)
