"""Mails of notices: all that is due for a person goes into one mail, and none follows within the hour."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.core.urls import reverse_in
from apps.notifications.models import Delivery, DeliverySchedule, Notice
from apps.notifications.services.chat_channels import queue_chats_of_notices
from apps.notifications.services.deliveries import queue_deliveries
from apps.notifications.services.delivery_schedules import readers_of
from apps.notifications.services.kinds import KINDS, NoticeWords
from apps.notifications.services.mail_links import act_url, stop_url
from apps.notifications.services.messages import Item, Message, Section
from apps.notifications.services.notices import describe_notices
from apps.notifications.services.send_times import MailReader, next_moment
from apps.workspaces.models import Member

KIND = "notices"
APART = timedelta(hours=1)
PEOPLE_A_BATCH = 200
BATCHES_A_SWEEP = 50
SHOWN = 20


def sweep_notice_mails(*, at: datetime, anyway: bool = False) -> int:
    """Put what is due into mails, batch by batch, each its own transaction; gives back how many mails were made.

    `anyway` also mails people who may not be written to now: for trials in a demo.
    """
    made = 0
    for _batch in range(BATCHES_A_SWEEP):
        people, mails = queue_notice_mails(at=at, anyway=anyway)
        made += mails
        if people < PEOPLE_A_BATCH:
            break
    return made


@transaction.atomic
def queue_notice_mails(*, at: datetime, limit: int = PEOPLE_A_BATCH, anyway: bool = False) -> tuple[int, int]:
    """One mail for each person with due notices; gives back how many people were taken, and how many mails made.

    Who may not be written to now, or was within the hour, waits until they may. Each person's schedule is locked, and
    skipped where another sweep holds it: two beats make one mail.
    """
    due = Notice.objects.to_be_mailed() if anyway else Notice.objects.to_mail(at)
    rows = DeliverySchedule.objects.filter(member_id__in=due.order_by().values("recipient_id")).select_for_update(
        of=("self",), skip_locked=True
    )
    schedules = {schedule.member_id: schedule for schedule in rows.order_by("pk")[:limit]}
    waiting: dict[UUID, list[Notice]] = defaultdict(list)
    for notice in due.filter(recipient_id__in=schedules).order_by("mail_due_at", "pk"):
        waiting[notice.recipient_id].append(notice)
    people = Member.objects.filter(pk__in=waiting.keys()).select_related("user", "workspace").in_bulk()
    readers = readers_of(people.values(), at=at, schedules=schedules)
    now = {pk for pk in waiting if pk in readers and (anyway or _moment(readers[pk], at) == at)}
    _postpone([notice for pk in waiting.keys() - now for notice in waiting[pk]], readers, at=at)
    _mail([people[pk] for pk in sorted(now)], waiting, at=at)
    DeliverySchedule.objects.filter(member_id__in=now).update(last_mail_at=at, updated_at=at)
    return len(schedules), len(now)


def _moment(reader: MailReader, at: datetime) -> datetime | None:
    """When the next mail may go to them."""
    last = reader.schedule.last_mail_at
    return next_moment(reader, at if last is None else max(at, last + APART))


def _postpone(notices: Sequence[Notice], readers: dict[UUID, MailReader], *, at: datetime) -> None:
    for notice in notices:
        reader = readers.get(notice.recipient_id)
        notice.mail_due_at = _moment(reader, at) if reader else None
        notice.updated_at = at
    Notice.objects.bulk_update(notices, ["mail_due_at", "updated_at"], batch_size=1_000)


def _mail(people: Sequence[Member], waiting: dict[UUID, list[Notice]], *, at: datetime) -> None:
    queue_deliveries(
        [(member, at.isoformat(), {"notices": [str(notice.pk) for notice in waiting[member.pk]]}) for member in people],
        kind=KIND,
        at=at,
    )
    queue_chats_of_notices(people, waiting, at=at)
    taken = [notice.pk for member in people for notice in waiting[member.pk]]
    Notice.objects.filter(pk__in=taken).update(mailed_at=at, updated_at=at)


def render_notices(delivery: Delivery) -> Message | None:
    """What stands open of the notices put into a mail; None where all was done, or may no longer be seen, meanwhile.

    One notice reads as a mail of its own, several as a list.
    """
    member = delivery.recipient
    if member is None:
        return None
    ids = delivery.data.get("notices", ())
    rows = Notice.objects.open().filter(pk__in=ids, recipient_id=member.pk).order_by("created_at", "pk")
    notices = list(rows)
    for notice in notices:
        notice.recipient = member
    said = describe_notices(notices, at=delivery.updated_at)
    told = [notice for notice in notices if notice.pk in said]
    if not told:
        return None
    stop = stop_url(member, {notice.kind for notice in told})
    if len(told) == 1:
        return _of_one(member, told[0], said[told[0].pk], stop=stop)
    return _of_many(member, [(notice, said[notice.pk]) for notice in told], stop=stop, at=delivery.updated_at)


def _action(notice: Notice, said: NoticeWords) -> tuple[str, str]:
    """The one action and where it leads: to a page that does it after a yes, where one press is all it takes.

    Nobody says yes to what is private, and so not named, before they have signed in and read it.
    """
    if KINDS[notice.kind].act is None:
        return said.action, settings.SITE_URL + said.url
    if said.outside:
        return _("Open it in Counterpoise"), settings.SITE_URL + said.url
    return said.action, act_url(notice)


def _of_one(member: Member, notice: Notice, said: NoticeWords, *, stop: str) -> Message:
    action, url = _action(notice, said)
    return Message(
        subject=said.outside or said.title,
        greeting=_("Hello %(name)s,") % {"name": member.name},
        paragraphs=(sentence(said.outside or said.title), *([said.text] if said.text else [])),
        facts=said.facts,
        quote=said.quote,
        action=action,
        url=url,
        reason=said.reason,
        unsubscribe=stop,
    )


def _of_many(member: Member, told: Sequence[tuple[Notice, NoticeWords]], *, stop: str, at: datetime) -> Message:
    left = len(told) - SHOWN
    items = tuple(
        Item(
            title=said.outside or said.title, text=said.words, url=settings.SITE_URL + said.url, note=_when(notice, at)
        )
        for notice, said in told[:SHOWN]
    )
    more = ngettext("%(count)s more is in your inbox.", "%(count)s more are in your inbox.", left)
    return Message(
        subject=ngettext("%(count)s thing for you: %(first)s", "%(count)s things for you: %(first)s", len(told))
        % {"count": len(told), "first": told[0][1].outside or told[0][1].title},
        greeting=_("Hello %(name)s,") % {"name": member.name},
        paragraphs=(_("This came up for you in %(workspace)s:") % {"workspace": member.workspace.name},),
        sections=(Section("", items, more % {"count": left} if left > 0 else ""),),
        action=_("Open the inbox"),
        url=settings.SITE_URL + reverse_in(member.workspace, "notifications:notice_list"),
        reason=_(
            "You get this mail because your notification settings send such things at once, at most one mail an hour."
        ),
        unsubscribe=stop,
    )


def sentence(title: str) -> str:
    """A title as a sentence of its own."""
    return title if title.endswith((".", "?", "!", "…")) else f"{title}."


def _when(notice: Notice, at: datetime) -> str:
    """The hour it came up, with its weekday where that was not today."""
    came = timezone.localtime(notice.created_at)
    same_day = came.date() == timezone.localtime(at).date()
    return date_format(came, "H:i" if same_day else pgettext("date format", "D H:i"))
