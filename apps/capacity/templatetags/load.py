"""Hours against capacity: bars and their words, and the cards on the pages of goals, responsibilities and people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.capacity import access
from apps.capacity.queries import load as loads
from apps.capacity.queries.capacity import Fit, WeekLoad, monday_of, weeks_from
from apps.capacity.queries.load import PersonLoad
from apps.core import charts
from apps.core.templatetags.core.lines import drawn
from apps.core.urls import reverse_in
from apps.goals.models import Goal
from apps.goals.queries import GoalPage
from apps.responsibilities.models import Assignment, Responsibility
from apps.responsibilities.queries import Column, Holders, Matrix
from apps.workspaces.models import Member

register = template.Library()
TONES = 6


@register.filter
def hours(value: Decimal | float | None) -> str:
    """Hours with at most one decimal, in the reader's language: 38 or 4,5."""
    amount = round(Decimal(value or 0), 1)
    whole = amount == amount.to_integral_value()
    return number_format(amount, decimal_pos=0 if whole else 1)


@register.simple_tag
def load_bar(row: PersonLoad, week: WeekLoad, reported: Decimal | None = None, height: int = 12) -> SafeString:
    """One week as a stacked bar with a tick at the capacity, to the same scale as the person's other weeks.

    A second, thinner bar beneath it is what was reported. For eyes only: the same figures stand beside it.
    """
    amounts = {(part.thing, part.instead_of): part.hours for part in week.parts}
    scale = max(row.scale, reported or Decimal(0))
    segments, tick, _over = charts.stack([amounts.get(key, 0) for key in row.order], week.capacity, scale)
    width = charts.at(float(100 * reported / scale)) if reported is not None and scale else None
    return drawn("capacity/load_bar.html", height=height, segments=segments, tick=tick, reported=width)


@register.simple_tag
def load_words(week: WeekLoad, is_past: bool = False) -> SafeString:
    """How a week fits, in words, with its tone, and how many days the person is away. Past room is no use to say."""
    silent = {Fit.FITS, Fit.ROOM} if is_past else {Fit.FITS}
    said = [(_tone(week), _fit_words(week))] if week.fit not in silent else []
    if week.days_away:
        days = ngettext("away %(count)d day", "away %(count)d days", week.days_away) % {"count": week.days_away}
        said.append(("muted", _("away all week") if week.days_away == week.days else days))
    return drawn("capacity/load_words.html", said=said)


def _tone(week: WeekLoad) -> str:
    return "status off" if week.fit == Fit.OVER else "muted"


def _fit_words(week: WeekLoad) -> str:
    match week.fit:
        case Fit.OVER if week.capacity == 0 and week.days_away:
            return _("%(hours)s h not covered") % {"hours": hours(week.promised)}
        case Fit.OVER:
            return _("%(hours)s h too much") % {"hours": hours(week.over)}
        case Fit.ROOM:
            return _("%(hours)s h free") % {"hours": hours(week.free)}
    return "" if week.days_away else _("no hours here")


@register.simple_tag
def load_key(index: int) -> SafeString:
    """The colour of the index-th thing in the bars."""
    return drawn("capacity/load_key.html", tone=index % TONES)


def _today_and_weeks(viewer: Member) -> list[Any]:
    monday = monday_of(viewer.today(timezone.now()))
    return weeks_from(monday, loads.WEEKS_AHEAD)


def _allocation(
    viewer: Member, said: Sequence[tuple[loads.Worker, Decimal | None]], *, is_over: bool
) -> dict[str, Any]:
    """Who gives how much, which share of their week that is, and the first week in which it is too much for them.

    What is over takes none of the weeks ahead, so nobody is told of these there. Guests are shown nobody's time.
    """
    people = [] if viewer.is_guest else loads.time_given(said)
    shown = people[: loads.ALLOCATED_SHOWN]
    timed = [] if is_over else [person for person, amount in shown if amount]
    load = loads.load_of(timed, _today_and_weeks(viewer), viewer=viewer)
    lines = [
        {
            "person": person,
            "hours": amount,
            "share": amount / person.weekly_hours if amount and person.weekly_hours else None,
            "over": next((week for week in load.weeks.get(person.pk, []) if week.is_too_much), None),
            "url": reverse_in(viewer.workspace, "capacity:load_detail", person.pk),
        }
        for person, amount in shown
    ]
    total = sum((amount for _person, amount in people if amount), Decimal(0))
    return {"lines": lines, "total": total, "more": len(people) - len(shown), "viewer": viewer}


@register.inclusion_tag("capacity/load_allocation.html", takes_context=True)
def goal_allocation(context: template.Context, page: GoalPage, holders: Holders) -> dict[str, object]:
    """The card of a goal's page: contributors and people assigned, their hours and share of capacity."""
    viewer: Member = context["member"]
    said: list[tuple[loads.Worker, Decimal | None]] = [(each, each.hours) for each in page.people]
    return _allocation(viewer, [*said, *holders.hours], is_over=page.goal.is_closed)


@register.inclusion_tag("capacity/load_allocation.html", takes_context=True)
def responsibility_allocation(
    context: template.Context, responsibility: Responsibility, holders: Holders
) -> dict[str, object]:
    """The same card for the page of a responsibility."""
    viewer: Member = context["member"]
    return _allocation(viewer, holders.hours, is_over=responsibility.archived_at is not None)


@register.inclusion_tag("capacity/load_person.html", takes_context=True)
def member_load(context: template.Context, person: Member) -> dict[str, Any]:
    """The card of a person's page: this week's hours against what they have, and the weeks ahead that are too full."""
    viewer: Member = context["member"]
    if not access.has_load_for(viewer, person):
        return {"row": None}
    load = loads.load_of([person], _today_and_weeks(viewer), viewer=viewer)
    row = loads.rows_of([person], load)[0]
    return {"row": row, "week": row.weeks[0], "parts": _parts(row.weeks[0], load), "person": person, "viewer": viewer,
            "url": reverse_in(viewer.workspace, "capacity:load_detail", person.pk)}  # fmt: skip


@register.simple_tag(takes_context=True)
def matrix_hours(context: template.Context, matrix: Matrix, today: date) -> list[tuple[Column, WeekLoad | None]]:
    """`{% matrix_hours matrix today as hours %}`: each column of the matrix with its week; empty where nobody's hours
    may be seen.
    """
    people = [column.party.id for column in matrix.columns if not column.party.is_team]
    weeks = loads.one_week(people, monday_of(today), viewer=context["member"])
    return [(column, weeks.get(column.party.id)) for column in matrix.columns] if weeks else []


def _parts(week: WeekLoad, load: loads.Load) -> Iterable[Mapping[str, object]]:
    return [
        {"label": load.things[part.thing].title, "value": part.hours, "url": load.things[part.thing].url}
        for part in week.parts
    ]


@register.simple_tag(takes_context=True)
def load_preview_url(context: template.Context, thing: Goal | Responsibility | Assignment | None = None) -> str:
    """Where a form asks what its hours come to, for a goal, a responsibility or an assignment that is being changed;
    for a new goal without one.
    """
    url = reverse_in(context["member"].workspace, "capacity:load_preview")
    return f"{url}?{thing._meta.model_name}={thing.pk}" if thing else url
