"""A goal passes from one person to another: for good, or for the days of an absence.

Called by whoever keeps handovers and covers (apps.handovers), with what both people agreed to: neither needs the
right to change the goal.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import Contributor, Goal, StandIn, Status
from apps.goals.services.locks import lock
from apps.goals.services.notices import CHECK_IN_DUE
from apps.notifications.services import settle
from apps.workspaces.models import Member

HOURS_A_WEEK = Decimal(168)


def holds_goal(goal: Goal, member: Member) -> bool:
    """Whether the member owns the goal or is a named contributor."""
    return goal.owner_id == member.pk or Contributor.objects.filter(goal_id=goal.pk, member_id=member.pk).exists()


@transaction.atomic
def hand_over_goal(goal: Goal, *, of: Member, to: Member, by: Member, at: datetime) -> bool:
    """Give what one person holds of a goal to another: its ownership, and the hours they promised to it.

    Hours add up where both gave some, to at most those of a week. Gives back whether anything passed. Raises
    ValidationError where the goal is closed, or the receiver does not see it.
    """
    goal = lock(goal)
    if goal.is_closed:
        raise ValidationError(_("This goal is closed."))
    if not access.can_see(to, goal):
        raise ValidationError(_("%(name)s cannot see this goal.") % {"name": to.name})
    changed: dict[str, list[object]] = {}
    if goal.owner_id == of.pk:
        changed["owner"] = [str(of.pk), str(to.pk)]
        goal.owner = to
        goal.save(update_fields=["owner"])
    before = _hours(goal)
    if _hand_over_hours(goal, of=of, to=to, at=at):
        changed["contributors"] = [before, _hours(goal)]
    if changed:
        activity.record("goal.updated", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"changes": changed})
    return bool(changed)


def _hours(goal: Goal) -> list[list[object]]:
    rows = Contributor.objects.filter(goal=goal).order_by("member_id").values_list("member_id", "hours_per_week")
    return [[str(member_id), activity.plain(hours)] for member_id, hours in rows]


def _hand_over_hours(goal: Goal, *, of: Member, to: Member, at: datetime) -> bool:
    rows = {row.member_id: row for row in Contributor.objects.select_for_update().filter(goal=goal)}
    given, taken = rows.get(of.pk), rows.get(to.pk)
    if given is None:
        return False
    if taken is None:
        Contributor.objects.filter(pk=given.pk).update(member=to, updated_at=at)
        return True
    given.delete()
    taken.hours_per_week = added(taken.hours_per_week, given.hours_per_week)
    taken.save(update_fields=["hours_per_week"])
    return True


def added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Two promises of hours a week as one: their sum, at most a week; what was not said counts for nothing."""
    if one is None or other is None:
        return other if one is None else one
    return min(one + other, HOURS_A_WEEK)


@transaction.atomic
def set_stand_ins(goal: Goal, *, absent: Member, members: Collection[UUID], at: datetime) -> None:
    """Let exactly these people stand in on a goal for somebody who is away; none ends it.

    A check-in that is due already is said once more, to whoever is reminded from now on: a new stand-in, or the owner
    who is back.
    """
    goal = lock(goal)
    now = set(StandIn.objects.filter(goal=goal, absent=absent).values_list("member_id", flat=True))
    wanted = set(members)
    if now == wanted:
        return
    StandIn.objects.filter(goal=goal, absent=absent).exclude(member_id__in=wanted).delete()
    rows = [StandIn(workspace_id=goal.workspace_id, goal=goal, absent=absent, member_id=pk) for pk in wanted - now]
    StandIn.objects.bulk_create(rows, ignore_conflicts=True)
    gone = Member.objects.filter(pk__in=now - wanted)
    settle([CHECK_IN_DUE], [goal.pk], at=at, recipients=gone)
    _remind_again(goal, absent=absent)


def _remind_again(goal: Goal, *, absent: Member) -> None:
    due = goal.check_in_due_on
    if goal.status == Status.ACTIVE and goal.owner_id == absent.pk and due is not None and goal.remind_on is None:
        goal.remind_on = due
        goal.save(update_fields=["remind_on"])
