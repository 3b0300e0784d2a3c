"""What digests read, for many people at once: the number of queries does not grow with the people.

Each read holds to what its people see by its own shape: goals they own or are named on, and those of their own teams
that are not private (goals.access.visible_goals); of goals they cover, and of those with tasks of theirs, only the ones
that goals.access.sees_goal gives.
"""

from apps.routines.queries.goals import (
    DueGoal,
    FocusGoal,
    NewCheckIn,
    covered_goals,
    due_goals,
    focus_goals,
    new_check_ins,
)
from apps.routines.queries.tasks import DueTask, due_tasks
from apps.routines.queries.teams import (
    DriftingGoal,
    TeamNews,
    TeamOf,
    WeekGoal,
    drifting_goals,
    leads_among,
    led_teams_of,
    team_news,
    teams_of,
)

__all__ = [
    "DriftingGoal",
    "DueGoal",
    "DueTask",
    "FocusGoal",
    "NewCheckIn",
    "TeamNews",
    "TeamOf",
    "WeekGoal",
    "covered_goals",
    "drifting_goals",
    "due_goals",
    "due_tasks",
    "focus_goals",
    "leads_among",
    "led_teams_of",
    "new_check_ins",
    "team_news",
    "teams_of",
]
