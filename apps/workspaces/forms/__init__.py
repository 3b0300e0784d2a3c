"""The shape of what people send about workspaces, people, teams and invitations."""

from apps.workspaces.forms.invitations import BindForm, InviteForm, LinkForm
from apps.workspaces.forms.people import DeactivateForm, MemberFilterForm, MemberForm, RoleForm
from apps.workspaces.forms.teams import TeamFilterForm, TeamForm, TeamMembersForm
from apps.workspaces.forms.workspaces import ValueForm, WorkspaceCreateForm, WorkspaceForm

__all__ = [
    "BindForm",
    "DeactivateForm",
    "InviteForm",
    "LinkForm",
    "MemberFilterForm",
    "MemberForm",
    "RoleForm",
    "TeamFilterForm",
    "TeamForm",
    "TeamMembersForm",
    "ValueForm",
    "WorkspaceCreateForm",
    "WorkspaceForm",
]
