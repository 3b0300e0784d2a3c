"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


class Migration(migrations.Migration):
    dependencies: ClassVar = [("goals", "0001_initial"), ("workspaces", "0002_tenancy")]

    operations: ClassVar = [
        SameWorkspace("goals_cycle", "closed_by_id", "workspaces_member"),
        SameWorkspace("goals_goal", "cycle_id", "goals_cycle"),
        SameWorkspace("goals_goal", "carried_from_id", "goals_cycle"),
        SameWorkspace("goals_goal", "team_id", "workspaces_team"),
        SameWorkspace("goals_goal", "owner_id", "workspaces_member"),
        SameWorkspace("goals_goal", "parent_id", "goals_goal"),
        SameWorkspace("goals_goal", "closed_by_id", "workspaces_member"),
        SameWorkspace("goals_contributor", "goal_id", "goals_goal"),
        SameWorkspace("goals_contributor", "member_id", "workspaces_member"),
        SameWorkspace("goals_goalsupport", "goal_id", "goals_goal"),
        SameWorkspace("goals_goalsupport", "team_id", "workspaces_team"),
        SameWorkspace("goals_goalvalue", "goal_id", "goals_goal"),
        SameWorkspace("goals_goalvalue", "value_id", "workspaces_value"),
        SameWorkspace("goals_keyresult", "goal_id", "goals_goal"),
        SameWorkspace("goals_checkin", "goal_id", "goals_goal"),
        SameWorkspace("goals_checkin", "author_id", "workspaces_member"),
        SameWorkspace("goals_checkin", "ask_to_id", "workspaces_member"),
        SameWorkspace("goals_reading", "check_in_id", "goals_checkin"),
        SameWorkspace("goals_reading", "key_result_id", "goals_keyresult"),
        SameWorkspace("goals_checkinrevision", "check_in_id", "goals_checkin"),
        SameWorkspace("goals_checkinrevision", "edited_by_id", "workspaces_member"),
    ]
