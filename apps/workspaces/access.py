"""Who sees which people, teams, values and invitations, and who may change them."""

from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.sql import Rule
from apps.workspaces.models import Absence, Invitation, Member, Role, Team, TeamMembership, Value, Workspace


def visible_workspaces(member: Member) -> QuerySet[Workspace]:
    """The member's own workspace."""
    return Workspace.objects.filter(pk=member.workspace_id)


HERE = "me.id = {member} AND me.workspace_id = "

COLLEAGUE = "(SELECT me.workspace_id FROM workspaces_member me WHERE me.id = {member} AND me.role <> 'guest')"
"""The workspace of a member who is no guest: what stands after IN is asked once for all rows, not for each."""

SEES_MEMBER = f"""({{person.workspace_id}} IN {COLLEAGUE} OR {{person.id}} = {{member}} OR {{person.id}} IN (
    SELECT mate.member_id FROM workspaces_teammembership mine
    JOIN workspaces_teammembership mate ON mate.team_id = mine.team_id WHERE mine.member_id = {{member}}
))"""  # noqa: S608 - constants
"""Whether a member sees a person: everyone in the workspace, deactivated people included; a guest sees themselves and
the people of their own teams.
"""

SEES_TEAM = f"""({{team.workspace_id}} IN {COLLEAGUE} OR {{team.id}} IN (
    SELECT team_id FROM workspaces_teammembership WHERE member_id = {{member}}
))"""  # noqa: S608 - constants
"""Whether a member sees a team: every one of the workspace; a guest those they are in."""

ROW = F("workspace_id")


def visible_members(member: Member) -> QuerySet[Member]:
    """The people who exist for a member: see SEES_MEMBER."""
    rule = Rule(SEES_MEMBER, {"person": ROW, "member": member.pk})
    return Member.objects.filter(rule, workspace_id=member.workspace_id)


def visible_teams(member: Member) -> QuerySet[Team]:
    """The teams that exist for a member: see SEES_TEAM."""
    return Team.objects.filter(Rule(SEES_TEAM, {"team": ROW, "member": member.pk}), workspace_id=member.workspace_id)


LEADS = """EXISTS (
    SELECT FROM workspaces_teammembership lead
    JOIN workspaces_member leader ON leader.id = lead.member_id AND leader.deactivated_at IS NULL
    JOIN workspaces_team led ON led.workspace_id = lead.workspace_id
        AND (led.id = lead.team_id OR lead.team_id = ANY (led.ancestor_ids))
    WHERE led.id = {team} AND lead.member_id = {member} AND lead.is_lead
)"""
"""Whether an active member leads a team or one above it."""


BELONGS = """EXISTS (
    SELECT FROM workspaces_teammembership place
    JOIN workspaces_team team ON team.workspace_id = place.workspace_id
        AND (team.id = place.team_id OR place.is_lead AND place.team_id = ANY (team.ancestor_ids))
    WHERE team.id = {team} AND place.member_id = {member}
)"""
"""Whether a member is in a team, or leads one above it: what is for the team alone is for them, too."""


LEADS_PERSON = f"""EXISTS (
    SELECT FROM workspaces_teammembership theirs
    WHERE theirs.member_id = {{person}} AND {LEADS.replace("{team}", "theirs.team_id")}
)"""
"""Whether an active member leads a team of a person's, or one above it."""


def leads_team(member: Member, team: str = "team_id") -> Rule:
    """Whether the member leads the team in a column of rows, or one above it."""
    return Rule(LEADS, {"team": F(team), "member": member.pk})


def led_teams(member: Member) -> QuerySet[Team]:
    """The teams the active member leads, and all beneath them."""
    return Team.objects.filter(leads_team(member, "id"), workspace_id=member.workspace_id)


def visible_memberships(member: Member) -> QuerySet[TeamMembership]:
    """Who is in which team, of the teams the member sees."""
    return TeamMembership.objects.filter(workspace_id=member.workspace_id, team__in=visible_teams(member))


def visible_absences(member: Member) -> QuerySet[Absence]:
    """When the people one sees are away; nobody is told why."""
    given = {"person.id": F("member_id"), "person.workspace_id": ROW, "member": member.pk}
    absences: QuerySet[Absence] = Absence.objects.filter(Rule(SEES_MEMBER, given), workspace_id=member.workspace_id)
    return absences


