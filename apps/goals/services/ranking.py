"""The order of goals inside a cycle."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import Cycle, Goal
from apps.workspaces.models import Member, Workspace

GAP = 1 << 16


def last_rank(goal: Goal) -> int:
    """The rank behind every goal of the goal's cycle."""
    last = Goal.objects.filter(workspace_id=goal.workspace_id, cycle_id=goal.cycle_id).aggregate(last=Max("rank"))["last"]
    return (last or 0) + GAP


@transaction.atomic
def move_goal(goal: Goal, *, after: Goal | None, before: Goal | None, by: Member, at: datetime) -> Goal:
    """Put the goal behind `after` and ahead of `before`, either of which may be missing at an end of the list.

    Ranks are whole numbers with gaps; a gap that is used up makes the whole cycle be numbered anew. One move in a cycle
    at a time. Raises PermissionDenied, ValidationError where the neighbours are of another cycle or out of order.
    """
    _lock_order(goal)
    goal = Goal.objects.select_for_update(of=("self",)).select_related("team").get(pk=goal.pk)
    if not access.can_rank(by, goal):
        raise PermissionDenied(_("Only the owner, a lead of the team or an admin can move this goal."))
    if after is None and before is None:
        raise ValidationError(_("Say which goal it should stand next to."))
    rank = _rank_between(goal, after, before)
    if rank is None:
        _number_anew(goal)
        rank = _rank_between(goal, after, before)
    if rank is None:
        raise ValidationError(_("The order has changed meanwhile. Please look again."))
    old, goal.rank = goal.rank, rank
    goal.save(update_fields=["rank"])
    activity.record("goal.moved", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"rank": [old, rank]})
    return goal


def _lock_order(goal: Goal) -> None:
    if goal.cycle_id:
        Cycle.objects.select_for_update().get(pk=goal.cycle_id)
    else:
        Workspace.objects.select_for_update().get(pk=goal.workspace_id)


def _rank_between(goal: Goal, after: Goal | None, before: Goal | None) -> int | None:
    """A free rank between the neighbours as they stand now; None where there is no gap left."""
    low, high = (_rank_of(goal, after), _rank_of(goal, before))
    if low is not None and high is not None and low >= high:
        raise ValidationError(_("The order has changed meanwhile. Please look again."))
    siblings = Goal.objects.filter(workspace_id=goal.workspace_id, cycle_id=goal.cycle_id).exclude(pk=goal.pk)
    if high is None and low is not None:
        high = siblings.filter(rank__gt=low).order_by("rank").values_list("rank", flat=True).first()
    if low is None and high is not None:
        low = siblings.filter(rank__lt=high).order_by("-rank").values_list("rank", flat=True).first()
    if low is None:
        return None if high is None else high - GAP
    if high is None:
        return low + GAP
    return (low + high) // 2 if high - low > 1 else None


def _rank_of(goal: Goal, neighbour: Goal | None) -> int | None:
    if neighbour is None:
        return None
    rank = (
        Goal.objects.filter(pk=neighbour.pk, workspace_id=goal.workspace_id, cycle_id=goal.cycle_id)
        .exclude(pk=goal.pk)
        .values_list("rank", flat=True)
        .first()
    )
    if rank is None:
        raise ValidationError(_("Goals can only be ordered within one cycle."))
    return rank


def _number_anew(goal: Goal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE goals_goal SET rank = numbered.place * %s
            FROM (
                SELECT id, row_number() OVER (ORDER BY rank, id) AS place FROM goals_goal
                WHERE workspace_id = %s AND cycle_id IS NOT DISTINCT FROM %s
            ) AS numbered
            WHERE goals_goal.id = numbered.id
            """,
            [GAP, goal.workspace_id, goal.cycle_id],
        )
