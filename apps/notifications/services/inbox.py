"""What a person does in their inbox: reading, marking, putting away, and doing the one thing a notice asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from apps.core.pagination import Page
from apps.notifications import access, queries
from apps.notifications.models import Notice
from apps.notifications.services.kinds import KINDS, NoticeKind, NoticeWords, asking_kinds
from apps.notifications.services.notices import describe_notices, read_notices
from apps.workspaces.models import Member

SHOWN_OF_A_THING = 4


@dataclass(frozen=True)
class InboxLine:
    """One notice and its words."""

    notice: Notice
    kind: NoticeKind[Any]
    said: NoticeWords

    @property
    def is_unread(self) -> bool:
        """Whether its reader has not looked at it."""
        return self.notice.read_at is None

    @property
    def is_done_here(self) -> bool:
        """Whether one press of a button in the inbox does what it asks for."""
        return self.kind.act is not None


@dataclass(frozen=True)
class InboxSubject:
    """What notices are about, with these notices: the newest first, some shown and the rest folded."""

    about_id: UUID
    title: str
    url: str
    lines: tuple[InboxLine, ...]

    @property
    def shown(self) -> tuple[InboxLine, ...]:
        """The newest."""
        return self.lines[:SHOWN_OF_A_THING]

    @property
    def folded(self) -> tuple[InboxLine, ...]:
        """Those behind “more”."""
        return self.lines[SHOWN_OF_A_THING:]

    @property
    def unread(self) -> int:
        """How many of them nobody looked at."""
        return sum(line.is_unread for line in self.lines)


def describe(notices: Iterable[Notice], *, by: Member, at: datetime) -> dict[UUID, NoticeWords]:
    """What one's own notices say; see describe_notices. The reader is their recipient, so nobody is read for each."""
    return describe_notices(_of_their_own(notices, by), at=at)


def _of_their_own(notices: Iterable[Notice], reader: Member) -> list[Notice]:
    rows = list(notices)
    for notice in rows:
        notice.recipient = reader
    return rows


def read_inbox(by: Member, place: Mapping[str, str], *, at: datetime, only_unread: bool = False) -> Page[InboxSubject]:
    """A page of what the person was told of, grouped by what it is about.

    Notices that say nothing any more, since the reader may no longer see what they speak of, are taken as read here,
    so that the bell does not count them.
    """
    page = queries.newest_of_things(by, place, only_unread=only_unread)
    notices = queries.notices_about(by, [head.about_id for head in page.rows], only_unread=only_unread)
    said = describe(notices, by=by, at=at)
    _forget([notice for notice in notices if notice.pk not in said and notice.read_at is None], by=by, at=at)
    lines: dict[UUID, list[InboxLine]] = {}
    for notice in notices:
        if notice.pk in said:
            lines.setdefault(notice.about_id, []).append(InboxLine(notice, KINDS[notice.kind], said[notice.pk]))
    things = [
        InboxSubject(about_id, those[0].said.about, those[0].said.about_url, tuple(those))
        for about_id, those in lines.items()
    ]
    return Page(rows=things, previous=page.previous, next=page.next)


def _forget(notices: Sequence[Notice], *, by: Member, at: datetime) -> None:
    if notices:
        mark_read([notice.pk for notice in notices], by=by, at=at)


def mark_read(ids: Iterable[UUID], *, by: Member, at: datetime) -> int:
    """Take one's own notices of these ids as read; gives back how many were not."""
    mine = access.visible_notices(by).filter(pk__in=list(ids), read_at=None)
    return mine.update(read_at=at, updated_at=at)


def mark_unread(ids: Iterable[UUID], *, by: Member, at: datetime) -> int:
    """Take one's own open notices of these ids as not read; gives back how many were."""
    mine = access.visible_notices(by).open().filter(pk__in=list(ids), read_at__isnull=False)
    return mine.update(read_at=None, updated_at=at)


def mark_all_read(*, by: Member, at: datetime, about_id: UUID | None = None) -> int:
    """Take all one's notices as read, or those about one thing; gives back how many were not."""
    mine = access.visible_notices(by).unread()
    if about_id is not None:
        mine = mine.filter(about_id=about_id)
    return mine.update(read_at=at, updated_at=at)


def put_away(ids: Iterable[UUID], *, by: Member, at: datetime) -> int:
    """Take one's own notices of these ids out of the inbox; gives back how many were in it.

    Nothing happens to what they speak of. A reminder of it is a new notice, which comes all the same.
    """
    mine = access.visible_notices(by).open().filter(pk__in=list(ids))
    return mine.update(done_at=at, read_at=Coalesce(F("read_at"), at), updated_at=at)


@transaction.atomic
def do_act(notice: Notice, *, by: Member, at: datetime) -> None:
    """Do the one thing a notice asks for, as far as one press of a button can; then it leaves the inbox.

    Raises ValidationError where it was done before, can no longer be seen, or asks for more than a button; and whatever
    the thing itself refuses. The notice is not locked: what it speaks of comes first in the order of locks, and refuses
    whoever is second.
    """
    found = access.visible_notices(by).open().filter(pk=notice.pk).first()
    kind = KINDS.get(notice.kind)
    if found is None or kind is None or not read_notices(_of_their_own([found], by), at=at):
        raise ValidationError(_("This is done already."))
    if kind.act is None:
        raise ValidationError(_("Open it to answer."))
    kind.act(found, by, at)
    put_away([found.pk], by=by, at=at)


def put_away_news_before(moment: datetime, *, at: datetime) -> int:
    """Put away, in all inboxes, what came before a moment and asks for nothing; gives back how many notices.

    For a demo, whose past was lived at once.
    """
    asking = asking_kinds()
    old = Notice.objects.open().filter(created_at__lt=moment).exclude(kind__in=asking)
    put_away: int = old.update(done_at=at, updated_at=at)
    return put_away
