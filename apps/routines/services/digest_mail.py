"""A digest as a mail: gathered again when it is sent, so that it says what is so then, to who may still read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID

from django.utils.formats import time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.goals.services.reminder_mail import day_words
from apps.notifications.models import Delivery, DeliverySchedule
from apps.notifications.services.digest_parts import DigestRequest
from apps.notifications.services.mail_links import DAILY, WEEKLY, stop_url
from apps.notifications.services.messages import Message, Section
from apps.routines.services.digests import WEEKLY_LASTS, by_reader, gather, in_words_of
from apps.routines.services.places import WeekView, place_of, weeks_of


def render_digest(delivery: Delivery) -> Message | None:
    """What one digest says; None where it says nothing any more, or its day is over."""
    return render_digests([delivery])[delivery.pk]


def render_digests(deliveries: Sequence[Delivery]) -> dict[UUID, Message | None]:
    """What these digests say, gathered together; several of one person one after the other."""
    messages: dict[UUID, Message | None] = {delivery.pk: None for delivery in deliveries}
    waiting = [(delivery, asked) for delivery in deliveries if (asked := _asked(delivery)) is not None]
    while waiting:
        together: dict[UUID, tuple[Delivery, DigestRequest]] = {}
        later = [pair for pair in waiting if together.setdefault(pair[1].member.pk, pair) is not pair]
        at = max(delivery.updated_at for delivery, _asked in together.values())
        said = gather([asked for _delivery, asked in together.values()], at=at)
        weeks = weeks_of([asked for _delivery, asked in together.values()])
        schedules = {row.member_id: row for row in DeliverySchedule.objects.filter(member_id__in=together)}
        saying = [asked for pk, (_delivery, asked) in together.items() if pk in said and pk in schedules]
        for (language, zone), those in by_reader(saying):
            with in_words_of(language, zone):
                for asked in those:
                    pk = asked.member.pk
                    messages[together[pk][0].pk] = message_of(asked, schedules[pk], said[pk], weeks)
        waiting = later
    return messages


def _asked(delivery: Delivery) -> DigestRequest | None:
    """What a delivery is to say; nothing where its day is over by now, for the part that is of a day."""
    member, data = delivery.recipient, delivery.data
    if member is None or member.user is None:
        return None
    day, today = date.fromisoformat(data["day"]), member.today(delivery.updated_at)
    daily = data["daily"] and today <= day
    weekly = data["weekly"] and today <= day + timedelta(days=WEEKLY_LASTS)
    if not (daily or weekly):
        return None
    news = tuple(UUID(pk) for pk in data["news"])
    since = datetime.fromisoformat(data["since"])
    return DigestRequest(member=member, day=day, since=since, daily=daily, weekly=weekly, news=news)


def message_of(
    asked: DigestRequest, schedule: DeliverySchedule, sections: Sequence[Section], weeks: Mapping[UUID, WeekView]
) -> Message:
    """These sections as a whole mail, in the active language; `weeks` as weeks_of gives it."""
    member, place = asked.member, place_of(asked, sections, weeks)
    language = get_language() or ""
    frame = _frame(member.workspace.name, asked.day, asked.daily, asked.weekly, schedule.digest_at, language)
    return Message(
        subject=frame.subject,
        greeting=_("Hello %(name)s,") % {"name": member.name},
        paragraphs=(frame.opening,),
        sections=tuple(sections),
        action=place.label,
        url=place.url,
        reason=frame.reason,
        unsubscribe=stop_url(member, [name for name, wanted in _parts(asked) if wanted]),
    )


def _parts(asked: DigestRequest) -> tuple[tuple[str, bool], ...]:
    return ((DAILY, asked.daily), (WEEKLY, asked.weekly))


@dataclass(frozen=True)
class DigestFrame:
    """What a digest says around its parts: the line in the mailbox, how it begins, and why it comes."""

    subject: str
    opening: str
    reason: str


@lru_cache(maxsize=2_000)
def _frame(workspace: str, day: date, daily: bool, weekly: bool, digest_at: time, _language: str) -> DigestFrame:
    """The same for nearly everybody on one morning."""
    words = {"day": day_words(day), "workspace": workspace, "time": time_format(digest_at, "H:i")}
    if daily and weekly:
        return DigestFrame(
            _("Your day and your week in %(workspace)s: %(day)s") % words,
            _("This is what the day and the week bring in %(workspace)s.") % words,
            _(
                "You get this mail because your notification settings send a digest on your working days and one "
                "each week, at %(time)s."
            )
            % words,
        )
    if daily:
        return DigestFrame(
            _("Your day in %(workspace)s: %(day)s") % words,
            _("This is what the day brings in %(workspace)s.") % words,
            _("You get this mail because your notification settings send a digest on your working days at %(time)s.")
            % words,
        )
    return DigestFrame(
        _("Your week in %(workspace)s: %(day)s") % words,
        _("This is what the week brings in %(workspace)s.") % words,
        _("You get this mail because your notification settings send a digest each week at %(time)s.") % words,
    )
