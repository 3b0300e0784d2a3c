"""The order of goals inside a cycle.

Ranks are read over the API. So a rank is worked out of goals that its reader sees: hidden ones must not show as gaps
between the numbers of others. Equal ranks are allowed; then the id decides.
"""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import Cycle, Goal, Visibility
from apps.goals.services.locks import lock
from apps.workspaces.models import Member, Workspace

GAP = 1 << 16
Place = tuple[int, UUID]


def last_rank(goal: Goal, *, by: Member) -> int:
    """The rank behind every goal of the goal's cycle that the actor sees; for a goal everyone sees, behind all such."""
    goals = access.visible_goals(by).filter(cycle=goal.cycle_id)
    if goal.visibility == Visibility.WORKSPACE:
        goals = goals.filter(visibility=Visibility.WORKSPACE)
    last: int | None = goals.order_by("-rank").values_list("rank", flat=True).first()
    return (last or 0) + GAP


def order_changed() -> ValidationError:
    """What is raised where somebody moved goals meanwhile."""
    return ValidationError(_("The order has changed in the meantime. Please look again."))


@transaction.atomic
def move_goal(goal: Goal, *, after: Goal | None, before: Goal | None, by: Member, at: datetime) -> Goal:
    """Put the goal behind `after` and ahead of `before`, either of which may be missing at an end of the list.

    Ranks are whole numbers with gaps; a gap that is used up makes the whole cycle be numbered anew. One move in a cycle
    at a time. Raises PermissionDenied, ValidationError where the neighbours are of another cycle or out of order.
    """
    _lock_order(goal)
    cycle_id, goal = goal.cycle_id, lock(goal)
    if goal.cycle_id != cycle_id:
        raise order_changed()
    access.can_rank.demand(by, goal)
    if after is None and before is None:
        raise ValidationError(_("Say which goal it should stand next to."))
    others = access.visible_goals(by).filter(cycle=goal.cycle_id).exclude(pk=goal.pk)
    rank = _rank_between(others, after, before)
    if rank is None:
        _number_anew(goal, at=at)
        rank = _rank_between(others, after, before)
    if rank is None:
        raise order_changed()
    old, goal.rank = goal.rank, rank
    goal.save(update_fields=["rank"])
    activity.record("goal.moved", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"rank": [old, rank]})
    return goal


def _lock_order(goal: Goal) -> None:
    if goal.cycle_id:
        Cycle.objects.select_for_update(no_key=True).get(pk=goal.cycle_id)
    else:
        Workspace.objects.select_for_update(no_key=True).get(pk=goal.workspace_id)


def _rank_between(others: QuerySet[Goal], after: Goal | None, before: Goal | None) -> int | None:
    """A free rank between the neighbours as they stand now; None where there is no gap left."""
    low, high = _place_of(others, after), _place_of(others, before)
    if low is not None and high is not None and low > high:
        raise order_changed()
    if low is not None and high is None:
        high = others.filter(_beyond(low, "gt")).order_by("rank", "id").values_list("rank", "pk").first()
    if high is not None and low is None:
        low = others.filter(_beyond(high, "lt")).order_by("-rank", "-id").values_list("rank", "pk").first()
    if low is None:
        return high[0] - GAP if high else None
    if high is None:
        return low[0] + GAP
    return (low[0] + high[0]) // 2 if high[0] - low[0] > 1 else None


def _beyond(place: Place, side: str) -> Q:
    """Goals on one side of a place in the order of rank and id; goals written at the same moment have equal ranks."""
    rank, pk = place
    return Q(**{f"rank__{side}": rank}) | Q(rank=rank, **{f"pk__{side}": pk})


def _place_of(others: QuerySet[Goal], neighbour: Goal | None) -> Place | None:
    if neighbour is None:
        return None
    place: Place | None = others.filter(pk=neighbour.pk).values_list("rank", "pk").first()
    if place is None:
        raise ValidationError(_("Goals can only be ordered within one cycle."))
    return place


def _number_anew(goal: Goal, *, at: datetime) -> None:
    """Give the goals everyone sees whole gaps, and those between them places by chance, which tell of no other."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH counted AS (
                SELECT id, rank, visibility <> 'workspace' AS hidden,
                    count(*) FILTER (WHERE visibility = 'workspace') OVER (ORDER BY rank, id) AS place,
                    random() + 0.01 AS step
                FROM goals_goal WHERE workspace_id = %(workspace)s AND cycle_id IS NOT DISTINCT FROM %(cycle)s
            ), spread AS (
                SELECT id, place, hidden,
                    count(*) FILTER (WHERE hidden) OVER (PARTITION BY place ORDER BY rank, id) AS turn,
                    count(*) FILTER (WHERE hidden) OVER (PARTITION BY place) AS most,
                    sum(step) FILTER (WHERE hidden) OVER (PARTITION BY place ORDER BY rank, id)
                        / sum(step) OVER (PARTITION BY place) AS share
                FROM counted
            )
            UPDATE goals_goal SET updated_at = %(at)s, rank = spread.place * %(gap)s
                + CASE WHEN hidden THEN 2 * (turn + floor((%(gap)s / 2 - most - 1) * share))::bigint ELSE 0 END
            FROM spread WHERE goals_goal.id = spread.id
            """,
            {"workspace": goal.workspace_id, "cycle": goal.cycle_id, "at": at, "gap": GAP},
        )
