"""What the frame around every page needs."""

from django.http import HttpRequest

from apps.workspaces.models import Member
from apps.workspaces.queries.menus import Menu, entries_for


def frame(request: HttpRequest) -> dict[str, object]:
    """The acting member, the workspace, and the menus; nothing but None outside a workspace."""
    member: Member | None = getattr(request, "member", None)
    if member is None:
        return {"member": None, "workspace": None}
    return {
        "member": member,
        "workspace": member.workspace,
        "nav": _navigation(request, member),
        "new_menu": _menu(member, Menu.NEW),
        "own_menu": _menu(member, Menu.OWN),
    }


def _navigation(request: HttpRequest, member: Member) -> list[dict[str, object]]:
    match = request.resolver_match
    current = getattr(match.func, "section", "") if match else ""
    return [
        {"label": entry.label, "icon": entry.icon, "url": entry.url(member), "current": entry.name == current}
        for entry in entries_for(member, Menu.MAIN)
    ]


def _menu(member: Member, menu: Menu) -> list[dict[str, object]]:
    return [{"label": entry.label, "icon": entry.icon, "url": entry.url(member)} for entry in entries_for(member, menu)]
