"""The week's hours: a minute a week, for whoever likes to know."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.capacity import services as hours
from apps.capacity.forms.hours import HoursForm
from apps.capacity.queries.capacity import WEEK, monday_of
from apps.capacity.queries.hours import hours_sheet
from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits


@require_safe
def hours_now(request: HttpRequest) -> HttpResponse:
    """To this week's report."""
    member = actor(request)
    week = monday_of(member.today(timezone.now()))
    return redirect(reverse_in(member.workspace, "capacity:hours_week", week.isoformat()))


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(HoursForm)
def hours_week(request: HttpRequest, monday: str) -> HttpResponse:
    """One's own hours of a week: promised, last week's, and what they were."""
    member, at = actor(request), timezone.now()
    today = member.today(at)
    week = _week(monday, today)
    sheet = hours_sheet(member, week)
    form = HoursForm(request.POST if request.method == "POST" else None, sheet=sheet, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            hours.report_hours(week, form.hours(), by=member, at=at)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your hours are saved."))
            return redirect(request.path)
    context = {
        "form": form,
        "sheet": sheet,
        "week": week,
        "last_day": week + WEEK,
        "before": week - WEEK if today - (week - WEEK) <= hours.LONGEST_AGO else None,
        "after": week + WEEK if week + WEEK <= today else None,
        "is_now": week == monday_of(today),
        "today": today,
    }
    return render(request, "capacity/hours_week.html", context, status=422 if form.errors else 200)


def _week(text: str, today: date) -> date:
    """The Monday of an address. Raises Http404 for what is none, or one for which no hours are reported."""
    try:
        week = parse_date(text)
        if week is None or week.isoformat() != text:  # one address for each week
            raise Http404
        hours.check_week(week, today=today)
    except (ValueError, ValidationError) as error:
        raise Http404 from error
    return week
