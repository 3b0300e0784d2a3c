"""The rules themselves: which goals exist for whom, and what each may do with them."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.activity.access import visible_events
from apps.activity.models import Event
from apps.core.statements import Inputs, run
from apps.goals.models import (
    CheckIn,
    CheckInRevision,
    Contributor,
    Cycle,
    Goal,
    KeyResult,
    Reading,
    StandIn,
    Visibility,
)
from apps.workspaces.access import can_change_workspace, leads, led_by, led_teams
from apps.workspaces.models import Member, Role, Team, TeamMembership


def visible_cycles(member: Member) -> QuerySet[Cycle]:
    """Every cycle for members; for a guest those of the goals they are named on."""
    cycles = Cycle.objects.filter(workspace_id=member.workspace_id)
    if not member.is_guest:
        return cycles
    return cycles.filter(pk__in=visible_goals(member).order_by().values("cycle_id"))


def visible_goals(member: Member) -> QuerySet[Goal]:
    """The goals that exist for a member.

    workspace: all members. team: the team's members, the leads of its parent teams, and whoever is named on it.
    private: the owner and the named contributors, nobody else. A guest sees only goals they are named on.
    """
    goals = Goal.objects.filter(workspace_id=member.workspace_id)
    if not member.is_active:
        return goals.none()
    if member.is_guest:
        owned = Goal.objects.filter(owner_id=member.pk).order_by().values("pk")
        contributed = Contributor.objects.filter(member_id=member.pk).order_by().values("goal_id")
        return goals.filter(pk__in=owned.union(contributed))
    return goals.filter(Q(visibility=Visibility.WORKSPACE) | of_their_team(_fixed(member)) | _named(_fixed(member)))


def sees_goal(*, member: str, goal: str) -> Exists:
    """visible_goals for many people at once: whether the member in one column of a row sees the goal in another.

    For rows with a `workspace_id` of their own, as a condition in one query however many people and goals they name.
    """
    who = in_column(member)
    active = Member.objects.filter(pk=who(1), deactivated_at=None)
    inside = Exists(active.exclude(role=Role.GUEST)) & (Q(visibility=Visibility.WORKSPACE) | of_their_team(who))
    rule = (Exists(active) & _named(who)) | inside
    return Exists(Goal.objects.filter(rule, pk=OuterRef(goal), workspace_id=OuterRef("workspace_id")))


Who = Callable[[int], Any]
"""A member's id as it is written so many subqueries beneath the query of goals."""


def _fixed(member: Member) -> Who:
    return lambda _depth: member.pk


def in_column(name: str) -> Who:
    """The id in a column of the rows outside the query of goals."""

    def at_depth(depth: int) -> Any:
        found: Any = name
        for _level in range(depth + 1):
            found = OuterRef(found)
        return found

    return at_depth


def _named(who: Who) -> Q:
    return Q(owner_id=who(0)) | Q(Exists(Contributor.objects.filter(goal=OuterRef("pk"), member_id=who(1))))


def of_their_team(who: Who) -> Q:
    """Goals for a team alone which somebody is in, or leads from above, as a condition on goals."""
    return Q(visibility=Visibility.TEAM) & (
        Q(team_id__in=TeamMembership.objects.filter(member_id=who(1)).values("team_id"))
        | Q(team_id__in=Team.objects.filter(led_by(who(2))).order_by().values("pk"))
    )


def visible_key_results(member: Member) -> QuerySet[KeyResult]:
    """The key results of visible goals."""
    return KeyResult.objects.filter(workspace_id=member.workspace_id, goal__in=visible_goals(member))


def visible_check_ins(member: Member) -> QuerySet[CheckIn]:
    """The check-ins on visible goals."""
    return CheckIn.objects.filter(workspace_id=member.workspace_id, goal__in=visible_goals(member))


def visible_readings(member: Member) -> QuerySet[Reading]:
    """The readings of visible goals' check-ins."""
    return Reading.objects.filter(workspace_id=member.workspace_id, check_in__goal__in=visible_goals(member))


def visible_revisions(member: Member) -> QuerySet[CheckInRevision]:
    """Earlier versions of the check-ins on visible goals."""
    return CheckInRevision.objects.filter(workspace_id=member.workspace_id, check_in__goal__in=visible_goals(member))


def visible_history(member: Member, goal: Goal) -> QuerySet[Event]:
    """The log of a goal that the member sees, since it was opened to them: what happened while it was hidden stays so.

    Whoever is named on it reads all. For others it begins after it last stopped being private, or, outside its team,
    being the team's alone.
    """
    events = visible_events(member, subject_type="goal", subject_id=goal.pk)
    named = Contributor.objects.filter(goal_id=goal.pk, member_id=member.pk)
    if goal.owner_id == member.pk:
        return events
    in_team = Exists(TeamMembership.objects.filter(member_id=member.pk, team__in=[goal.team_id]))
    above = Exists(led_teams(member).filter(pk__in=[goal.team_id]))
    of_team = Q(data__changes__visibility__0=Visibility.TEAM) & ~in_team & ~above
    opened = events.filter(~Exists(named), Q(data__changes__visibility__0=Visibility.PRIVATE) | of_team)
    since = opened.order_by("-at").values("at")[:1]
    return events.filter(at__gt=Coalesce(Subquery(since), Value(datetime.min.replace(tzinfo=UTC))))


