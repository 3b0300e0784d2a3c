"""When people may be written to: every time zone, a whole year, and people who travel."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.notifications.models import DeliverySchedule
from apps.notifications.services.send_times import MailReader, moved_digest, next_digest, next_moment, next_weekly
from tests.counts import times

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
DAYS = st.sets(st.integers(1, 7), min_size=1)
MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given one


@st.composite
def readers(draw: st.DrawFn) -> MailReader:
    start = draw(st.dates(date(2025, 12, 1), date(2026, 12, 1)))
    schedule = DeliverySchedule(
        quiet_from=draw(TIMES),
        quiet_until=draw(TIMES),
        digest_at=draw(TIMES),
        weekly_on=draw(st.integers(1, 7)),
        paused_until=draw(st.none() | st.dates(date(2025, 12, 1), date(2026, 12, 1))),
    )
    away = draw(st.sampled_from([(), ((start, start + timedelta(days=9)),)]))
    return MailReader(
        schedule=schedule, zone=ZoneInfo(draw(st.sampled_from(ZONES))), working_days=draw(DAYS), away=away
    )


@given(reader=readers(), at=MOMENTS)
@settings(max_examples=times(1500), deadline=None)
def test_nobody_is_written_to_at_the_wrong_time_nor_later_than_needed(reader, at):
    moment = next_moment(reader, at)
    assert moment is not None
    assert moment >= at
    assert reader.may_be_told(moment)
    before = at + (moment - at) / 2
    for earlier in (at, before, moment - timedelta(minutes=1)):
        assert earlier < at or earlier == moment or not reader.may_be_told(earlier)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("digest_at", [time(2, 30), time(8, 30), time(0, 15)])
def test_each_working_day_of_a_year_has_one_digest(zone, digest_at):
    reader = MailReader(
        schedule=DeliverySchedule(digest_at=digest_at), zone=ZoneInfo(zone), working_days=(1, 2, 3, 4, 5)
    )
    at, days = datetime(2026, 1, 1, tzinfo=UTC), []
    while (moment := next_digest(reader, at)) is not None and moment.year == 2026:
        days.append(moment.astimezone(reader.zone).date())
        at = moment
    year = [date(2026, 1, 2) + timedelta(days=n) for n in range(364)]
    assert [day for day in days if year[0] <= day <= year[-1]] == [day for day in year if day.isoweekday() < 6]


@given(zone=st.sampled_from(ZONES), digest_at=TIMES, at=MOMENTS)
@settings(max_examples=times(2000), deadline=None)
def test_digests_follow_each_other_by_days_in_every_zone(zone, digest_at, at):
    reader = MailReader(schedule=DeliverySchedule(digest_at=digest_at), zone=ZoneInfo(zone), working_days=range(1, 8))
    moments = [at]
    for _day in range(5):
        moments.append(next_digest(reader, moments[-1]) or at)
    days = [moment.astimezone(reader.zone).date() for moment in moments[1:]]
    skipped = {date(2011, 12, 30)}  # the only day a zone ever left out lies before
    assert all(after - before == timedelta(days=1) for before, after in pairwise(days)) or skipped & set(days)


def _moment(found: datetime | None) -> datetime:
    """There is one: nobody here is away for good."""
    assert found is not None
    return found


@given(
    zones=st.lists(st.sampled_from(ZONES), min_size=2, max_size=5),
    stays=st.lists(st.integers(1, 80), min_size=5, max_size=5),
    digest_at=TIMES,
    at=MOMENTS,
)
@settings(max_examples=times(1500), deadline=None)
def test_who_travels_gets_one_digest_for_each_day_and_none_twice(zones, stays, digest_at, at):
    """A clock runs through stays of some hours in several zones; what is due is sent and the next one planned."""
    schedule = DeliverySchedule(digest_at=digest_at, quiet_from=time(0, 0), quiet_until=time(0, 0))
    reader = MailReader(schedule=schedule, zone=ZoneInfo(zones[0]), working_days=range(1, 8))
    due = _moment(next_digest(reader, at))
    on = due.astimezone(reader.zone).date()
    sent: list[date] = []
    for zone, hours in zip(zones, stays, strict=False):
        reader = MailReader(schedule=schedule, zone=ZoneInfo(zone), working_days=range(1, 8))
        due = _moment(moved_digest(reader, planned_on=on, at=at))
        on = due.astimezone(reader.zone).date()
        leaves = at + timedelta(hours=hours)
        while due <= leaves:
            sent.append(on)
            due = _moment(next_digest(reader, due))
            on = due.astimezone(reader.zone).date()
        at = leaves
    assert all(after > before for before, after in pairwise(sent))
    if sent:
        days = (sent[-1] - sent[0]).days + 1
        assert days - len(sent) <= len(zones)  # who crosses the date line leaves a day out


@given(reader=readers(), at=MOMENTS)
@settings(max_examples=times(1000), deadline=None)
def test_the_weekly_digest_comes_once_a_week_on_a_day_that_suits(reader, at):
    first = _moment(next_weekly(reader, at))
    second = _moment(next_weekly(reader, first))
    for moment in (first, second):
        assert reader.is_day_for(moment.astimezone(reader.zone).date())
    assert second > first


def test_who_lands_late_gets_the_digest_of_the_day_at_once():
    tokyo = MailReader(schedule=DeliverySchedule(), zone=ZoneInfo("Asia/Tokyo"), working_days=(1, 2, 3, 4, 5))
    landed = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)  # Wednesday noon there
    assert moved_digest(tokyo, planned_on=date(2026, 3, 4), at=landed) == landed
    assert moved_digest(tokyo, planned_on=date(2026, 3, 5), at=landed) == datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


def test_no_digest_where_none_is_wanted():
    reader = MailReader(
        schedule=DeliverySchedule(daily_digest=False, weekly_digest=False), zone=ZoneInfo("UTC"), working_days=(1,)
    )
    at = datetime(2026, 3, 4, tzinfo=UTC)
    assert (next_digest(reader, at), next_weekly(reader, at)) == (None, None)
    assert moved_digest(reader, planned_on=date(2026, 3, 5), at=at) is None


def test_every_zone_has_one_digest_for_each_day_of_a_year() -> None:
    """All of the database, not a choice: whatever a zone's clock does, no day is left out and none comes twice."""
    first, days = date(2026, 1, 1), 365
    start = datetime(2025, 12, 30, tzinfo=UTC)
    wrong = []
    for name in ZONES:
        reader = MailReader(
            schedule=DeliverySchedule(digest_at=time(2, 30)), zone=ZoneInfo(name), working_days=range(1, 8)
        )
        moment = next_digest(reader, start)
        found: list[date] = []
        while moment is not None and len(found) < days:
            day = moment.astimezone(reader.zone).date()
            found += [day] if day >= first else []
            moment = next_digest(reader, moment)
        if found != [first + timedelta(days=number) for number in range(days)]:
            wrong.append(name)
    assert wrong == []
