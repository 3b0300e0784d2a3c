"""A digest as a mail: gathered again when it is sent, so that it says what is so then, to who may still read it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.formats import time_format
from django.utils.translation import gettext as _

from apps.goals.services.reminder_mail import day_words
from apps.notifications.models import Delivery, Rhythm
from apps.notifications.services.mail_links import DAILY, WEEKLY, stop_url
from apps.notifications.services.messages import Message, Section
from apps.routines.services.digests import WEEKLY_LASTS, gather, in_words_of
from apps.routines.services.places import Week, place_of, weeks_of
from apps.routines.services.sections import Asked


def render_digest(delivery: Delivery) -> Message | None:
    """What one digest says; None where it says nothing any more, or its day is over."""
    return render_digests([delivery])[delivery.pk]


def render_digests(deliveries: Sequence[Delivery]) -> dict[UUID, Message | None]:
    """What these digests say, gathered together; several of one person one after the other."""
    messages: dict[UUID, Message | None] = {delivery.pk: None for delivery in deliveries}
    waiting = [(delivery, asked) for delivery in deliveries if (asked := _asked(delivery)) is not None]
    while waiting:
        together: dict[UUID, tuple[Delivery, Asked]] = {}
        later = [pair for pair in waiting if together.setdefault(pair[1].member.pk, pair) is not pair]
        at = max(delivery.updated_at for delivery, _asked in together.values())
        said = gather([asked for _delivery, asked in together.values()], at=at)
        weeks = weeks_of([asked for _delivery, asked in together.values()])
        rhythms = {row.member_id: row for row in Rhythm.objects.filter(member_id__in=together)}
        for pk, (delivery, asked) in together.items():
            if pk in said and pk in rhythms:
                messages[delivery.pk] = message_of(asked, rhythms[pk], said[pk], weeks)
        waiting = later
    return messages


def _asked(delivery: Delivery) -> Asked | None:
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
    return Asked(member=member, day=day, since=since, daily=daily, weekly=weekly, news=news)


def message_of(asked: Asked, rhythm: Rhythm, sections: Sequence[Section], weeks: Mapping[UUID, Week]) -> Message:
    """These sections as a whole mail, in the words of its reader; `weeks` as weeks_of gives it."""
    member = asked.member
    assert member.user is not None  # noqa: S101 - _asked saw to it
    with in_words_of(member.user.language, member.user.timezone):
        place = place_of(asked, sections, weeks)
        return Message(
            subject=subject(asked),
            greeting=_("Hello %(name)s,") % {"name": member.name},
            paragraphs=(_opening(asked),),
            sections=tuple(sections),
            action=place.label,
            url=place.url,
            reason=_reason(asked, rhythm),
            unsubscribe=stop_url(member, [name for name, wanted in _parts(asked) if wanted]),
        )


def _parts(asked: Asked) -> tuple[tuple[str, bool], ...]:
    return ((DAILY, asked.daily), (WEEKLY, asked.weekly))


def subject(asked: Asked) -> str:
    """The line in the mailbox."""
    words = {"day": day_words(asked.day), "workspace": asked.member.workspace.name}
    if asked.daily and asked.weekly:
        return _("Your day and your week in %(workspace)s: %(day)s") % words
    if asked.daily:
        return _("Your day in %(workspace)s: %(day)s") % words
    return _("Your week in %(workspace)s: %(day)s") % words


def _opening(asked: Asked) -> str:
    words = {"workspace": asked.member.workspace.name}
    if asked.daily and asked.weekly:
        return _("This is what the day and the week bring in %(workspace)s.") % words
    if asked.daily:
        return _("This is what the day brings in %(workspace)s.") % words
    return _("This is what the week brings in %(workspace)s.") % words


def _reason(asked: Asked, rhythm: Rhythm) -> str:
    words = {"time": time_format(rhythm.digest_at, "H:i")}
    if asked.daily and asked.weekly:
        return (
            _("You get this mail because you want a digest on your working days and one each week, at %(time)s.")
            % words
        )
    if asked.daily:
        return _("You get this mail because you want a digest on your working days at %(time)s.") % words
    return _("You get this mail because you want a digest each week at %(time)s.") % words
