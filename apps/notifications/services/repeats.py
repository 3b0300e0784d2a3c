"""Saying things again: a second and a last time while they are not done, then telling those who may help."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from apps.notifications.models import Notice
from apps.notifications.services.delivery_schedules import readers_of
from apps.notifications.services.kinds import KINDS, NoticeKind
from apps.notifications.services.notices import News, notify_many, read_notices
from apps.notifications.services.send_times import MailReader

BATCH = 500
ESCALATED = 99
"""The step of a notice of which others were told as well: nothing follows."""


def sweep_repeats(*, at: datetime) -> int:
    """Say again what is due to be said again, kind by kind, each batch its own transaction; how many notices."""
    said = 0
    for kind in KINDS:
        for step in range(1, len(kind.again) + 1):
            said += repeat(kind, step, at=at)
        if kind.again and kind.escalate:
            escalate(kind, at=at)
    return said


@transaction.atomic
def repeat(kind: NoticeKind[object], step: int, *, at: datetime, limit: int = BATCH) -> int:
    """Say what was said for the `step`th time once more, where it is time and still needed.

    The former notice makes way for the new one, so that the inbox shows the thing once. What is no longer needed is
    done. A row another sweep holds is skipped.
    """
    due = _due(kind, step, after=_days_since_last(kind, step), at=at, limit=limit)
    needed = read_notices(due, at=at)
    notify_many(
        kind.name,
        [
            News(
                recipient=notice.recipient,
                subject_id=notice.subject_id,
                about_id=notice.about_id,
                dedupe_key=f"{notice.dedupe_key}#{step + 1}",
                step=step + 1,
                data=notice.data,
            )
            for notice in due
            if notice.pk in needed
        ],
        at=at,
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(done_at=at, updated_at=at)
    return len(needed)


@transaction.atomic
def escalate(kind: NoticeKind[object], *, at: datetime, limit: int = BATCH) -> int:
    """Tell those who may help of what was said to the end and is still not done; gives back of how many."""
    last = len(kind.again) + 1
    due = _due(kind, last, after=_days_since_last(kind, last - 1), at=at, limit=limit)
    if due and kind.escalate:
        kind.escalate(due, at)
    Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(step=ESCALATED, updated_at=at)
    return len(due)


def _days_since_last(kind: NoticeKind[object], step: int) -> int:
    """How many working days lie between one time and the next."""
    return kind.again[step - 1] - (kind.again[step - 2] if step > 1 else 0)


def _due(kind: NoticeKind[object], step: int, *, after: int, at: datetime, limit: int) -> list[Notice]:
    """The open notices of one step that enough working days of their recipients have passed since."""
    rows = Notice.objects.open().filter(kind=kind.name, step=step, created_at__lte=at - timedelta(days=after))
    free = rows.select_for_update(of=("self",), skip_locked=True).order_by("created_at", "pk")
    notices = list(free.select_related("recipient__user", "recipient__workspace")[:limit])
    readers = readers_of({notice.recipient for notice in notices}, at=at)
    return [
        notice
        for notice in notices
        if notice.recipient_id not in readers or _passed(readers[notice.recipient_id], notice.created_at, at) >= after
    ]


def _passed(reader: MailReader, since: datetime, at: datetime) -> int:
    """How many of their working days began after a moment; today counts where they may be written to."""
    first, today = since.astimezone(reader.zone).date(), at.astimezone(reader.zone).date()
    days: Sequence[int] = range(1, min((today - first).days, 60) + 1)
    passed = sum(reader.is_day_for(first + timedelta(days=n)) for n in days)
    return passed if reader.may_be_told(at) else 0
