"""The cycle's goals as a tree, a table, a timeline and a priority map; their order, and their place on the map."""

from dataclasses import asdict
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.core.actor import actor
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.goals import access, queries, services
from apps.goals.forms.filters import VIEWS, GoalFilterForm
from apps.goals.forms.ranking import MoveForm, PlaceForm
from apps.goals.models import Goal
from apps.workspaces.models import Member

CHIPS = ("q", "team", "owner", "status", "confidence", "label", "importance", "due_before", "mine", "parent")
ICONS = {"tree": "list-tree", "table": "table-2", "timeline": "chart-gantt", "map": "chart-scatter"}


@section("goals")
@require_safe
def goal_list(request: HttpRequest) -> HttpResponse:
    """The goals of a cycle; everything chosen stands in the address. Unknown choices are left out, and said."""
    member, today = _reader(request)
    choices = queries.filter_choices(member, request.GET.dict())
    form = GoalFilterForm(request.GET, choices=choices, urls=_option_urls(member, choices))
    current = choices.current_cycle(today)
    default = queries.ALL if current is None or request.GET.get("parent") else str(current.pk)
    chosen = form.chosen(cycle=default)
    listed = queries.Listed(member, chosen, today)
    cycle = next((each for each in choices.cycles if str(each.pk) == chosen.cycle), None)
    view = form.value("view", "tree")
    summary = queries.goal_summary(listed)
    reader = queries.RowReader(member, today, reverse_in(member.workspace, "goals:goal_list"))
    context = {
        "form": form,
        "active": _active(request, form),
        "hidden": _kept(request, cycle=chosen.cycle),
        "cycle": cycle,
        "chosen": chosen,
        "cycles": _cycle_menu(request, choices, chosen.cycle),
        "gone": queries.time_gone(cycle, today),
        "summary": summary,
        "figures": _figures(request, summary),
        "clear_url": _cleared(request),
        "view": view,
        "views": _views(request, view),
        "group_ranks": form.value("group", "team") != "owner" and cycle is not None,
        "today": today,
        "list_path": reader.goal_path,
        "may_create": access.can_create_goal(member),
        "here": request.get_full_path(),
        "export_url": _export_url(member, chosen),
    }
    context |= _VIEWS[view](request, form, listed, reader)
    template = "goals/goal_list.html#goals" if request.htmx else "goals/goal_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _export_url(member: Member, chosen: queries.GoalFilters) -> str:
    """Where the goals listed now can be had as CSV. The page lives in an app above, so only its address is known."""
    said = {name: str(value) for name, value in asdict(chosen).items() if value}
    return f"{reverse_in(member.workspace, 'integrations:goals_export')}?{urlencode(said)}"


def _reader(request: HttpRequest) -> tuple[Member, date]:
    member = actor(request)
    return member, member.today(timezone.now())


