"""What handovers adds to the menus of the frame."""

from django.utils.translation import gettext_lazy as _

from apps.workspaces.queries.menus import Menu, MenuEntry, page

HANDOVER_MENU = (
    MenuEntry("away", Menu.OWN, 20, _("When you are away"), "calendar-off", page("handovers:absence_list")),
)
