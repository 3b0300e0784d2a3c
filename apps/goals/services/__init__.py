"""Every change to cycles, goals, key results and check-ins."""

from apps.goals.services.checkins import CheckInFields, answer_ask, create_check_in, edit_check_in
from apps.goals.services.closing import CLOSING_CHECKS, REASON_MAX, ClosingCheck, reasons_to_wait
from apps.goals.services.cycles import (
    CycleFields,
    close_cycle,
    create_cycle,
    next_cycle_fields,
    reopen_cycle,
    update_cycle,
)
from apps.goals.services.goal_fields import GoalFields
from apps.goals.services.goals import activate_goal, close_goal, create_goal, reopen_goal, update_goal
from apps.goals.services.handing import added, hand_over_goal, holds_goal, set_stand_ins
from apps.goals.services.history import PastCheckIn, record_history
from apps.goals.services.keyresults import (
    KeyResultFields,
    create_key_result,
    delete_key_result,
    update_key_result,
)
from apps.goals.services.locks import hold_tree, lock
from apps.goals.services.notices import tell_of_goals_due
from apps.goals.services.progress import refresh_progress
from apps.goals.services.ranking import move_goal, order_changed
from apps.goals.services.reminders import queue_check_in_reminders, realign_check_in_dates, sweep_check_in_reminders

__all__ = [
    "CLOSING_CHECKS",
    "REASON_MAX",
    "CheckInFields",
    "ClosingCheck",
    "CycleFields",
    "GoalFields",
    "KeyResultFields",
    "PastCheckIn",
    "activate_goal",
    "added",
    "answer_ask",
    "close_cycle",
    "close_goal",
    "create_check_in",
    "create_cycle",
    "create_goal",
    "create_key_result",
    "delete_key_result",
    "edit_check_in",
    "hand_over_goal",
    "hold_tree",
    "holds_goal",
    "lock",
    "move_goal",
    "next_cycle_fields",
    "order_changed",
    "queue_check_in_reminders",
    "realign_check_in_dates",
    "reasons_to_wait",
    "record_history",
    "refresh_progress",
    "reopen_cycle",
    "reopen_goal",
    "set_stand_ins",
    "sweep_check_in_reminders",
    "tell_of_goals_due",
    "update_cycle",
    "update_goal",
    "update_key_result",
]
