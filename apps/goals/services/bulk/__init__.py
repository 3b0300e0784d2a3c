"""Many cycles, goals and check-ins at once, from a file; see workspaces.services.bulk for the run and the tally.

The rules are those of goals.py, cycles.py and checkins.py, applied to sets of rows. What cannot be taken is told, with
its reason, and never raised; nothing is ever removed. Whoever calls holds a transaction around each batch.
"""

from apps.goals.services.bulk.checkins import CheckInSpec, upsert_check_ins
from apps.goals.services.bulk.cycles import CycleSpec, upsert_cycles
from apps.goals.services.bulk.figures import refresh_figures
from apps.goals.services.bulk.goals import GoalSpec, Ranks, upsert_goals
from apps.goals.services.bulk.parents import set_goal_parents

__all__ = [
    "CheckInSpec",
    "CycleSpec",
    "GoalSpec",
    "Ranks",
    "refresh_figures",
    "set_goal_parents",
    "upsert_check_ins",
    "upsert_cycles",
    "upsert_goals",
]
