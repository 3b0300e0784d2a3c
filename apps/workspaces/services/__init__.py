"""Every change to workspaces, people, teams, values and invitations. docs/architecture.md tells of the named lists."""

from apps.workspaces.services.absences import (
    ABSENCE_CHANGED,
    AbsenceFields,
    create_absence,
    delete_absence,
    end_absence,
    update_absence,
)
from apps.workspaces.services.deactivation import deactivate_member, reactivate_member
from apps.workspaces.services.holdings import HOLDINGS, Holding, HoldingKind, field_name, holdings_of
from apps.workspaces.services.invitations import (
    INVITATION_CREATED,
    Invited,
    create_invitations,
    create_link,
    invite_member,
    join_url,
    resend_invitation,
    revoke_invitation,
)
from apps.workspaces.services.joining import accept_invitation, verified_addresses
from apps.workspaces.services.locks import lock_shape
from apps.workspaces.services.members import MemberFields, create_member, set_manager, set_role, update_member
from apps.workspaces.services.memberships import add_to_team, remove_from_team, set_lead, set_team_members
from apps.workspaces.services.teams import TeamFields, archive_team, create_team, move_team, restore_team, update_team
from apps.workspaces.services.values import create_value, delete_value, update_value
from apps.workspaces.services.workspaces import WORKSPACE_CHANGED, WorkspaceFields, create_workspace, update_workspace

__all__ = [
    "ABSENCE_CHANGED",
    "HOLDINGS",
    "INVITATION_CREATED",
    "WORKSPACE_CHANGED",
    "AbsenceFields",
    "Holding",
    "HoldingKind",
    "Invited",
    "MemberFields",
    "TeamFields",
    "WorkspaceFields",
    "accept_invitation",
    "add_to_team",
    "archive_team",
    "create_absence",
    "create_invitations",
    "create_link",
    "create_member",
    "create_team",
    "create_value",
    "create_workspace",
    "deactivate_member",
    "delete_absence",
    "delete_value",
    "end_absence",
    "field_name",
    "holdings_of",
    "invite_member",
    "join_url",
    "lock_shape",
    "move_team",
    "reactivate_member",
    "remove_from_team",
    "resend_invitation",
    "restore_team",
    "revoke_invitation",
    "set_lead",
    "set_manager",
    "set_role",
    "set_team_members",
    "update_absence",
    "update_member",
    "update_team",
    "update_value",
    "update_workspace",
    "verified_addresses",
]
