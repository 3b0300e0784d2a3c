"""Page-shaped reads of goals and cycles. Each starts at what the reader may see."""

from apps.goals.queries.attention import (
    Drift,
    Drifting,
    DriftRow,
    Scope,
    drift_counts,
    drift_page,
    drifting_in_teams,
    scopes_of,
    teams_led,
)
from apps.goals.queries.cycles import CARRY_MAX, CyclePage, CycleRow, cycle_page, cycle_rows, open_goals
from apps.goals.queries.filters import ALL, CHOICES_MAX, ME, NONE, Choices, GoalFilters, filter_choices, filtered
from apps.goals.queries.goals import (
    PAGE_COLUMNS,
    GoalPage,
    current_cycle,
    goal_page,
    goals_for_page,
    last_check_in,
    takes_progress,
    with_points,
)
from apps.goals.queries.history import changed_fields, check_in_versions, history_page, recent_history
from apps.goals.queries.listed import Listed
from apps.goals.queries.lists import (
    PriorityMap,
    Summary,
    goal_summary,
    goal_table,
    priority_map,
    ranked_neighbour,
    time_gone,
)
from apps.goals.queries.readers import Readers, goal_readers, people_of_goal, would_read
from apps.goals.queries.rows import GoalRow, Reader
from apps.goals.queries.search import Hits, goal_choices, search_all, search_more
from apps.goals.queries.tree import Group, Tree, goal_tree

__all__ = [
    "ALL",
    "CARRY_MAX",
    "CHOICES_MAX",
    "ME",
    "NONE",
    "PAGE_COLUMNS",
    "Choices",
    "CyclePage",
    "CycleRow",
    "Drift",
    "DriftRow",
    "Drifting",
    "GoalFilters",
    "GoalPage",
    "GoalRow",
    "Group",
    "Hits",
    "Listed",
    "PriorityMap",
    "Reader",
    "Readers",
    "Scope",
    "Summary",
    "Tree",
    "changed_fields",
    "check_in_versions",
    "current_cycle",
    "cycle_page",
    "cycle_rows",
    "drift_counts",
    "drift_page",
    "drifting_in_teams",
    "filter_choices",
    "filtered",
    "goal_choices",
    "goal_page",
    "goal_readers",
    "goal_summary",
    "goal_table",
    "goal_tree",
    "goals_for_page",
    "history_page",
    "last_check_in",
    "open_goals",
    "people_of_goal",
    "priority_map",
    "ranked_neighbour",
    "recent_history",
    "scopes_of",
    "search_all",
    "search_more",
    "takes_progress",
    "teams_led",
    "time_gone",
    "with_points",
    "would_read",
]
