"""Telling people of things, once each, and taking it back when the thing is done."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from apps.activity.services import plain
from apps.core.clock import due_at_once
from apps.notifications.models import Notice, Reach
from apps.notifications.services.delivery_schedules import make_schedules, readers_of
from apps.notifications.services.kinds import KINDS, NoticeWords
from apps.notifications.services.preferences import reach_among
from apps.notifications.services.send_times import next_moment
from apps.workspaces.models import Member


@dataclass(frozen=True)
class News:
    """One person to be told of one thing; see notify for the words."""

    recipient: Member
    subject_id: UUID
    about_id: UUID
    dedupe_key: str
    step: int = 1
    data: dict[str, Any] = field(default_factory=dict)


def notify(
    kind: str,
    *,
    recipients: Iterable[Member],
    subject_id: UUID,
    about_id: UUID,
    dedupe_key: str,
    at: datetime,
    by: Member | None = None,
    step: int = 1,
    data: dict[str, Any] | None = None,
) -> int:
    """Tell people of one thing, in the transaction of its cause; gives back how many were not told before.

    Nobody is told of their own doing (`by`), nor somebody without an account who could read it, nor who switched the
    kind off. (recipient, kind, dedupe_key) is told once however often this is called; a reminder of it is another
    dedupe_key and a later `step`. `about_id` is the page it belongs to. KeyError where nobody declared the kind.
    """
    people = (member for member in recipients if by is None or member.pk != by.pk)
    return notify_many(kind, [News(each, subject_id, about_id, dedupe_key, step, data or {}) for each in people], at=at)


def notify_many(kind: str, news: Sequence[News], *, at: datetime) -> int:
    """Tell many people of many things of one kind, each as notify does, in a number of queries that does not grow."""
    people = _who_can_read(each.recipient.pk for each in news)
    reach = reach_among(kind, people.keys())
    wanted = {
        (each.recipient.pk, each.dedupe_key): each
        for each in news
        if each.recipient.pk in people and reach[each.recipient.pk] != Reach.OFF
    }
    told = Notice.objects.filter(
        kind=kind, recipient_id__in=people, dedupe_key__in={dedupe_key for _pk, dedupe_key in wanted}
    )
    for key in told.values_list("recipient_id", "dedupe_key"):
        wanted.pop(key, None)
    mailed = {pk for pk, _dedupe_key in wanted if reach[pk] == Reach.MAIL}
    due = _mail_moments([people[pk] for pk in sorted(mailed)], at=at)
    Notice.objects.bulk_create(
        [
            Notice(
                workspace_id=people[pk].workspace_id,
                recipient=people[pk],
                kind=kind,
                dedupe_key=dedupe_key,
                subject_id=each.subject_id,
                about_id=each.about_id,
                step=each.step,
                data=plain(each.data),
                reach=reach[pk],
                mail_due_at=due_at_once(at) if due.get(pk) == at else due.get(pk),
                created_at=at,
            )
            for (pk, dedupe_key), each in wanted.items()
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )
    return len(wanted)


def _who_can_read(ids: Iterable[UUID]) -> dict[UUID, Member]:
    wanted = set(ids)
    if not wanted:
        return {}
    people = Member.objects.filter(pk__in=wanted, deactivated_at=None, user__is_active=True)
    return {member.pk: member for member in people.select_related("user", "workspace").order_by("pk")}


def _mail_moments(people: Sequence[Member], *, at: datetime) -> dict[UUID, datetime | None]:
    """When each may be mailed. Everybody who is gets a schedule: its row is what bundling locks."""
    if not people:
        return {}
    make_schedules(people, at=at)
    return {pk: next_moment(reader, at) for pk, reader in readers_of(people, at=at).items()}


def settle(
    kinds: Iterable[str], subject_ids: Iterable[UUID], *, at: datetime, recipients: Iterable[Member] | None = None
) -> int:
    """The thing is done: what was told of it leaves the inboxes and is reminded of no more; gives back how many.

    In the transaction of the doing, so that nobody is reminded of what is done.
    """
    open_ones = Notice.objects.filter(kind__in=list(kinds), subject_id__in=list(subject_ids), done_at=None)
    if recipients is not None:
        open_ones = open_ones.filter(recipient__in=list(recipients))
    return open_ones.update(done_at=at, updated_at=at)


def read_notices(notices: Iterable[Notice], *, at: datetime) -> dict[UUID, Callable[[], NoticeWords]]:
    """What says the words of each notice, by its id, in the language and time zone active when it is called.

    The notices may be of many recipients, of any language, each with its `recipient` at hand. The number of queries
    grows with the kinds among them, not with the notices, and saying makes none. Left out is what says nothing: see
    NoticeKind; and a kind nobody declares.
    """
    found: dict[UUID, Callable[[], NoticeWords]] = {}
    for name, those in groupby(sorted(notices, key=lambda notice: notice.kind), key=lambda notice: notice.kind):
        if kind := KINDS.get(name):
            by_id = {notice.pk: notice for notice in those}
            rows = kind.read(list(by_id.values()), at)
            found |= {pk: partial(kind.say, by_id[pk], row) for pk, row in rows.items()}
    return found


def describe_notices(notices: Iterable[Notice], *, at: datetime) -> dict[UUID, NoticeWords]:
    """What notices say, in the active language, for recipients who all read it; see read_notices."""
    return {pk: say() for pk, say in read_notices(notices, at=at).items()}
