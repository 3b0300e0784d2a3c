"""What responsibilities adds to the menus of the frame."""

from django.utils.translation import gettext_lazy as _

from apps.workspaces.queries.menus import Menu, MenuEntry, members_only, page

RESPONSIBILITY_MENU = (
    MenuEntry(
        "responsibilities", Menu.MAIN, 20, _("Responsibilities"), "table-properties",
        page("responsibilities:responsibility_matrix"),
    ),
    MenuEntry(
        "new_responsibility", Menu.NEW, 30, _("Responsibility"), "table-properties",
        page("responsibilities:responsibility_create"), members_only,
    ),
)  # fmt: skip
