"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("workspaces", "0001_initial")]

    operations: ClassVar = [
        SameWorkspace("workspaces_member", "manager_id", "workspaces_member"),
        SameWorkspace("workspaces_team", "parent_id", "workspaces_team"),
        SameWorkspace("workspaces_teammembership", "team_id", "workspaces_team"),
        SameWorkspace("workspaces_teammembership", "member_id", "workspaces_member"),
        SameWorkspace("workspaces_value", "member_id", "workspaces_member"),
        SameWorkspace("workspaces_invitation", "team_id", "workspaces_team"),
        SameWorkspace("workspaces_invitation", "member_id", "workspaces_member"),
        SameWorkspace("workspaces_invitation", "invited_by_id", "workspaces_member"),
        SameWorkspace("workspaces_invitation", "accepted_by_id", "workspaces_member"),
    ]