SEES_VALUE = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE {HERE} {{value.workspace_id}}
    AND (me.id = {{value.member_id}} OR {{value.member_id}} IS NULL AND me.role <> 'guest')
)"""
"""Whether a member sees a value: the workspace's and their own; guests their own only."""


def visible_values(member: Member) -> QuerySet[Value]:
    """The values that exist for a member: see SEES_VALUE."""
    rule = Rule(SEES_VALUE, {"value": ROW, "member": member.pk})
    return Value.objects.filter(rule, workspace_id=member.workspace_id)


def shared_values(workspace_id: UUID) -> QuerySet[Value]:
    """The values of a workspace that exist for each of its members but guests."""
    return Value.objects.filter(workspace_id=workspace_id, member=None)


def visible_invitations(member: Member) -> QuerySet[Invitation]:
    """All invitations for admins, nothing for the rest."""
    invitations = Invitation.objects.filter(workspace_id=member.workspace_id)
    return invitations if member.is_admin else invitations.none()


@refuses(_("Only owners and admins can change the workspace."))
def can_change_workspace(member: Member, workspace: Workspace | None = None) -> bool:
    """Owners and admins, their own."""
    own = workspace is None or workspace.pk == member.workspace_id
    return own and member.is_active and member.is_admin


def can_create_team(member: Member, parent: Team | None) -> bool:
    """Admins anywhere; a lead beneath a team they lead."""
    return can_change_workspace(member) or (parent is not None and leads(member, parent))


@refuses(_("Only admins, and the leads of this team or of one above it, can change it."))
def can_change_team(member: Member, team: Team) -> bool:
    """Admins, and the team's own leads and those of its parent teams."""
    return team.workspace_id == member.workspace_id and (can_change_workspace(member) or leads(member, team))


def leads(member: Member, team: Team) -> bool:
    """Whether the active member leads the team or one above it."""
    return Member.objects.filter(Rule(LEADS, {"team": team.pk, "member": F("id")}), pk=member.pk).exists()


def can_create_some_team(member: Member) -> bool:
    """Admins, and whoever leads a team: beneath it they can make others."""
    return can_change_workspace(member) or led_teams(member).exists()


def can_change_member(member: Member, other: Member) -> bool:
    """Admins change anyone but owners, owners anyone, and each person their own name, title and hours."""
    if other.workspace_id != member.workspace_id or not member.is_active:
        return False
    if member.pk == other.pk or member.role == Role.OWNER:
        return True
    return member.role == Role.ADMIN and other.role != Role.OWNER


def can_set_role(member: Member, other: Member, role: str) -> bool:
    """Owners give and take every role, their own too; admins every role below owner, of everyone below owner."""
    if not member.is_admin or not can_change_member(member, other):
        return False
    return member.role == Role.OWNER or role != Role.OWNER


def can_set_manager(member: Member, other: Member) -> bool:
    """Admins say who reports to whom."""
    return can_change_workspace(member) and other.workspace_id == member.workspace_id


@refuses(_("Only owners and admins can deactivate people, and nobody themselves."))
def can_deactivate(member: Member, other: Member) -> bool:
    """Admins anyone but owners and themselves; owners anyone but themselves."""
    return member.pk != other.pk and member.is_admin and can_change_member(member, other)


@refuses(_("Only owners and admins can invite people."))
def can_invite(member: Member) -> bool:
    """Owners and admins."""
    return can_change_workspace(member)


@refuses(_("Only owners and admins can import."))
def can_import(member: Member) -> bool:
    """Owners and admins."""
    return can_change_workspace(member)


@refuses(_("Only owners and admins can change the workspace's values."))
def can_change_value(member: Member, value: Value) -> bool:
    """A personal value is its person's; the workspace's values are the admins'."""
    if value.workspace_id != member.workspace_id or not member.is_active:
        return False
    return value.member_id == member.pk if value.member_id else member.is_admin


@refuses(_("Only the person, a lead of their teams or an admin can say when they are away."))
def can_change_absence(member: Member, person: Member) -> bool:
    """One's own; those of the people one leads, and for admins everybody's."""
    if person.workspace_id != member.workspace_id or not member.is_active:
        return False
    if person.pk == member.pk or can_change_workspace(member):
        return True
    return leads_person(member, person)


def leads_person(member: Member, person: Member) -> bool:
    """Whether the active member leads a team of the person's, or one above it."""
    rule = Rule(LEADS_PERSON, {"person": F("id"), "member": member.pk})
    return Member.objects.filter(rule, pk=person.pk).exists()