def _tree(request: HttpRequest, form: GoalFilterForm, listed: Any, reader: queries.RowReader) -> dict[str, Any]:
    page = queries.goal_tree(
        listed,
        reader,
        group=form.value("group", "team"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return {"page": page}


def _timeline(request: HttpRequest, form: GoalFilterForm, listed: Any, reader: queries.RowReader) -> dict[str, Any]:
    page: queries.Tree = _tree(request, form, listed, reader)["page"]
    bars: list[dict[str, object]] = []
    for group in page.groups:
        if group.name:
            bars.append({"label": group.name, "group": True})
        bars.extend(
            {
                "label": row.title,
                "url": row.href,
                "start": row.starts_on,
                "end": row.due_on,
                "progress": row.progress,
                "status": row.state,
                "level": row.level,
            }
            for row in group.rows
        )
    return {"page": page, "bars": bars}


def _table(request: HttpRequest, form: GoalFilterForm, listed: Any, reader: queries.RowReader) -> dict[str, Any]:
    sort = form.value("sort", "rank")
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    page = queries.goal_table(listed, reader, sort=name, descending=descending, cursor=cursor)
    columns = (
        ("title", _("Goal")),
        ("progress", _("Progress")),
        ("confidence", _("Confidence")),
        ("owner", _("Owner")),
        ("team", _("Team")),
        ("importance", _("Importance")),
        ("due", _("Due")),
    )
    heads = [
        {
            "name": key,
            "label": label,
            "url": _address(request, sort=f"-{key}" if key == name and not descending else key),
            "order": ("descending" if descending else "ascending") if key == name else "",
        }
        for key, label in columns
    ]
    return {"page": page, "heads": heads, "ranked_url": _address(request, sort=None) if name != "rank" else ""}


def _map(request: HttpRequest, form: GoalFilterForm, listed: Any, reader: queries.RowReader) -> dict[str, object]:
    page = queries.priority_map(listed, reader)
    points = [
        {"x": row.urgency, "y": row.importance, "label": row.title, "url": row.href, "status": row.state}
        for row in page.placed
    ]
    scale = [str(number) for number in range(1, 6)]
    return {"points": points, "unplaced": page.unplaced, "scale": scale}


_VIEWS = {"tree": _tree, "timeline": _timeline, "table": _table, "map": _map}


# ---- addresses ----------------------------------------------------------------------------------------------------


def _address(request: HttpRequest, **changes: str | None) -> str:
    """This page's address with some choices changed (None takes one away), at its first page."""
    query = request.GET.copy()
    for key in ("after", "before"):
        query.pop(key, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"{request.path}?{query.urlencode()}"


def _active(request: HttpRequest, form: GoalFilterForm) -> list[dict[str, str]]:
    """The chips of what was chosen, each with the address without it."""
    chips = []
    for name in CHIPS:
        if form.value(name) and not (name == "status" and form.value(name) == "open"):
            value = _("yes") if name == "mine" else form.spoken(name)
            chips.append(
                {"label": str(form.fields[name].label), "value": value, "remove_url": _address(request, **{name: None})}
            )
    return chips


def _kept(request: HttpRequest, *, cycle: str) -> list[tuple[str, str]]:
    """What the filter form sends along unseen."""
    kept = [(name, request.GET[name]) for name in ("view", "sort", "parent") if request.GET.get(name)]
    return [*kept, ("cycle", cycle)] if request.GET.get("cycle") else kept


def _cycle_menu(request: HttpRequest, choices: queries.GoalFilterChoices, chosen: str) -> list[dict[str, Any]]:
    entries = [(str(cycle.pk), cycle.name) for cycle in choices.cycles[:40]]
    entries += [(queries.ALL, _("All cycles")), (queries.NONE, _("No cycle"))]
    return [{"label": name, "url": _address(request, cycle=key), "current": key == chosen} for key, name in entries]


def _views(request: HttpRequest, chosen: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _address(request, view=name), "icon": ICONS[name], "current": name == chosen}
        for name, label in VIEWS
    ]


def _figures(request: HttpRequest, summary: queries.Summary) -> list[dict[str, str]]:
    """The figures of the head in words, each with the goals behind it; what is nothing is left out."""
    figures = [
        (_("%(count)s on track"), summary.on_track, {"confidence": "on_track"}),
        (_("%(count)s at risk"), summary.at_risk, {"confidence": "at_risk"}),
        (_("%(count)s off track"), summary.off_track, {"confidence": "off_track"}),
        (_("%(count)s without a check-in"), summary.unsaid, {"confidence": "none"}),
        (_("%(count)s with no recent check-in"), summary.silent, {"confidence": "silent"}),
        (ngettext("%(count)s draft", "%(count)s drafts", summary.drafts), summary.drafts, {"status": "draft"}),
        (_("%(count)s closed"), summary.closed, {"status": "closed"}),
    ]
    return [
        {"words": words % {"count": number_format(count, force_grouping=True)}, "url": _address(request, **changes)}
        for words, count, changes in figures
        if count
    ]


def _cleared(request: HttpRequest) -> str:
    """This page's address without filters, in the same cycle and view."""
    kept = [(name, value) for name, value in request.GET.items() if name in {"view", "cycle", "group", "sort"}]
    return f"{request.path}?{urlencode(kept)}"


def _option_urls(member: Member, choices: queries.GoalFilterChoices) -> dict[str, str]:
    """Where the boxes for team and owner find more; a page that holds every team already need not ask."""
    teams = reverse_in(member.workspace, "workspaces:team_options")
    return {
        "team": teams if len(choices.teams) >= queries.CHOICES_MAX else "",
        "owner": reverse_in(member.workspace, "workspaces:member_options"),
    }


# ---- order and place ----------------------------------------------------------------------------------------------


@require_POST
def goal_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a goal between two others: `after` and `before` are their ids, either may be empty."""
    member = actor(request)
    goal = get_object_or_404(access.visible_goals(member).select_related("team"), pk=pk)
    access.can_rank.demand(member, goal)
    try:
        after, before = _neighbours(request.POST, member, goal)
        services.move_goal(goal, after=after, before=before, by=member, at=timezone.now())
    except ValidationError as error:
        return _refused(request, error)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    messages.success(request, _("“%(goal)s” was moved.") % {"goal": goal.title})
    return redirect(_next(request, member))


def _neighbours(data: QueryDict, member: Member, goal: Goal) -> tuple[Goal | None, Goal | None]:
    form = MoveForm(data)
    if not form.is_valid():
        raise services.order_changed()
    found = []
    for name in ("after", "before"):
        wanted = form.cleaned_data[name]
        neighbour = queries.ranked_neighbour(member, goal, wanted)
        if wanted and neighbour is None:
            raise services.order_changed()
        found.append(neighbour)
    return found[0], found[1]


@require_POST
@transaction.atomic
def goal_place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a goal's importance and urgency from the priority map."""
    member = actor(request)
    rows = access.visible_goals(member).select_related("team")
    goal = get_object_or_404(rows.select_for_update(of=("self",), no_key=True), pk=pk)
    access.can_change_goal.demand(member, goal)
    now = {"importance": goal.importance, "urgency": goal.urgency}
    form = PlaceForm(request.POST, thing=goal, reader=member, initial=now)
    if not form.is_valid():
        words = [str(each) for each in form.conflicts.values()] or [_("Importance and urgency go from 1 to 5.")]
        return _refused(request, ValidationError(words[0]))
    try:
        services.update_goal(goal, cast("services.GoalFields", form.cleaned_data), by=member, at=timezone.now())
    except ValidationError as error:
        return _refused(request, error)
    messages.success(request, _("“%(goal)s” is on the map now.") % {"goal": goal.title})
    return redirect(_next(request, member))


def _refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was refused, in words: to a script as 422, to a reader on the page they came from."""
    text = " ".join(error.messages)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(text, status=422, content_type="text/plain")
    messages.error(request, text)
    return redirect(_next(request, actor(request)))


def _next(request: HttpRequest, member: Member) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and "\x00" not in target:
        return target
    return reverse_in(member.workspace, "goals:goal_list")
