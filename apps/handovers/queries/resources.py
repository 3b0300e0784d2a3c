"""What the API's absences and handovers hold beside their own columns, each as one expression of the database."""

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from apps.handovers import access
from apps.handovers.models import HandoverStatus, HandoverTask
from apps.tasks.access import visible_tasks
from apps.workspaces.models import Member


def absence_columns(member: Member) -> dict[str, object]:
    """The covers of an absence that the member sees, without those that were declined."""
    covers = access.visible_handovers(member).filter(absence=OuterRef("pk")).exclude(status=HandoverStatus.DECLINED)
    shape = JSONObject(
        handover="id", goal="goal_id", responsibility="responsibility_id", cover="to_member_id", status="status"
    )
    return {"seen_covers": ArraySubquery(covers.order_by("pk").values(json=shape))}


def handover_columns(member: Member) -> dict[str, object]:
    """The tasks that go along, but for those that were moved since to where the member does not see them."""
    moves = HandoverTask.objects.filter(handover=OuterRef("pk"), task__in=visible_tasks(member))
    moves = moves.order_by("task_id")
    return {"seen_tasks": ArraySubquery(moves.values("task_id"))}


def last_asked(absence_id: UUID, member: Member) -> set[tuple[UUID | None, UUID | None, UUID]]:
    """(goal, responsibility, who was asked last to cover it) in an absence, as far as one sees."""
    rows = access.visible_handovers(member).filter(absence_id=absence_id)
    rows = rows.order_by("goal_id", "responsibility_id", "-proposed_at", "-pk").distinct("goal_id", "responsibility_id")
    return set(rows.values_list("goal_id", "responsibility_id", "to_member_id"))
