"""Tasks as a list, as a board by state, and on the priority map; everything chosen stands in the address."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.actor import actor
from apps.core.models import new_id
from apps.core.section import section
from apps.tasks import access, queries
from apps.tasks.forms.quick_add import QuickAddForm
from apps.tasks.forms.tasks import VIEWS, TaskFilterForm
from apps.workspaces.models import Member

ICONS = {"list": "list-checks", "board": "square-kanban", "map": "chart-scatter"}
CHIPS = ("q", "assignee", "team", "status", "due", "goal", "responsibility")
KEPT = {"view", "sort"}


@dataclass(frozen=True)
class FilteredTasks:
    """The tasks that pass the filters, but for their state, and for whom they are shown on which day."""

    tasks: Any
    counts: queries.Counts
    member: Member
    paths: queries.Paths
    today: date


@section("responsibilities")
@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """The tasks; unknown choices are left out, and said."""
    member = actor(request)
    today = member.today(timezone.now())
    choices = queries.task_choices(member, request.GET.dict())
    form = TaskFilterForm(request.GET, choices=choices, member=member)
    chosen = form.chosen()
    view = form.value("view", "list")
    found = queries.filtered_tasks(access.visible_tasks(member), chosen, member=member, today=today)
    counts = queries.task_counts(found)
    context: dict[str, object] = {
        "form": form,
        "counts": counts,
        "chosen": chosen,
        "view": view,
        "views": _views(request, view),
        "active": _active(request, form, view),
        "hidden": [(name, request.GET[name]) for name in sorted(KEPT) if request.GET.get(name)],
        "clear_url": _address(request, **dict.fromkeys(CHIPS)),
        "today": today,
        "here": request.get_full_path(),
        "mine_url": _address(request, assignee=None if chosen.assignee == "me" else "me"),
        "mine": chosen.assignee == "me",
    }
    if access.can_add_some_task(member):
        context["quick"] = QuickAddForm(member=member, initial=_initial(chosen, choices))
    context |= _SHOWN[view](request, form, FilteredTasks(found, counts, member, queries.paths_of(member), today))
    template = "tasks/task_list.html"
    if request.htmx:  # type: ignore[attr-defined]
        template += "#tasks"
    return render(request, template, context)


def _initial(chosen: queries.TaskFilters, choices: queries.TaskChoices) -> dict[str, object]:
    """What is added here belongs to the goal or the responsibility the list is narrowed to."""
    return {
        "key": new_id(),
        "goal": chosen.goal if choices.goals else "",
        "responsibility": chosen.responsibility if choices.responsibilities else "",
    }


def _list(request: HttpRequest, form: TaskFilterForm, found: FilteredTasks) -> dict[str, Any]:
    tasks = found.tasks.filter(queries.with_status(form.value("status", "todo")))
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    sort = form.value("sort", "due")
    page = queries.task_list(tasks, found.member, found.paths, sort=sort, cursor=cursor, today=found.today)
    return {"page": page, "is_empty": not page.rows}


def _board(request: HttpRequest, form: TaskFilterForm, found: FilteredTasks) -> dict[str, Any]:
    columns = queries.task_board(found.tasks, found.counts, found.member, found.paths, today=found.today)
    shown = [
        {
            "column": column,
            "more": column.total - len(column.rows),
            "url": _address(request, view="list", status=column.status),
        }
        for column in columns
    ]
    return {"columns": shown, "is_empty": not found.counts.total}


def _map(request: HttpRequest, form: TaskFilterForm, found: FilteredTasks) -> dict[str, Any]:
    placed, unplaced = queries.task_map(found.tasks, found.member, found.paths, today=found.today)
    points = [
        {
            "x": row.urgency,
            "y": row.importance,
            "label": row.title,
            "url": row.href,
            "status": "off_track" if row.is_overdue else "on_track" if row.status == "doing" else "none",
            "detail": row.assignee.name if row.assignee else "",
        }
        for row in placed
    ]
    scale = [str(number) for number in range(1, 6)]
    return {"points": points, "unplaced": unplaced, "scale": scale, "is_empty": not (placed or unplaced)}


_SHOWN = {"list": _list, "board": _board, "map": _map}


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


def _active(request: HttpRequest, form: TaskFilterForm, view: str) -> list[dict[str, str]]:
    """The chips of what was chosen, each with the address without it. Only the list is narrowed by state."""
    shown = [name for name in CHIPS if form.value(name) and (name != "status" or view == "list")]
    return [
        {
            "label": str(form.fields[name].label),
            "value": form.spoken(name),
            "remove_url": _address(request, **{name: None}),
        }
        for name in shown
        if not (name == "status" and form.value(name) == "todo")
    ]


def _views(request: HttpRequest, chosen: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _address(request, view=name), "icon": ICONS[name], "current": name == chosen}
        for name, label in VIEWS
    ]