def can_see(member: Member, goal: Goal) -> bool:
    """Whether the goal exists for the member. Asked for every row of an import, so the statement is compiled once."""
    inputs = Inputs()
    who, pk = inputs.stand_in(member), inputs.put(goal.pk)
    return bool(run("goals.can_see", lambda: visible_goals(who).filter(pk=pk).order_by().values("pk"), inputs))


def can_create_goal(member: Member) -> bool:
    """Every active member but guests."""
    return member.is_active and not member.is_guest


def can_change_goal(member: Member, goal: Goal) -> bool:
    """The owner; leads of its team or of one above, and admins, where they see it. A private goal: its owner alone."""
    if not member.is_active or goal.workspace_id != member.workspace_id:
        return False
    if goal.owner_id == member.pk:
        return True
    if goal.visibility == Visibility.PRIVATE or member.is_guest:
        return False
    if member.is_admin:  # what an admin leads they see, too
        return can_see(member, goal)
    return goal.team is not None and leads(member, goal.team)


def changeable(member: Member) -> Q:
    """The same rule as can_change_goal, as a condition on the rows of visible_goals, for pages that list many."""
    own = Q(owner_id=member.pk)
    if member.is_guest:
        return own
    if member.is_admin:
        return own | ~Q(visibility=Visibility.PRIVATE)
    return own | (~Q(visibility=Visibility.PRIVATE) & Q(team_id__in=led_teams(member).order_by().values("pk")))


def can_close_goal(member: Member, goal: Goal) -> bool:
    """Whoever may change it."""
    return can_change_goal(member, goal)


def can_check_in(member: Member, goal: Goal) -> bool:
    """Whoever may change the goal, its contributors, and who covers for its owner or for one of these."""
    return can_change_goal(member, goal) or (
        member.is_active and visible_goals(member).filter(takes_part(member), pk=goal.pk).exists()
    )


def contributes(member: Member) -> Exists:
    """Whether the member is a named contributor, as a condition on rows."""
    return Exists(Contributor.objects.filter(goal=OuterRef("pk"), member_id=member.pk))


def stands_in(member: Member) -> Exists:
    """Whether the member covers for the owner or a contributor who is away, as a condition on rows.

    Whoever is away and may not check in themselves (any more) cannot be covered for there.
    """
    contributing = Exists(Contributor.objects.filter(goal=OuterRef("goal_id"), member_id=OuterRef("absent_id")))
    named = Q(absent_id=F("goal__owner_id")) | Q(contributing)
    return Exists(StandIn.objects.filter(named, goal=OuterRef("pk"), member_id=member.pk))


def takes_part(member: Member) -> Q:
    """Who checks in without the right to change, as a condition on rows; with `changeable` it makes can_check_in."""
    return Q(contributes(member)) | Q(stands_in(member))


def can_edit_check_in(member: Member, check_in: CheckIn) -> bool:
    """Its author, while they may still check in on the goal."""
    return check_in.author_id == member.pk and can_check_in(member, check_in.goal)


def can_answer_ask(member: Member, check_in: CheckIn) -> bool:
    """The person it asks."""
    return check_in.ask_to_id == member.pk and can_see(member, check_in.goal)


def can_own_private(member: Member, goal: Goal) -> bool:
    """Only the owner of a goal may make it private or stop it being so."""
    return member.is_active and goal.owner_id == member.pk


def can_change_cycles(member: Member) -> bool:
    """Owners and admins."""
    return can_change_workspace(member)


def can_rank(member: Member, goal: Goal) -> bool:
    """Whoever may change the goal."""
    return can_change_goal(member, goal)


def readers(
    *, workspace_id: UUID, visibility: str, team: Team | None, named: Collection[UUID] | QuerySet[Any, Any]
) -> QuerySet[Member]:
    """Everyone for whom a goal would exist: the rule of visible_goals from the other side.

    `named` are the owner and the contributors.
    """
    people = Member.objects.filter(workspace_id=workspace_id, deactivated_at=None)
    if visibility == Visibility.PRIVATE:
        return people.filter(pk__in=named)
    inside = ~Q(role=Role.GUEST)
    if visibility == Visibility.TEAM:
        above = [team.pk, *team.ancestor_ids] if team else []
        of_team = TeamMembership.objects.filter(Q(team=team) | Q(team_id__in=above, is_lead=True))
        inside &= Q(pk__in=of_team.values("member_id"))
    return people.filter(inside | Q(pk__in=named))


def readers_of(goal: Goal) -> QuerySet[Member]:
    """Everyone for whom a goal exists."""
    named = Member.objects.filter(Q(pk=goal.owner_id) | Q(contributions__goal_id=goal.pk)).values("pk")
    return readers(workspace_id=goal.workspace_id, visibility=goal.visibility, team=goal.team, named=named)
