"""What handovers and covers mean for the findings of responsibilities and for imports."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from apps.handovers.models import Handover, HandoverKind, HandoverStatus


def covered(today: date) -> Exists:
    """Whether somebody accepted to cover on a day for the person of an assignment there: a condition on its rows."""
    cover = Handover.objects.covering(today).filter(
        Q(responsibility_id=OuterRef("responsibility_id")) | Q(goal_id=OuterRef("goal_id")),
        from_member_id=OuterRef("member_id"),
    )
    return Exists(cover)


def given_away(ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """(member, thing) of what was handed over for good, of these goals and responsibilities."""
    done = Handover.objects.filter(
        Q(goal_id__in=ids) | Q(responsibility_id__in=ids), kind=HandoverKind.HANDOVER, status=HandoverStatus.DONE
    )
    given = done.values_list("from_member_id", "goal_id", "responsibility_id")
    return {(member_id, goal_id or other_id) for member_id, goal_id, other_id in given}
