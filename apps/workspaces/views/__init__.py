"""The pages of workspaces."""

from apps.workspaces.views.entry import home, invitation_accept, workspace_create
from apps.workspaces.views.invitations import invitation_create, invitation_list, invitation_resend, invitation_revoke
from apps.workspaces.views.members import (
    member_deactivate,
    member_detail,
    member_edit,
    member_list,
    member_options,
    member_reactivate,
    member_role,
)
from apps.workspaces.views.settings import workspace_settings
from apps.workspaces.views.teams import (
    team_archive,
    team_create,
    team_detail,
    team_edit,
    team_list,
    team_members,
    team_options,
)
from apps.workspaces.views.values import value_create, value_delete, value_edit, value_list
from apps.workspaces.views.welcome import welcome

__all__ = [
    "home",
    "invitation_accept",
    "invitation_create",
    "invitation_list",
    "invitation_resend",
    "invitation_revoke",
    "member_deactivate",
    "member_detail",
    "member_edit",
    "member_list",
    "member_options",
    "member_reactivate",
    "member_role",
    "team_archive",
    "team_create",
    "team_detail",
    "team_edit",
    "team_list",
    "team_members",
    "team_options",
    "value_create",
    "value_delete",
    "value_edit",
    "value_list",
    "welcome",
    "workspace_create",
    "workspace_settings",
]
