"""Search and jump, and the goals to choose a parent from."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.actor import actor
from apps.core.urls import reverse_in
from apps.goals import queries
from apps.workspaces.models import Member
from apps.workspaces.queries.menus import Menu, entries_for

QUERY_MAX = 200
PAGES_MAX = 3


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """At most 20 goals, people, teams, cycles and pages for `?q=`; to htmx as options, else as a page."""
    member = actor(request)
    query = request.GET.get("q", "").replace("\x00", " ").strip()[:QUERY_MAX]
    hits = queries.search_all(member, query)
    groups = (
        (_("Goals"), _goals(hits.goals, member)),
        *_more(query, member),
        (_("People"), _people(hits, member)),
        (_("Teams"), _teams(hits, member)),
        (_("Cycles"), _cycles(hits, member)),
        (_("Pages") if query else _("Go to"), _pages(query, member)),
    )
    context = {"query": query, "groups": [{"label": label, "items_found": items} for label, items in groups if items]}
    template = "components/_results.html" if request.htmx else "goals/search.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _more(query: str, member: Member) -> list[tuple[str, list[dict[str, str]]]]:
    """What higher apps find."""
    return [
        (str(kind.label), [_item(member, kind.page, hit.pk, hit.title, hit.detail, kind.icon) for hit in hits])
        for kind, hits in queries.search_more(member, query)
    ]


def _item(member: Member, name: str, pk: object, title: str, detail: str, icon: str) -> dict[str, str]:
    return {"url": reverse_in(member.workspace, name, pk), "title": title, "detail": detail, "icon": icon}


def _goals(goals: list[dict[str, Any]], member: Member) -> list[dict[str, str]]:
    return [_item(member, "goals:goal_detail", goal["pk"], goal["title"], _detail(goal), "target") for goal in goals]


def _detail(goal: dict[str, Any]) -> str:
    return " · ".join(part for part in (goal["team__name"] or goal["owner__name"], goal["cycle__name"]) if part)


def _people(hits: queries.Hits, member: Member) -> list[dict[str, str]]:
    return [_item(member, "workspaces:member_detail", one.pk, one.name, one.title, "user-round") for one in hits.people]


def _teams(hits: queries.Hits, member: Member) -> list[dict[str, str]]:
    return [_item(member, "workspaces:team_detail", team.pk, team.name, "", "users") for team in hits.teams]


def _cycles(hits: queries.Hits, member: Member) -> list[dict[str, str]]:
    return [_item(member, "goals:cycle_detail", one.pk, one.name, "", "calendar-range") for one in hits.cycles]


def _pages(query: str, member: Member) -> list[dict[str, str]]:
    """The pages whose name holds the query, those of the sidebar first; without one those and what one may make."""
    entries = [
        (str(entry.jump or entry.label), entry)
        for entry in entries_for(member, Menu.MAIN, Menu.NEW)
        if entry.menu == Menu.MAIN or entry.jump
    ]
    fitting = [(label, entry) for label, entry in entries if query.casefold() in label.casefold()]
    return [
        {"url": entry.url(member), "title": label, "detail": "", "icon": entry.icon}
        for label, entry in (fitting[:PAGES_MAX] if query else fitting)
    ]


@require_safe
def goal_options(request: HttpRequest) -> HttpResponse:
    """Goals to choose from as JSON, at most 20: those that match `?q=`, without the one that `?not=` names."""
    member = actor(request)
    goals = queries.goal_choices(member, request.GET.get("q", "")[:QUERY_MAX], without=request.GET.get("not", ""))
    rows = [{"value": str(goal["pk"]), "label": goal["title"], "detail": _detail(goal)} for goal in goals]
    return JsonResponse({"results": rows})
