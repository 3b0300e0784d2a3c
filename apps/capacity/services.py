"""Reporting the hours of a week: one's own, as often as one likes; the last word counts."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.capacity import access
from apps.capacity.models import HoursReport
from apps.capacity.queries.capacity import HoursSubject, monday_of
from apps.capacity.queries.hours import thing_reported, things_seen
from apps.workspaces.models import Member

HOURS_OF_A_WEEK = 168
LONGEST_AGO = timedelta(weeks=53)
ROWS_MOST = 200
Rows = Mapping[HoursSubject | None, Decimal | None]
"""What is reported: a goal or a responsibility, or None for everything else, and its hours; no hours take it away."""


@transaction.atomic
def report_hours(week: date, rows: Rows, *, by: Member, at: datetime) -> bool:
    """Set the actor's hours of the week that begins on a Monday; what `rows` does not name stays.

    The same report again changes nothing. True where something changed. Raises PermissionDenied, ValidationError (by
    field: `week`, `hours`, `rows`).
    """
    if not access.can_report_hours(by):
        raise PermissionDenied(_("Only people who work here can report hours."))
    check_week(week, today=by.today(at))
    wanted = {thing: _tenth(hours) for thing, hours in rows.items()}
    Member.objects.select_for_update().get(pk=by.pk)  # one report of a person at a time
    before = {thing_reported(row): row for row in HoursReport.objects.filter(member=by, week=week)}
    _check_things(wanted, by=by)
    _check_sum({thing: row.hours for thing, row in before.items()} | wanted)
    changed = {thing: hours for thing, hours in wanted.items() if _now(before.get(thing)) != hours}
    for thing, hours in changed.items():
        _write(before.get(thing), thing, hours, week=week, by=by)
    if changed:
        activity.record(
            "member.hours_reported", by, by=by, at=at, workspace_id=by.workspace_id, data={"week": week.isoformat()}
        )
    return bool(changed)


def check_week(week: date, *, today: date) -> None:
    """Raise ValidationError unless hours may be reported for the week: a Monday, not to come, within a year."""
    if week != monday_of(week):
        raise ValidationError({"week": _("A week begins on a Monday.")})
    if week > today:
        raise ValidationError({"week": _("This week has not begun yet.")})
    if today - week > LONGEST_AGO:
        raise ValidationError({"week": _("This week is more than a year ago.")})


def _tenth(hours: Decimal | None) -> Decimal | None:
    """The hours to a tenth; none at all for 0."""
    if hours is None:
        return None
    if not hours.is_finite() or not 0 <= hours <= HOURS_OF_A_WEEK:
        raise ValidationError({"hours": _("Give hours from 0 to 168.")})
    return round(hours, 1) or None


def _check_things(wanted: Rows, *, by: Member) -> None:
    named = [thing for thing, hours in wanted.items() if thing and hours]
    if len(named) > ROWS_MOST:
        raise ValidationError({"rows": _("These are too many lines for one week.")})
    if named and set(named) - things_seen(by, named):
        raise ValidationError({"rows": _("One of these goals or responsibilities is not there.")})


def _check_sum(all_hours: Rows) -> None:
    total = sum((hours for hours in all_hours.values() if hours), Decimal(0))
    if total > HOURS_OF_A_WEEK:
        raise ValidationError({"hours": _("A week has 168 hours. These come to %(total)s.") % {"total": total}})


def _now(row: HoursReport | None) -> Decimal | None:
    return row.hours if row else None


def _write(
    row: HoursReport | None, thing: HoursSubject | None, hours: Decimal | None, *, week: date, by: Member
) -> None:
    if hours is None:
        if row is not None:
            row.delete()
        return
    if row is None:
        row = HoursReport(workspace_id=by.workspace_id, member=by, week=week)
        if thing:
            setattr(row, f"{thing.kind}_id", thing.pk)
    row.hours = hours
    row.save()
