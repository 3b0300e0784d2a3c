"""What goals adds to the menus of the frame."""

from django.utils.translation import gettext_lazy as _

from apps.workspaces.access import can_change_workspace
from apps.workspaces.queries.menus import Menu, MenuEntry, members_only, page

GOAL_MENU = (
    MenuEntry("goals", Menu.MAIN, 10, _("Goals"), "target", page("goals:goal_list")),
    MenuEntry("attention", Menu.MAIN, 30, _("Attention"), "bell-ring", page("goals:attention")),
    MenuEntry("cycles", Menu.MAIN, 60, _("Cycles"), "calendar-range", page("goals:cycle_list")),
    MenuEntry(
        "new_goal", Menu.NEW, 10, _("Goal"), "target", page("goals:goal_create"), members_only, jump=_("New goal")
    ),
    MenuEntry(
        "new_cycle", Menu.NEW, 40, _("Cycle"), "calendar-plus", page("goals:cycle_create"), can_change_workspace,
        jump=_("New cycle"),
    ),
)  # fmt: skip
