"""The rules themselves: which goals exist for whom, and what each may do with them."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.activity.access import visible_events
from apps.activity.models import Event
from apps.core.refusals import refuses
from apps.core.sql import Rule
from apps.goals.models import (
    CheckIn,
    CheckInRevision,
    Cycle,
    Goal,
    KeyResult,
    Reading,
    Visibility,
)
from apps.workspaces.access import BELONGS, LEADS, can_change_workspace, leads
from apps.workspaces.models import Member, Team


def visible_cycles(member: Member) -> QuerySet[Cycle]:
    """Every cycle for members; for a guest those of the goals they are named on."""
    cycles = Cycle.objects.filter(workspace_id=member.workspace_id)
    if not member.is_guest:
        return cycles
    return cycles.filter(pk__in=visible_goals(member).order_by().values("cycle_id"))


CONTRIBUTES = """EXISTS (
    SELECT FROM goals_contributor named WHERE named.goal_id = {goal.id} AND named.member_id = {member}
)"""
"""Whether the member is a named contributor."""

IN_TEAM = BELONGS.replace("{team}", "{goal.team_id}")
"""Whether the member is in the goal's team, or leads one above it."""

SHOWN = f"({{goal.visibility}} = 'workspace' OR {{goal.visibility}} = 'team' AND {IN_TEAM})"
"""Whether a goal exists for a member who is no guest without naming them."""

ME = """me.id = {member} AND me.workspace_id = {goal.workspace_id} AND me.deactivated_at IS NULL"""

SEES = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE {ME}
    AND (me.role <> 'guest' AND {SHOWN} OR me.id = {{goal.owner_id}} OR {CONTRIBUTES})
)"""
"""Whether a goal exists for a member.

workspace: all members. team: the team's members, the leads of its parent teams, and whoever is named on it. private:
the owner and the named contributors, nobody else. A guest sees only goals they are named on.
"""

CHANGES = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE {ME}
    AND (me.id = {{goal.owner_id}} OR me.role <> 'guest' AND {{goal.visibility}} <> 'private' AND (
        (me.role IN ('owner', 'admin') OR {{goal.owner_id}} IS NULL AND me.id = {{goal.created_by_id}})
            AND ({SHOWN} OR {CONTRIBUTES})
        OR {LEADS.replace("{team}", "{goal.team_id}")}
    ))
)"""
"""Whether a member may change a goal: the owner; leads of its team or of one above; where they see it admins, and
whoever wrote it while nobody owns it. A private goal: its owner alone.
"""

STANDS_IN = """EXISTS (
    SELECT FROM goals_standin cover WHERE cover.goal_id = {goal.id} AND cover.member_id = {member} AND (
        cover.absent_id = {goal.owner_id} OR EXISTS (
            SELECT FROM goals_contributor named
            WHERE named.goal_id = cover.goal_id AND named.member_id = cover.absent_id
        )
    )
)"""
"""Whether the member covers for the owner or a contributor who is away. Whoever is away and may not check in themselves
(any more) cannot be covered for there.
"""

TAKES_PART = f"({CONTRIBUTES} OR {STANDS_IN})"
"""Whether the member checks in without the right to change, on a goal they see."""

ROW = F("workspace_id")
Named = Collection[UUID] | QuerySet[Member, UUID] | QuerySet[Member, dict[str, UUID]]


def visible_goals(member: Member) -> QuerySet[Goal]:
    """The goals that exist for a member: see SEES."""
    return Goal.objects.filter(Rule(SEES, {"goal": ROW, "member": member.pk}), workspace_id=member.workspace_id)


def shared_goals(workspace_id: UUID) -> QuerySet[Goal]:
    """The goals of a workspace that exist for each of its members but guests: SEES for somebody in no team."""
    return Goal.objects.filter(workspace_id=workspace_id, visibility=Visibility.WORKSPACE)


def sees_goal(*, member: str, goal: str) -> Exists:
    """visible_goals for many people at once: whether the member in one column of a row sees the goal in another.

    For rows with a `workspace_id` of their own, as a condition in one query however many people and goals they name.
    """
    rule = Rule(SEES, {"goal": ROW, "member": OuterRef(member)})
    return Exists(Goal.objects.filter(rule, pk=OuterRef(goal), workspace_id=OuterRef("workspace_id")))


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
    if goal.owner_id == member.pk:
        return events
    told = {"goal.id": goal.pk, "goal.team_id": goal.team_id, "member": member.pk}
    hidden = Q(data__changes__visibility__0=Visibility.PRIVATE)
    hidden |= Q(data__changes__visibility__0=Visibility.TEAM) & ~Q(Rule(IN_TEAM, told))
    since = events.filter(~Rule(CONTRIBUTES, told), hidden).order_by("-at").values("at")[:1]
    return events.filter(at__gt=Coalesce(Subquery(since), Value(datetime.min.replace(tzinfo=UTC))))


