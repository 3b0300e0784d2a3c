"""What integrations adds to the menus of the frame."""

from django.utils.translation import gettext_lazy as _

from apps.workspaces.queries.menus import Menu, MenuEntry, page

INTEGRATION_MENU = (
    MenuEntry("programs", Menu.OWN, 60, _("Tokens and webhooks"), "key-round", page("integrations:token_list")),
)
