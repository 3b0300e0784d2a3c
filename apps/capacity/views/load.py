"""Hours promised against capacity: a team's weeks, a person's weeks, and what a promise would come to."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.capacity import access
from apps.capacity.forms.load import EVERYBODY, LoadFilterForm, PreviewForm
from apps.capacity.queries import hours, load
from apps.capacity.queries.capacity import WEEK, Fit, WeekLoad, monday_of, weeks_from
from apps.capacity.queries.load import PersonLoad, Supposed
from apps.core.actor import actor
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.responsibilities.queries.teams import first_own, teams_offered
from apps.workspaces.models import Member, Team

NAMED_MOST = 6
Column = dict[str, Any]


@section("responsibilities")
@require_safe
def load_list(request: HttpRequest) -> HttpResponse:
    """The people of a team, week by week: who promised more than they have, and who has room."""
    member = actor(request)
    today = member.today(timezone.now())
    form = LoadFilterForm(request.GET, member=member, today=today)
    chosen = form.cleaned_data.get("team")
    teams = teams_offered(member, chosen if isinstance(chosen, UUID) else None)
    team_id = _team(chosen, first_own(teams))
    weeks = _weeks(form.week_chosen)
    rows, page = load.load_page(member, weeks, team_id=team_id, place=request.GET)
    columns = _columns(weeks, today)
    is_whole = not (page.previous or page.next)
    context = {
        "form": form,
        "teams": [team for team, _is_mine in teams],
        "team_id": team_id,
        "everybody": EVERYBODY,
        "columns": columns,
        "rows": [_line(member, row, columns) for row in rows],
        "page": page,
        "together": _together(rows, columns) if is_whole else [],
        "over": _named(rows, Fit.OVER, today),
        "room": _named(rows, Fit.ROOM, today),
        "is_whole": is_whole,
        "today": today,
        **_around(form.week_chosen, today),
    }
    template = "capacity/load_list.html"
    return render(request, f"{template}#weeks" if request.htmx else template, context)  # type: ignore[attr-defined]


@section("responsibilities")
@require_safe
def load_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person's weeks: what they are made of, and for those who may see it what was reported."""
    member = actor(request)
    person = get_object_or_404(access.people_with_load(member).select_related("user"), pk=pk)
    today = member.today(timezone.now())
    form = LoadFilterForm(request.GET, member=member, today=today)
    weeks = _weeks(form.week_chosen)
    loaded = load.load_of([person], weeks, viewer=member)
    row = load.rows_of([person], loaded)[0]
    may_see_reported = access.can_see_reported_hours(member, person)
    reported = hours.reported_by_week(person, weeks, viewer=member) if may_see_reported else {}
    context = {
        "form": form,
        "person": person,
        "row": row,
        "weeks": [_week_line(week, reported.get(week.monday), today) for week in row.weeks],
        "things": _things(member, row, loaded),
        "may_see_reported": may_see_reported,
        "is_self": person.pk == member.pk,
        "today": today,
        **_around(form.week_chosen, today),
    }
    return render(request, "capacity/load_detail.html", context)


@require_safe
def load_preview(request: HttpRequest) -> HttpResponse:
    """What people's weeks would come to with the hours that are being typed, as sentences for the form."""
    member = actor(request)
    if member.is_guest:
        raise PermissionDenied(_("Guests promise no one's time."))
    today = member.today(timezone.now())
    form = PreviewForm(request.GET, member=member, today=today)
    promises = form.promises()
    goal_id = form.cleaned_data.get("goal")
    assignment_id = form.changed.pk if form.changed else None
    supposed = Supposed(tuple(promises.values()), goal_id, assignment_id)
    loaded = load.load_of(
        list(promises), weeks_from(monday_of(today), load.WEEKS_AHEAD), viewer=member, supposed=supposed
    )
    lines = [{"person": person, "over": _over(loaded.weeks[person.pk])} for person in promises]
    over = [line for line in lines if line["over"]]
    context = {"over": over, "asked": bool(lines), "count": load.WEEKS_AHEAD, "today": today}
    return render(request, "capacity/load_preview.html", context)


def _over(weeks: list[WeekLoad]) -> list[WeekLoad]:
    return [week for week in weeks if week.is_too_much]


def _team(chosen: UUID | str | None, own: Team | None) -> UUID | None:
    """The team to show: the chosen one, everybody, or the first of one's own."""
    if isinstance(chosen, UUID):
        return chosen
    return own.pk if own and chosen != EVERYBODY else None


def _weeks(middle: date) -> list[date]:
    return weeks_from(middle - load.WEEKS_BACK * WEEK, load.WEEKS_BACK + load.WEEKS_AHEAD)


def _around(middle: date, today: date) -> dict[str, object]:
    """The weeks that the links before and after lead to; the present one where it is another."""
    now = monday_of(today)
    return {"earlier": middle - 4 * WEEK, "later": middle + 4 * WEEK, "now": now if middle != now else None}


def _columns(weeks: list[date], today: date) -> list[Column]:
    now = monday_of(today)
    return [{"monday": week, "is_now": week == now, "is_past": week < now} for week in weeks]


def _named(rows: list[PersonLoad], fit: Fit, today: date) -> dict[str, Any]:
    """The first people with such a week ahead, each with the first of these weeks and how many there are."""
    now = monday_of(today)
    found: list[dict[str, Any]] = [
        {"person": row.person, "week": weeks[0], "count": len(weeks), "others": len(weeks) - 1}
        for row in rows
        if (weeks := [week for week in row.weeks if week.fit == fit and week.monday >= now])
    ]
    found.sort(key=lambda each: (each["week"].monday, -each["week"].over, -each["week"].free))
    return {"lines": found[:NAMED_MOST], "count": len(found), "more": max(len(found) - NAMED_MOST, 0)}


def _line(viewer: Member, row: PersonLoad, columns: list[Column]) -> dict[str, object]:
    url = reverse_in(viewer.workspace, "capacity:load_detail", row.person.pk)
    return {"row": row, "url": url, "cells": zip(row.weeks, columns, strict=True)}


def _together(rows: list[PersonLoad], columns: list[Column]) -> list[object]:
    if len(rows) < 2:  # noqa: PLR2004 - one person's line is its own sum
        return []
    return [(*sums, column) for sums, column in zip(load.together(rows), columns, strict=True)]


def _week_line(week: WeekLoad, reported: object, today: date) -> dict[str, object]:
    now = monday_of(today)
    return {"week": week, "reported": reported, "is_now": week.monday == now, "is_past": week.monday < now}


def _things(viewer: Member, row: PersonLoad, loaded: load.Load) -> list[dict[str, object]]:
    """What the weeks are made of, the most hours first, with its hours in each week."""
    givers = {person.pk: person for person in load.people_named(viewer, {giver for _t, giver in row.order if giver})}
    return [
        {
            "words": loaded.things[thing],
            "instead_of": givers.get(giver) if giver else None,
            "hours": [week.hours_on(thing, giver) for week in row.weeks],
            "index": index,
        }
        for index, (thing, giver) in enumerate(row.order)
    ]
