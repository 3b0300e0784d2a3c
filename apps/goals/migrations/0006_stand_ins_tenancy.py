"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("goals", "0005_stand_ins")]

    operations: ClassVar = [
        SameWorkspace("goals_standin", "goal_id", "goals_goal"),
        SameWorkspace("goals_standin", "member_id", "workspaces_member"),
        SameWorkspace("goals_standin", "absent_id", "workspaces_member"),
    ]
