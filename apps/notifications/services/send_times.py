"""When somebody may be written to: not in their quiet hours, on days off, in absences, or while they asked for silence.

All times of day are those of the person's own time zone. A day is a local date, so that the days on which clocks change
are days like any other (RFC 5545, section 3.3.5, for local times that do not exist: the moment after the gap).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.notifications.models import DeliverySchedule

WEEK = 7
DAYS_AHEAD = 400
"""Who may not be written to for longer than this is not waited for."""


@dataclass(frozen=True)
class MailReader:
    """What decides when a person may be written to."""

    schedule: DeliverySchedule
    zone: ZoneInfo
    working_days: Collection[int]
    away: tuple[tuple[date, date], ...] = field(default=())

    def is_day_for(self, day: date) -> bool:
        """Whether anything may be sent on this day of theirs."""
        if day.isoweekday() not in self.working_days or self.schedule.is_paused(day):
            return False
        return not any(first <= day <= last for first, last in self.away)

    def may_be_told(self, at: datetime) -> bool:
        """Whether a mail may go to them at this moment."""
        local = at.astimezone(self.zone)
        return self.is_day_for(local.date()) and not self.schedule.is_quiet(local.time())


def next_moment(reader: MailReader, at: datetime) -> datetime | None:
    """The first moment from `at` on at which a mail may go to them; None where there is none in the days ahead."""
    if reader.may_be_told(at):
        return at
    starts = (
        {time(0, 0)} if reader.schedule.quiet_from == reader.schedule.quiet_until else {reader.schedule.quiet_until}
    )
    if not reader.schedule.is_quiet(time(0, 0)):
        starts.add(time(0, 0))
    for day in _days(reader, at):
        for start in sorted(starts):
            moment = _instant(day, start, reader.zone)
            if moment >= at and reader.may_be_told(moment):
                return moment
    return None


def next_digest(reader: MailReader, after: datetime) -> datetime | None:
    """The next moment after `after` at which their morning digest is due; None where they want none, or have no day."""
    if not reader.schedule.daily_digest:
        return None
    moments = (_instant(day, reader.schedule.digest_at, reader.zone) for day in _days(reader, after))
    return next((moment for moment in moments if moment > after), None)


def next_weekly(reader: MailReader, after: datetime) -> datetime | None:
    """The next moment after `after` at which their weekly digest is due; on a day off it comes the next working day.

    None where they want none.
    """
    if not reader.schedule.weekly_digest:
        return None
    first = after.astimezone(reader.zone).date() - timedelta(days=WEEK)
    wanted = (day for day in _dates(first) if day.isoweekday() == reader.schedule.weekly_on)
    for week in wanted:
        day = next((day for day in _dates(week, WEEK) if reader.is_day_for(day)), None)
        moment = _instant(day, reader.schedule.digest_at, reader.zone) if day else None
        if moment is not None and moment > after:
            return moment
    return None


def moved_digest(reader: MailReader, *, planned_on: date | None, at: datetime) -> datetime | None:
    """When the next morning digest is due after the person travelled or chose another time.

    `planned_on` is the day the next one was for: it is the first without one, so it neither stays without nor do the
    days before it get a second.
    """
    if planned_on is None:
        return next_digest(reader, at)
    moment = _instant(planned_on, reader.schedule.digest_at, reader.zone)
    is_today = at.astimezone(reader.zone).date() == planned_on
    if reader.schedule.daily_digest and reader.is_day_for(planned_on) and moment <= at and is_today:
        return at
    before = _instant(planned_on, time(0, 0), reader.zone) - timedelta(microseconds=1)
    return next_digest(reader, max(at, before))


def _days(reader: MailReader, at: datetime) -> Iterator[date]:
    """Their days from the one of `at` on, on which something may be sent."""
    first = at.astimezone(reader.zone).date()
    return (day for day in _dates(first) if reader.is_day_for(day))


def _dates(first: date, most: int = DAYS_AHEAD) -> Iterable[date]:
    return (first + timedelta(days=days) for days in range(most))


def _instant(day: date, local: time, zone: ZoneInfo) -> datetime:
    """A local time as a moment; where clocks jump over it, as much later as they jump."""
    return datetime.combine(day, local, zone).astimezone(UTC)
