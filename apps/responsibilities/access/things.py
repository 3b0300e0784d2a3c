"""Who sees which responsibilities, and what hangs on them or on goals; who may change them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.registries import Hook
from apps.goals import access as goals
from apps.goals.models import Goal
from apps.responsibilities.models import HELD, Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.workspaces.access import can_change_workspace, leads, led_teams
from apps.workspaces.models import Member, Role, Team, TeamMembership

PART_TAKEN: Hook[[Any], Exists] = Hook(
    "PART_TAKEN",
    "called with the id of a member, or an expression for it, in access rules; a condition on responsibilities under "
    "which they take part in one that they do not hold: a guest sees it then",
)


def visible_responsibilities(member: Member) -> QuerySet[Responsibility]:
    """Every responsibility of the workspace for members; for a guest those they hold, or have a task of."""
    rows: QuerySet[Responsibility] = Responsibility.objects.filter(workspace_id=member.workspace_id)
    if not member.is_active:
        return rows.none()
    if not member.is_guest:
        return rows
    teams = TeamMembership.objects.filter(member_id=member.pk).values("team_id")
    held = Assignment.objects.filter(
        Q(member_id=member.pk) | Q(team_id__in=teams), responsibility=OuterRef("pk"), status__in=HELD
    )
    return rows.filter(_part(held, member.pk))


def sees_responsibility(*, member: str, responsibility: str) -> Exists:
    """visible_responsibilities for many people at once: whether the member in one column of a row sees the
    responsibility in another.

    For rows with a `workspace_id` of their own, as goals.access.sees_goal for goals.
    """
    here = Member.objects.filter(pk=OuterRef(OuterRef(member)), workspace_id=OuterRef("workspace_id"))
    active = here.filter(deactivated_at=None)
    teams = TeamMembership.objects.filter(member_id=OuterRef(OuterRef(OuterRef(member)))).values("team_id")
    who = OuterRef(OuterRef(member))
    held = Assignment.objects.filter(
        Q(member_id=who) | Q(team_id__in=teams), responsibility=OuterRef("pk"), status__in=HELD
    )
    rule = Exists(active.exclude(role=Role.GUEST)) | (Exists(active) & _part(held, who))
    rows = Responsibility.objects.filter(pk=OuterRef(responsibility), workspace_id=OuterRef("workspace_id"))
    return Exists(rows.filter(rule))


def _part(held: QuerySet[Assignment], who: Any) -> Q:
    part = Q(Exists(held))
    for otherwise in PART_TAKEN(who):
        part |= Q(otherwise)
    return part


def on_visible_thing(member: Member) -> Q:
    """Rows that hang on a responsibility or a goal which the member sees; the goal's rule is the goal's own."""
    on_goal = Q(goal__in=goals.visible_goals(member))
    if not member.is_guest and member.is_active:
        return Q(responsibility__isnull=False) | on_goal
    return Q(responsibility__in=visible_responsibilities(member)) | on_goal


def can_see(member: Member, thing: Responsibility | Goal) -> bool:
    """Whether the responsibility or goal exists for the member."""
    if isinstance(thing, Goal):
        return goals.can_see(member, thing)
    return visible_responsibilities(member).filter(pk=thing.pk).exists()


@refuses(_("Guests cannot write responsibilities."))
def can_create_responsibility(member: Member, team: Team | None = None) -> bool:
    """Every active member but guests, for any team: who holds it is offered, not decreed."""
    return member.is_active and not member.is_guest and (team is None or team.workspace_id == member.workspace_id)


def is_accountable(member: Member, thing: Responsibility | Goal) -> bool:
    """Whether the member accepted to be accountable for it, or leads a team that did."""
    mine = _accountable_for(member)
    mine = mine.filter(goal_id=thing.pk) if isinstance(thing, Goal) else mine.filter(responsibility_id=thing.pk)
    return member.is_active and mine.exists()


@refuses(_("Only the person accountable, a lead of the team or an admin can change this responsibility."))
def can_change_responsibility(member: Member, responsibility: Responsibility) -> bool:
    """Whoever is accountable, the leads of its team and of those above, and admins."""
    if not member.is_active or responsibility.workspace_id != member.workspace_id or member.is_guest:
        return False
    if can_change_workspace(member) or (responsibility.team is not None and leads(member, responsibility.team)):
        return True
    return is_accountable(member, responsibility)


def changeable(member: Member) -> Q:
    """The same rule as can_change_responsibility, as a condition on the rows of visible_responsibilities."""
    if member.is_guest or not member.is_active:
        return Q(pk__in=[])
    if can_change_workspace(member):
        return Q()
    led = led_teams(member).order_by().values("pk")
    return Q(team_id__in=led) | Q(Exists(_accountable_for(member).filter(responsibility=OuterRef("pk"))))


def assignable(member: Member) -> Q:
    """The same rule as can_assign, as a condition on the rows of visible_goals."""
    may = Q(goals.changeable(member))
    if member.is_guest or not member.is_active:
        return may
    return may | Q(Exists(_accountable_for(member).filter(goal=OuterRef("pk"))))


def _accountable_for(member: Member) -> QuerySet[Assignment]:
    accepted = Assignment.objects.filter(role=AssignmentRole.ACCOUNTABLE, status=AssignmentStatus.ACCEPTED)
    led = led_teams(member).order_by().values("pk")
    found: QuerySet[Assignment] = accepted.filter(Q(member_id=member.pk) | Q(team_id__in=led))
    return found
