"""The tenant, its people and teams, what they value, when they are away, and how people come in."""

from apps.workspaces.models.absence import Absence
from apps.workspaces.models.invitation import Invitation, hash_token, new_token
from apps.workspaces.models.member import Member, Role
from apps.workspaces.models.team import Team, TeamMembership
from apps.workspaces.models.value import Value
from apps.workspaces.models.workspace import Cadence, Workspace, monday_to_friday

__all__ = [
    "Absence",
    "Cadence",
    "Invitation",
    "Member",
    "Role",
    "Team",
    "TeamMembership",
    "Value",
    "Workspace",
    "hash_token",
    "monday_to_friday",
    "new_token",
]
