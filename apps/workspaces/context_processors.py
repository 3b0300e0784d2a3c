"""What the frame around every page needs."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.urls import reverse_in
from apps.workspaces import access
from apps.workspaces.models import Member


def frame(request: HttpRequest) -> dict[str, Any]:
    """The acting member, the workspace, and the menus; nothing but None outside a workspace."""
    member: Member | None = getattr(request, "member", None)
    if member is None:
        return {"member": None, "workspace": None}
    return {
        "member": member,
        "workspace": member.workspace,
        "nav": _navigation(request, member),
        "new_menu": _new_menu(member),
        "own_menu": _own_menu(member),
    }


def _navigation(request: HttpRequest, member: Member) -> list[dict[str, Any]]:
    entries = [
        ("goals", _("Goals"), "target", "goals:goal_list"),
        ("responsibilities", _("Responsibilities"), "table-properties", "responsibilities:responsibility_matrix"),
        ("attention", _("Attention"), "bell-ring", "goals:attention"),
        ("people", _("People"), "users", "workspaces:member_list"),
        ("teams", _("Teams"), "network", "workspaces:team_list"),
        ("cycles", _("Cycles"), "calendar-range", "goals:cycle_list"),
    ]
    if access.can_change_workspace(member):
        entries.append(("settings", _("Settings"), "settings", "workspaces:workspace_settings"))
    match = request.resolver_match
    current = getattr(match.func, "section", "") if match else ""
    return [
        {"label": label, "icon": icon, "url": reverse_in(member.workspace, name), "current": key == current}
        for key, label, icon, name in entries
    ]


def _new_menu(member: Member) -> list[dict[str, str]]:
    entries = []
    if not member.is_guest:  # which goals a guest may add tasks to is a query, too dear for every page
        entries = [
            (_("Goal"), "target", "goals:goal_create"),
            (_("Task"), "list-checks", "tasks:task_create"),
            (_("Responsibility"), "table-properties", "responsibilities:responsibility_create"),
        ]
    if access.can_change_workspace(member):
        entries += [
            (_("Cycle"), "calendar-plus", "goals:cycle_create"),
            (_("Team"), "network", "workspaces:team_create"),
            (_("Invitation"), "user-plus", "workspaces:invitation_create"),
        ]
    return [{"label": label, "icon": icon, "url": reverse_in(member.workspace, name)} for label, icon, name in entries]


def _own_menu(member: Member) -> list[dict[str, str]]:
    """One's own page, account and workspaces; these are listed on a page, so that the frame asks no query for them."""
    return [
        {
            "label": _("Your page"),
            "icon": "user",
            "url": reverse_in(member.workspace, "workspaces:member_detail", member.pk),
        },
        {
            "label": _("When you are away"),
            "icon": "calendar-off",
            "url": reverse_in(member.workspace, "handovers:absence_list"),
        },
        {"label": _("Profile, language and time zone"), "icon": "languages", "url": reverse("profile")},
        {
            "label": _("What reaches you"),
            "icon": "bell",
            "url": reverse_in(member.workspace, "notifications:preference_edit"),
        },
        {"label": _("Sign-in and security"), "icon": "shield-check", "url": reverse("account_email")},
        {
            "label": _("Tokens and webhooks"),
            "icon": "key-round",
            "url": reverse_in(member.workspace, "integrations:token_list"),
        },
        {"label": _("Switch workspace"), "icon": "building-2", "url": f"{reverse('home')}?choose=1"},
    ]
