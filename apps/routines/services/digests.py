"""Digests: who is due one, what it says, and putting it into the outbox, once for each person and day."""

import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from apps.notifications.models import DeliverySchedule, Notice, Reach
from apps.notifications.services.deliveries import queue_deliveries
from apps.notifications.services.delivery_schedules import readers_of, save_plans, set_days
from apps.notifications.services.digest_parts import DigestRequest, Words, digest_parts
from apps.notifications.services.messages import Section
from apps.notifications.services.send_times import MailReader, next_digest, next_moment, next_weekly
from apps.routines.services.fitting import fitted
from apps.workspaces.models import Member

KIND = "digest"
PEOPLE_A_BATCH = 500
BATCHES_A_SWEEP = 40
ON_TIME = timedelta(hours=1)
WEEKLY_LASTS = 2
"""So many days after its own a weekly digest still makes sense; a morning digest only on its day."""
LOOKS_BACK = 14
"""The first digest after a pause or an absence tells of at most so many days."""
NEWS_MAX = 100


def sweep_digests(*, at: datetime) -> int:
    """Put the digests that are due into the outbox, batch by batch, each its own transaction; gives back how many."""
    queued = 0
    for _batch in range(BATCHES_A_SWEEP):
        people, digests = queue_digests(at=at)
        queued += digests
        if people < PEOPLE_A_BATCH:
            break
    return queued


@transaction.atomic
def queue_digests(*, at: datetime, limit: int = PEOPLE_A_BATCH) -> tuple[int, int]:
    """One mail for each person whose morning or weekly digest is due and has something to say, both in one.

    Gives back how many people were taken and how many mails made. The schedule of each is locked, skipped where another
    sweep holds it, and planned ahead: two sweeps make one digest. What is late goes where it still makes sense.
    """
    due = Q(next_digest_at__lte=at) | Q(next_weekly_at__lte=at)
    rows = DeliverySchedule.objects.filter(due).select_for_update(of=("self",), skip_locked=True).order_by("pk")[:limit]
    schedules = {schedule.member_id: schedule for schedule in rows}
    people = list(Member.objects.filter(pk__in=schedules).select_related("user", "workspace").order_by("pk"))
    readers = readers_of(people, at=at, schedules=schedules)
    asked = [
        found for member in people if (found := _turn(member, readers.get(member.pk), schedules[member.pk], at=at))
    ]
    asked = with_news(asked, at=at)
    having = with_something_to_say(asked, at=at)
    mails = [each for each in asked if each.member.pk in having]
    queue_deliveries([(each.member, dedupe_key(each), written_down(each)) for each in mails], kind=KIND, at=at)
    _take_up(asked, at=at)
    for each in mails:
        schedules[each.member.pk].last_mail_at = at
    save_plans(schedules.values())
    return len(schedules), len(mails)


def dedupe_key(asked: DigestRequest) -> str:
    """What makes a digest that of one day."""
    return asked.day.isoformat() if asked.daily else f"weekly:{asked.day.isoformat()}"


def written_down(asked: DigestRequest) -> dict[str, object]:
    """What the outbox keeps of a digest: no words, only what to gather again."""
    return {
        "day": asked.day.isoformat(),
        "since": asked.since.isoformat(),
        "daily": asked.daily,
        "weekly": asked.weekly,
        "news": [str(pk) for pk in asked.news],
    }


def _turn(
    member: Member, reader: MailReader | None, schedule: DeliverySchedule, *, at: datetime
) -> DigestRequest | None:
    """What of a person's digests goes now. Plans the next ones (unsaved)."""
    if reader is None:  # they have no account any more
        schedule.next_digest_at = schedule.next_weekly_at = schedule.next_digest_on = schedule.next_weekly_on = None
        return None
    daily_on, schedule.next_digest_at = _due(
        reader, schedule.next_digest_at, schedule.next_digest_on, lasts=0, following=next_digest, at=at
    )
    weekly_on, schedule.next_weekly_at = _due(
        reader, schedule.next_weekly_at, schedule.next_weekly_on, lasts=WEEKLY_LASTS, following=next_weekly, at=at
    )
    set_days(reader, schedule)
    day = daily_on or weekly_on
    if day is None or not (member.is_active and member.user and member.user.is_active):
        return None
    since = last_digest_before(reader, day)
    return DigestRequest(member=member, day=day, since=since, daily=daily_on is not None, weekly=weekly_on is not None)


Following = Callable[[MailReader, datetime], datetime | None]


def _due(
    reader: MailReader, due: datetime | None, on: date | None, *, lasts: int, following: Following, at: datetime
) -> tuple[date | None, datetime | None]:
    """The day whose digest goes now, if any, and when the next one is due; those that come too late are passed over."""
    while due is not None and due <= at:
        day = on or due.astimezone(reader.zone).date()
        then = may_go(reader, due=due, planned_on=day, lasts=lasts, at=at)
        over = datetime.combine(day + timedelta(days=1), time(0, 0), reader.zone) - timedelta(microseconds=1)
        if then == at:
            return day, following(reader, max(at, over))
        if then is not None:
            return None, then
        due, on = following(reader, max(over, at - timedelta(days=lasts + 1))), None
    return None, due


