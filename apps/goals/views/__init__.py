"""The pages of goals."""

from apps.goals.views.attention import attention
from apps.goals.views.checkins import (
    ask_answer,
    check_in_create,
    check_in_edit,
    check_in_list,
    check_in_revisions,
    goal_people,
    note_preview,
)
from apps.goals.views.cycles import cycle_close, cycle_create, cycle_detail, cycle_edit, cycle_list, cycle_reopen
from apps.goals.views.goals import (
    contributor_row,
    goal_activate,
    goal_close,
    goal_create,
    goal_detail,
    goal_edit,
    goal_history,
    goal_readers,
    goal_reopen,
)
from apps.goals.views.keyresults import key_result_create, key_result_delete, key_result_edit
from apps.goals.views.lists import goal_list, goal_move, goal_place
from apps.goals.views.search import goal_options, search

__all__ = [
    "ask_answer",
    "attention",
    "check_in_create",
    "check_in_edit",
    "check_in_list",
    "check_in_revisions",
    "contributor_row",
    "cycle_close",
    "cycle_create",
    "cycle_detail",
    "cycle_edit",
    "cycle_list",
    "cycle_reopen",
    "goal_activate",
    "goal_close",
    "goal_create",
    "goal_detail",
    "goal_edit",
    "goal_history",
    "goal_list",
    "goal_move",
    "goal_options",
    "goal_people",
    "goal_place",
    "goal_readers",
    "goal_reopen",
    "key_result_create",
    "key_result_delete",
    "key_result_edit",
    "note_preview",
    "search",
]
