"""What tasks adds to the menus of the frame."""

from django.utils.translation import gettext_lazy as _

from apps.workspaces.queries.menus import Menu, MenuEntry, members_only, page

TASK_MENU = (
    # which goals a guest may add tasks to is a query, too dear for every page
    MenuEntry("new_task", Menu.NEW, 20, _("Task"), "list-checks", page("tasks:task_create"), members_only),
)
