"""What notifications adds to the menus of the frame."""

from django.utils.translation import gettext_lazy as _

from apps.workspaces.queries.menus import Menu, MenuEntry, page

NOTIFICATION_MENU = (
    MenuEntry("preferences", Menu.OWN, 40, _("Notification settings"), "bell", page("notifications:preference_edit")),
)
