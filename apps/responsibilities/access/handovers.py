"""Who sees which handovers and covers."""

from django.db.models import Q, QuerySet

from apps.responsibilities.access.things import on_visible_thing
from apps.responsibilities.models import Handover, HandoverTask
from apps.workspaces.models import Member


def visible_handovers(member: Member) -> QuerySet[Handover]:
    """Those of responsibilities and goals the member sees. A guest is told only of their own."""
    rows: QuerySet[Handover] = Handover.objects.filter(workspace_id=member.workspace_id)
    rows = rows.filter(on_visible_thing(member))
    return rows.filter(Q(from_member_id=member.pk) | Q(to_member_id=member.pk)) if member.is_guest else rows


def visible_handover_tasks(member: Member) -> QuerySet[HandoverTask]:
    """The tasks that go with visible handovers."""
    return HandoverTask.objects.filter(workspace_id=member.workspace_id, handover__in=visible_handovers(member))
