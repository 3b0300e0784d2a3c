"""What a person holds here: open goals they own, hours they promised to goals, and asks they have not answered.

Private goals are never among them: nobody but their people may know of them, so they stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.activity import services as activity
from apps.core.urls import reverse_in
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, CheckIn, Contributor, Goal, Visibility
from apps.goals.services.goals import update_goal
from apps.goals.services.locks import lock
from apps.workspaces.models import Member
from apps.workspaces.services import Holding, HoldingKind


def _open_goals(viewer: Member) -> QuerySet[Goal]:
    return access.visible_goals(viewer).filter(status__in=OPEN_STATUSES).exclude(visibility=Visibility.PRIVATE)


def _holding(row: Contributor | CheckIn | Goal, goal: Goal, title: str, lost: str, viewer: Member) -> Holding:
    return Holding(str(row.pk), title, reverse_in(viewer.workspace, "goals:goal_detail", goal.pk), lost)


def _owned(member: Member, viewer: Member) -> list[Holding]:
    goals = _open_goals(viewer).filter(owner_id=member.pk).order_by("title", "pk")
    return [_holding(goal, goal, goal.title, _("The goal will have no owner."), viewer) for goal in goals]


def _hand_over_goals(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    for goal in Goal.objects.filter(owner_id=of.pk, pk__in=map(UUID, keys)).order_by("pk"):
        update_goal(goal, {"owner": to}, by=by, at=at)


def _contributions(member: Member, viewer: Member) -> list[Holding]:
    rows = Contributor.objects.filter(member_id=member.pk, goal__in=_open_goals(viewer)).select_related("goal")
    return [
        _holding(row, row.goal, row.goal.title, _hours_lost(row), viewer) for row in rows.order_by("goal__title", "pk")
    ]


def _hours_lost(row: Contributor) -> str:
    if row.hours_per_week:
        return _("%(hours)s h a week on this goal.") % {"hours": f"{row.hours_per_week.normalize():f}"}
    return _("A contributor to this goal.")


def _hand_over_hours(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    rows = Contributor.objects.filter(member_id=of.pk, pk__in=map(UUID, keys)).select_related("goal")
    for row in rows.order_by("goal_id"):
        people = {each.member: each.hours_per_week for each in row.goal.contributions.select_related("member")}
        hours = people.pop(of)
        if to is not None:
            people[to] = (people.get(to) or 0) + hours if hours is not None else people.get(to)
        update_goal(row.goal, {"contributors": list(people.items())}, by=by, at=at)


def _asks(member: Member, viewer: Member) -> list[Holding]:
    rows = CheckIn.objects.filter(ask_to_id=member.pk, answered_at=None, goal__in=_open_goals(viewer))
    return [
        _holding(row, row.goal, f"{row.goal.title}: {row.ask}", _("Nobody will be asked for an answer."), viewer)
        for row in rows.select_related("goal").order_by("goal__title", "pk")
    ]


def _hand_over_asks(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    rows = CheckIn.objects.filter(ask_to_id=of.pk, answered_at=None, pk__in=map(UUID, keys)).select_related("goal")
    for row in rows.order_by("goal_id", "pk"):
        goal = lock(row.goal)
        if to is not None and not access.can_see(to, goal):
            raise ValidationError(_("Choose somebody who can see this goal."))
        row.ask_to = to
        row.save(update_fields=["ask_to"])
        data = {"check_in": row.pk, "from": of, "to": to}
        activity.record("goal.ask_handed_over", goal, by=by, at=at, workspace_id=goal.workspace_id, data=data)


GOAL_HOLDINGS = [
    HoldingKind("goal", gettext_lazy("Goals they own"), _owned, _hand_over_goals),
    HoldingKind("hours", gettext_lazy("Hours they contribute to goals"), _contributions, _hand_over_hours),
    HoldingKind("ask", gettext_lazy("Questions they have not answered"), _asks, _hand_over_asks),
]
