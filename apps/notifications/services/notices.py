"""Telling people of things, once each, and taking it back when the thing is done."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from apps.activity.services import plain
from apps.notifications.models import Notice, Reach
from apps.notifications.services.kinds import KINDS, Said
from apps.notifications.services.preferences import reach_among
from apps.notifications.services.rhythms import make_rhythms, readers_of
from apps.notifications.services.schedule import next_moment
from apps.workspaces.models import Member


def notify(
    kind: str,
    *,
    recipients: Iterable[Member],
    subject_id: UUID,
    about_id: UUID,
    occasion: str,
    at: datetime,
    by: Member | None = None,
    step: int = 1,
    data: dict[str, Any] | None = None,
) -> int:
    """Tell people of one thing, in the transaction of its cause; gives back how many were not told before.

    Nobody is told of their own doing (`by`), nor somebody without an account who could read it, nor who switched the
    kind off. (recipient, kind, occasion) is told once however often this is called; a reminder of it is another
    occasion and a later `step`. `about_id` is the page it belongs to. KeyError where nobody declared the kind.
    """
    people = _who_can_read(recipients, but=by)
    reach = reach_among(kind, people.keys())
    people = {pk: member for pk, member in people.items() if reach[pk] != Reach.OFF}
    told = Notice.objects.filter(kind=kind, occasion=occasion, recipient_id__in=people).values_list(
        "recipient", flat=True
    )
    already = set(told) if people else set()
    new = [member for pk, member in people.items() if pk not in already]
    due = _mail_moments([member for member in new if reach[member.pk] == Reach.MAIL], at=at)
    Notice.objects.bulk_create(
        [
            Notice(
                workspace_id=member.workspace_id,
                recipient=member,
                kind=kind,
                occasion=occasion,
                subject_id=subject_id,
                about_id=about_id,
                step=step,
                data=plain(data or {}),
                reach=reach[member.pk],
                mail_due_at=due.get(member.pk),
                created_at=at,
            )
            for member in new
        ],
        ignore_conflicts=True,
    )
    return len(new)


def _who_can_read(recipients: Iterable[Member], *, but: Member | None) -> dict[UUID, Member]:
    ids = {member.pk for member in recipients} - {but.pk if but else None}
    if not ids:
        return {}
    people = Member.objects.filter(pk__in=ids, deactivated_at=None, user__is_active=True)
    return {member.pk: member for member in people.select_related("user", "workspace").order_by("pk")}


def _mail_moments(people: Sequence[Member], *, at: datetime) -> dict[UUID, datetime | None]:
    """When each may be mailed. Everybody who is gets a rhythm: its row is what bundling locks."""
    if not people:
        return {}
    make_rhythms(people, at=at)
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


def describe_notices(notices: Iterable[Notice], *, at: datetime) -> dict[UUID, Said]:
    """What notices say, in the active language, for recipients who all read it; see kinds.Describe.

    The number of queries grows with the kinds among them, not with the notices. A kind nobody declares says nothing.
    """
    found: dict[UUID, Said] = {}
    for name, those in groupby(sorted(notices, key=lambda notice: notice.kind), key=lambda notice: notice.kind):
        if name in KINDS:
            found |= KINDS[name].describe(list(those), at)
    return found
