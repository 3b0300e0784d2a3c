"""References stay within their workspace, by composite foreign keys."""

from typing import ClassVar

from django.db import migrations

from apps.core.tenancy import SameWorkspace


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("responsibilities", "0001_initial"),
        ("goals", "0002_tenancy"),
        ("workspaces", "0003_absences"),
    ]

    operations: ClassVar = [
        SameWorkspace("responsibilities_responsibility", "team_id", "workspaces_team"),
        SameWorkspace("responsibilities_responsibility", "goal_id", "goals_goal"),
        SameWorkspace("responsibilities_assignment", "responsibility_id", "responsibilities_responsibility"),
        SameWorkspace("responsibilities_assignment", "goal_id", "goals_goal"),
        SameWorkspace("responsibilities_assignment", "member_id", "workspaces_member"),
        SameWorkspace("responsibilities_assignment", "team_id", "workspaces_team"),
        SameWorkspace("responsibilities_assignment", "offered_by_id", "workspaces_member"),
        SameWorkspace("responsibilities_assignment", "answered_by_id", "workspaces_member"),
        SameWorkspace("responsibilities_task", "goal_id", "goals_goal"),
        SameWorkspace("responsibilities_task", "responsibility_id", "responsibilities_responsibility"),
        SameWorkspace("responsibilities_task", "assignee_id", "workspaces_member"),
        SameWorkspace("responsibilities_task", "created_by_id", "workspaces_member"),
        SameWorkspace("responsibilities_task", "closed_by_id", "workspaces_member"),
        SameWorkspace("responsibilities_taskhelper", "task_id", "responsibilities_task"),
        SameWorkspace("responsibilities_taskhelper", "member_id", "workspaces_member"),
        SameWorkspace("responsibilities_taskteam", "task_id", "responsibilities_task"),
        SameWorkspace("responsibilities_taskteam", "team_id", "workspaces_team"),
        SameWorkspace("responsibilities_handover", "responsibility_id", "responsibilities_responsibility"),
        SameWorkspace("responsibilities_handover", "goal_id", "goals_goal"),
        SameWorkspace("responsibilities_handover", "from_member_id", "workspaces_member"),
        SameWorkspace("responsibilities_handover", "to_member_id", "workspaces_member"),
        SameWorkspace("responsibilities_handover", "absence_id", "workspaces_absence"),
        SameWorkspace("responsibilities_handover", "proposed_by_id", "workspaces_member"),
        SameWorkspace("responsibilities_handovertask", "handover_id", "responsibilities_handover"),
        SameWorkspace("responsibilities_handovertask", "task_id", "responsibilities_task"),
        SameWorkspace("responsibilities_consultation", "goal_id", "goals_goal"),
        SameWorkspace("responsibilities_consultation", "task_id", "responsibilities_task"),
        SameWorkspace("responsibilities_consultation", "member_id", "workspaces_member"),
        SameWorkspace("responsibilities_consultation", "asked_by_id", "workspaces_member"),
        SameWorkspace("responsibilities_hoursreport", "member_id", "workspaces_member"),
        SameWorkspace("responsibilities_hoursreport", "goal_id", "goals_goal"),
        SameWorkspace("responsibilities_hoursreport", "responsibility_id", "responsibilities_responsibility"),
    ]