def may_go(reader: MailReader, *, due: datetime, planned_on: date, lasts: int, at: datetime) -> datetime | None:
    """When a digest that became due may go: now, later, or not at all, since it would come more than `lasts` days late.

    At the hour its reader chose it goes even in their quiet hours; a late one does not.
    """
    if at - due < ON_TIME and reader.is_day_for(at.astimezone(reader.zone).date()):
        return at
    then = next_moment(reader, at)
    if then is None or then.astimezone(reader.zone).date() > planned_on + timedelta(days=lasts):
        return None
    return then


def last_digest_before(reader: MailReader, day: date) -> datetime:
    """When the last morning digest before a day was due, at most LOOKS_BACK days ago: from then on things are new."""
    days = (day - timedelta(days=back) for back in range(1, LOOKS_BACK + 1))
    last = next((day for day in days if reader.is_day_for(day)), day - timedelta(days=LOOKS_BACK))
    return datetime.combine(last, reader.schedule.digest_at, reader.zone)


def _news(people: Sequence[UUID], *, at: datetime) -> dict[UUID, tuple[UUID, ...]]:
    """The notices that the next morning digest of each takes up: also those that are due to be mailed and were not."""
    lately = (at - timedelta(days=LOOKS_BACK), at)
    unsaid = Notice.objects.open().filter(recipient_id__in=people, digested_at=None, created_at__range=lately)
    unmailed = Q(reach=Reach.MAIL, mailed_at=None, mail_due_at__lte=at)
    found: dict[UUID, list[UUID]] = defaultdict(list)
    rows = unsaid.filter(Q(reach=Reach.DIGEST) | unmailed).order_by("-created_at", "-pk")
    for recipient_id, pk in rows.values_list("recipient_id", "pk"):
        found[recipient_id].append(pk)
    return {recipient_id: tuple(ids[:NEWS_MAX]) for recipient_id, ids in found.items()}


def with_news(asked: Sequence[DigestRequest], *, at: datetime) -> list[DigestRequest]:
    """These digests with the notices that the morning ones take up."""
    news = _news([each.member.pk for each in asked if each.daily], at=at)
    return [replace(each, news=news.get(each.member.pk, ())) for each in asked]


def _take_up(asked: Sequence[DigestRequest], *, at: datetime) -> None:
    """Note that a digest said these, so that neither the next one nor a mail of their own does."""
    taken = Notice.objects.filter(pk__in=[pk for each in asked for pk in each.news])
    taken.update(digested_at=at, updated_at=at)
    taken.filter(reach=Reach.MAIL, mailed_at=None).update(mailed_at=at)


# ---- what they say ----


def read(asked: Sequence[DigestRequest], *, at: datetime, today: date | None = None) -> dict[UUID, tuple[Words, ...]]:
    """What each of these digests has to say, by the member's id, not yet in words; one digest a member.

    Those that have nothing to say are left out. `today` is the day to count from, where it is not the one that `at` has
    where they live. The number of queries grows with these days, of which there are at most three on earth at a time;
    not with the people, their languages and time zones.
    """
    found: dict[UUID, tuple[Words, ...]] = {}
    for day, those in sorted(_by_day(asked, at=at, today=today).items()):
        found |= _read(those, today=day, at=at)
    return found


def with_something_to_say(asked: Sequence[DigestRequest], *, at: datetime) -> set[UUID]:
    """Whose digests would be mails: the members' ids. As `read`, without what is no news by itself."""
    return {pk for day, those in _by_day(asked, at=at).items() for pk in _read(those, today=day, at=at, only_news=True)}


def _by_day(
    asked: Sequence[DigestRequest], *, at: datetime, today: date | None = None
) -> dict[date, list[DigestRequest]]:
    """These digests by the day it is where their readers live."""
    days: dict[date, list[DigestRequest]] = defaultdict(list)
    for each in asked:
        user = each.member.user
        if user is not None:
            days[today or at.astimezone(zoneinfo.ZoneInfo(user.timezone)).date()].append(each)
    return days


def _read(
    asked: Sequence[DigestRequest], *, today: date, at: datetime, only_news: bool = False
) -> dict[UUID, tuple[Words, ...]]:
    said: dict[UUID, list[Words]] = defaultdict(list)
    having: set[UUID] = set()
    for part in digest_parts():
        if only_news and not part.news:
            continue
        those = [each for each in asked if (each.weekly if part.weekly else each.daily)]
        found = part.read(those, today, at) if those else {}
        for pk, words in found.items():
            said[pk].append(words)
            having |= {pk} if part.news else set()
    return {pk: tuple(those) for pk, those in said.items() if pk in having}


def gather(
    asked: Sequence[DigestRequest], *, at: datetime, today: date | None = None
) -> dict[UUID, tuple[Section, ...]]:
    """The same in words, each in the language and time zone of its reader."""
    found = read(asked, at=at, today=today)
    said = {}
    for (language, zone), those in by_reader(each for each in asked if each.member.pk in found):
        with in_words_of(language, zone):
            for each in those:
                sections = [section for say in found[each.member.pk] for section in say()]
                said[each.member.pk] = fitted(sections, each.member)
    return said


def by_reader(asked: Iterable[DigestRequest]) -> list[tuple[tuple[str, str], list[DigestRequest]]]:
    """These digests by the language and the time zone of their readers."""
    groups: dict[tuple[str, str], list[DigestRequest]] = defaultdict(list)
    for each in asked:
        if each.member.user is not None:
            groups[each.member.user.language, each.member.user.timezone].append(each)
    return list(groups.items())


@contextmanager
def in_words_of(language: str, zone: str) -> Iterator[None]:
    """Words, days and times as somebody of this language and time zone knows them."""
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
        yield
