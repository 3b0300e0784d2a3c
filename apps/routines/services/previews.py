"""The next digest as it would be now, for whoever it would go to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.notifications.models import DeliverySchedule
from apps.notifications.services import schedule_of
from apps.notifications.services.deliveries import queue_deliveries
from apps.notifications.services.delivery_schedules import plan, readers_of
from apps.notifications.services.digest_parts import DigestRequest
from apps.notifications.services.messages import Written, write
from apps.routines.services.digest_mail import message_of
from apps.routines.services.digests import (
    KIND,
    WEEKLY_LASTS,
    dedupe_key,
    gather,
    in_words_of,
    last_digest_before,
    with_news,
    with_something_to_say,
    written_down,
)
from apps.routines.services.places import weeks_of
from apps.workspaces.models import Member


class Which(StrEnum):
    """The two digests there are."""

    DAILY = "daily"
    WEEKLY = "weekly"


LABELS = {Which.DAILY: _("Morning digest"), Which.WEEKLY: _("Weekly digest")}


@dataclass(frozen=True)
class Preview:
    """One digest of one person as it would be now.

    `mail` is None where it would say nothing, so that none would come. `comes_at` is when the next one is due; None
    where none is planned: it is switched off, or there is no day for it. `together`: both come in one mail that day.
    """

    which: Which
    is_wanted: bool
    comes_at: datetime | None
    together: bool
    mail: Written | None


def preview_digest(member: Member, which: Which, *, at: datetime) -> Preview:
    """What the person's next digest would say if things stayed as they are. Takes nothing up and changes nothing."""
    schedule = schedule_of(member)
    reader = readers_of([member], at=at, schedules={member.pk: schedule}).get(member.pk)
    if reader is None or member.user is None:
        return Preview(which, is_wanted=False, comes_at=None, together=False, mail=None)
    if not _is_planned(schedule, at=at):  # the next sweep does it, within a minute
        plan(reader, schedule, after=at)
    daily = which == Which.DAILY
    today = at.astimezone(reader.zone).date()
    day = max((schedule.next_digest_on if daily else schedule.next_weekly_on) or today, today)
    asked = DigestRequest(member, day, last_digest_before(reader, day), daily=daily, weekly=not daily)
    (asked,) = with_news([asked], at=at)
    sections = gather([asked], at=at, today=day).get(member.pk)
    mail = None
    if sections:
        with in_words_of(member.user.language, member.user.timezone):
            mail = write(message_of(asked, schedule, sections, weeks_of([asked])), member.workspace)
    return Preview(
        which=which,
        is_wanted=_is_wanted(schedule, which),
        comes_at=schedule.next_digest_at if daily else schedule.next_weekly_at,
        together=schedule.next_digest_on is not None and schedule.next_digest_on == schedule.next_weekly_on,
        mail=mail,
    )


def _is_planned(schedule: DeliverySchedule, *, at: datetime) -> bool:
    """Whether what is planned holds: not for who is new, nor where nobody looked for longer than a digest lasts."""
    planned = [moment for moment in (schedule.next_digest_at, schedule.next_weekly_at) if moment is not None]
    return bool(planned) and min(planned) > at - timedelta(days=WEEKLY_LASTS + 1)


def _is_wanted(schedule: DeliverySchedule, which: Which) -> bool:
    return schedule.daily_digest if which == Which.DAILY else schedule.weekly_digest


@transaction.atomic
def queue_previews(members: Iterable[Member], *, at: datetime) -> int:
    """Put these people's digests of the day and of the week into the outbox now, whatever their schedule: for a demo.

    Gives back how many had something to say. `members` come with their account and workspace.
    """
    people = list(members)
    asked = []
    for member in people:
        reader = readers_of([member], at=at).get(member.pk)
        if reader is not None:
            day = at.astimezone(reader.zone).date()
            asked.append(DigestRequest(member, day, last_digest_before(reader, day), daily=True, weekly=True))
    asked = with_news(asked, at=at)
    having = with_something_to_say(asked, at=at)
    wanted = [(each.member, dedupe_key(each), written_down(each)) for each in asked if each.member.pk in having]
    queue_deliveries(wanted, kind=KIND, at=at)
    return len(wanted)
