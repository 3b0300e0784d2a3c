"""Page-shaped reads of goals and cycles. Each starts at what the reader may see."""

from apps.goals.queries.attention import (
    Drift,
    DriftRow,
    Scope,
    drift_counts,
    drift_page,
    drifting_goals,
    scopes_of,
    teams_led,
)
from apps.goals.queries.cycles import CARRY_MAX, CyclePage, CycleRow, cycle_page, cycle_rows, open_goals
from apps.goals.queries.filters import ALL, ME, NONE, Choices, GoalFilters, filter_choices, filtered
from apps.goals.queries.lists import (
    PriorityMap,
    Summary,
    goal_summary,
    goal_table,
    priority_map,
    ranked_neighbour,
    time_gone,
)
from apps.goals.queries.rows import GoalRow, Reader
from apps.goals.queries.search import Hits, goal_choices, search_all
from apps.goals.queries.tree import Group, Tree, goal_tree

__all__ = [
    "ALL",
    "CARRY_MAX",
    "ME",
    "NONE",
    "Choices",
    "CyclePage",
    "CycleRow",
    "Drift",
    "DriftRow",
    "GoalFilters",
    "GoalRow",
    "Group",
    "Hits",
    "PriorityMap",
    "Reader",
    "Scope",
    "Summary",
    "Tree",
    "cycle_page",
    "cycle_rows",
    "drift_counts",
    "drift_page",
    "drifting_goals",
    "filter_choices",
    "filtered",
    "goal_choices",
    "goal_summary",
    "goal_table",
    "goal_tree",
    "open_goals",
    "priority_map",
    "ranked_neighbour",
    "scopes_of",
    "search_all",
    "teams_led",
    "time_gone",
]