def can_see(member: Member, goal: Goal) -> bool:
    """Whether the goal exists for the member."""
    return visible_goals(member).filter(pk=goal.pk).exists()


@refuses(_("Guests cannot write goals."))
def can_create_goal(member: Member) -> bool:
    """Every active member but guests."""
    return member.is_active and not member.is_guest


@refuses(_("Only the owner, a lead of the team or an admin can change this goal."))
def can_change_goal(member: Member, goal: Goal) -> bool:
    """The rule CHANGES in plain Python, for a goal in memory, of which most need no query: services ask it at each
    change. tests/goals/test_rules.py holds the two against each other.
    """
    if not member.is_active or goal.workspace_id != member.workspace_id:
        return False
    if goal.owner_id == member.pk:
        return True
    if goal.visibility == Visibility.PRIVATE or member.is_guest:
        return False
    wrote = goal.owner_id is None and goal.created_by_id == member.pk
    if (member.is_admin or wrote) and can_see(member, goal):
        return True
    return goal.team is not None and leads(member, goal.team)


def changeable(member: Member) -> Rule:
    """Whether the member may change a goal, as a condition on goals: see CHANGES."""
    return Rule(CHANGES, {"goal": ROW, "member": member.pk})


@refuses(_("Only the owner, a lead of the team or an admin can change the key results."))
def can_change_key_results(member: Member, goal: Goal) -> bool:
    """Whoever may change the goal."""
    return can_change_goal(member, goal)


def can_close_goal(member: Member, goal: Goal) -> bool:
    """Whoever may change it."""
    return can_change_goal(member, goal)


@refuses(_("Only the people on this goal can check in."))
def can_check_in(member: Member, goal: Goal) -> bool:
    """Whoever may change the goal, its contributors, and who covers for its owner or for one of these."""
    return can_change_goal(member, goal) or (
        member.is_active and visible_goals(member).filter(takes_part(member), pk=goal.pk).exists()
    )


def contributes(member: Member) -> Rule:
    """Whether the member is a named contributor, as a condition on goals."""
    return Rule(CONTRIBUTES, {"goal": ROW, "member": member.pk})


def stands_in(member: Member) -> Rule:
    """Whether the member covers for somebody there, as a condition on goals: see STANDS_IN."""
    return Rule(STANDS_IN, {"goal": ROW, "member": member.pk})


def takes_part(member: Member) -> Rule:
    """Who checks in without the right to change, as a condition on goals one sees; with `changeable` it makes
    can_check_in.
    """
    return Rule(TAKES_PART, {"goal": ROW, "member": member.pk})


@refuses(_("Only its author can change a check-in."))
def can_edit_check_in(member: Member, check_in: CheckIn) -> bool:
    """Its author, while they may still check in on the goal."""
    return check_in.author_id == member.pk and can_check_in(member, check_in.goal)


@refuses(_("Only the person who was asked can answer."))
def can_answer_ask(member: Member, check_in: CheckIn) -> bool:
    """The person it asks."""
    return check_in.ask_to_id == member.pk and can_see(member, check_in.goal)


def can_own_private(member: Member, goal: Goal) -> bool:
    """Only the owner of a goal may make it private or stop it being so."""
    return member.is_active and goal.owner_id == member.pk


@refuses(_("Only owners and admins can change cycles."))
def can_change_cycles(member: Member, cycle: Cycle | None = None) -> bool:
    """Owners and admins, those of their own workspace."""
    return can_change_workspace(member) and (cycle is None or cycle.workspace_id == member.workspace_id)


@refuses(_("Only the owner, a lead of the team or an admin can move this goal."))
def can_rank(member: Member, goal: Goal) -> bool:
    """Whoever may change the goal."""
    return can_change_goal(member, goal)


def readers(*, workspace_id: UUID, visibility: str, team: Team | None, named: Named) -> QuerySet[Member]:
    """Everyone for whom a goal would exist, if these were its owner and contributors: SEES from the other side."""
    goal = {"id": None, "owner_id": None, "visibility": visibility, "team_id": team and team.pk}
    people = Member.objects.filter(workspace_id=workspace_id, deactivated_at=None)
    return people.filter(_reads({**goal, "workspace_id": workspace_id}) | Q(pk__in=named))


def readers_of(goal: Goal) -> QuerySet[Member]:
    """Everyone for whom a goal exists."""
    columns = ("id", "owner_id", "visibility", "team_id", "workspace_id")
    rule = _reads({column: getattr(goal, column) for column in columns})
    return Member.objects.filter(rule, workspace_id=goal.workspace_id)


def _reads(goal: dict[str, object]) -> Rule:
    return Rule(SEES, {"member": F("id"), **{f"goal.{column}": value for column, value in goal.items()}})
