"""The menus of the frame around every page: each app adds its own entries in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.core.registries import Registry
from apps.core.urls import reverse_in
from apps.workspaces import access
from apps.workspaces.models import Member


class Menu(StrEnum):
    """Where an entry stands: in the sidebar, under “New…”, or in one's own menu."""

    MAIN = "main"
    NEW = "new"
    OWN = "own"


def page(name: str) -> Callable[[Member], str]:
    """The address of a page inside the reader's workspace."""
    return lambda member: reverse_in(member.workspace, name)


def everybody(_member: Member) -> bool:
    """An entry for all."""
    return True


def members_only(member: Member) -> bool:
    """An entry for all but guests."""
    return not member.is_guest


@dataclass(frozen=True)
class MenuEntry:
    """One entry: the lower its place, the higher it stands in its menu.

    The name of an entry of the sidebar is the section of its pages (apps.core.section). `jump` is how the search calls
    it where that is not its label; entries of the sidebar are always found. Whether it is `shown` is asked for every
    page, so it may not query.
    """

    name: str
    menu: Menu
    place: int
    label: StrOrPromise
    icon: str
    url: Callable[[Member], str]
    shown: Callable[[Member], bool] = everybody
    jump: StrOrPromise = ""


MENU_ENTRIES: Registry[MenuEntry] = Registry(
    "MENU_ENTRIES", "entries of the sidebar, of “New…” and of one's own menu; the search finds their pages"
)


def entries_for(member: Member, *menus: Menu) -> list[MenuEntry]:
    """What of these menus the member is shown, menu by menu, in the order of their places."""
    entries = [entry for entry in MENU_ENTRIES if entry.menu in menus and entry.shown(member)]
    return sorted(entries, key=lambda entry: (menus.index(entry.menu), entry.place))


MENU_ENTRIES.add(
    MenuEntry("people", Menu.MAIN, 40, _("People"), "users", page("workspaces:member_list")),
    MenuEntry("teams", Menu.MAIN, 50, _("Teams"), "network", page("workspaces:team_list")),
    MenuEntry(
        "settings", Menu.MAIN, 90, _("Settings"), "settings", page("workspaces:workspace_settings"),
        access.can_change_workspace,
    ),
    MenuEntry(
        "new_team", Menu.NEW, 50, _("Team"), "network", page("workspaces:team_create"), access.can_change_workspace
    ),
    MenuEntry(
        "new_invitation", Menu.NEW, 60, _("Invitation"), "user-plus", page("workspaces:invitation_create"),
        access.can_change_workspace, jump=_("Invite people"),
    ),
    MenuEntry(
        "own_page", Menu.OWN, 10, _("Your page"), "user",
        lambda member: reverse_in(member.workspace, "workspaces:member_detail", member.pk),
    ),
    MenuEntry(
        "profile", Menu.OWN, 30, _("Profile, language and time zone"), "languages", lambda _member: reverse("profile")
    ),
    MenuEntry(
        "sign_in", Menu.OWN, 50, _("Sign-in and security"), "shield-check", lambda _member: reverse("account_email")
    ),
    MenuEntry(
        "switch", Menu.OWN, 90, _("Switch workspace"), "building-2", lambda _member: f"{reverse('home')}?choose=1"
    ),
)  # fmt: skip
