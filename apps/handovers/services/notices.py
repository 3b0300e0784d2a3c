"""Telling people of handovers and covers: who is told of what, and when it ends. What it says is in handover_news."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.handovers.models import Handover, HandoverStatus
from apps.notifications.models import Notice
from apps.notifications.services import News, notify, notify_many, settle
from apps.workspaces.models import Absence, Member

HANDOVER_OFFERED, COVER_OFFERED = "handover_offered", "cover_offered"
HANDOVER_ANSWERED, HANDOVER_DONE = "handover_answered", "handover_done"
COVER_BEGINS, WELCOME_BACK = "cover_begins", "welcome_back"


def about(handover: Handover) -> UUID:
    """What the inbox groups it under: the absence a cover belongs to, else the handover itself."""
    found: UUID = handover.absence_id or handover.pk
    return found


def tell_proposed(handover: Handover, *, by: Member, at: datetime) -> None:
    """Ask the receiver, and tell the giver where another proposed it."""
    kind = COVER_OFFERED if handover.is_cover else HANDOVER_OFFERED
    dedupe_key = f"{handover.pk}:{handover.proposed_at.isoformat()}"
    _tell(kind, handover, [handover.to_member], dedupe_key, by=by, at=at)


def tell_answered(handover: Handover, *, by: Member | None, at: datetime) -> None:
    """The question is settled. Who proposed it and who gives it are told of the answer.

    Where it was withdrawn, or came to nothing by itself, the receiver is told too.
    """
    settle_questions(handover, at=at)
    people = {each.pk: each for each in (handover.from_member, handover.proposed_by)}
    if handover.status == HandoverStatus.DECLINED:
        people[handover.to_member_id] = handover.to_member
    _tell(HANDOVER_ANSWERED, handover, list(people.values()), f"{handover.pk}:{at.isoformat()}", by=by, at=at)


def tell_done(handover: Handover, *, by: Member | None, at: datetime) -> None:
    """Everything has moved: giver and receiver are told. The end of a cover is told by what follows it."""
    settle([HANDOVER_OFFERED, COVER_OFFERED, COVER_BEGINS], [handover.pk], at=at)
    if not handover.is_cover:
        people = [handover.from_member, handover.to_member]
        _tell(HANDOVER_DONE, handover, people, str(handover.pk), by=by, at=at)


def _tell(
    kind: str, handover: Handover, people: Sequence[Member], dedupe_key: str, *, by: Member | None, at: datetime
) -> None:
    notify(
        kind,
        recipients=people,
        subject_id=handover.pk,
        about_id=about(handover),
        dedupe_key=dedupe_key,
        by=by,
        at=at,
        data={"status": handover.status},
    )


def settle_questions(handover: Handover, *, at: datetime) -> None:
    """Nobody is asked any more, nor told of the answer of somebody who left."""
    settle([HANDOVER_OFFERED, COVER_OFFERED, HANDOVER_ANSWERED, COVER_BEGINS], [handover.pk], at=at)


def settle_absence(absence_id: UUID, *, at: datetime) -> None:
    """An absence was taken away: nobody is asked or told of its covers any more."""
    kinds = (COVER_OFFERED, HANDOVER_ANSWERED, COVER_BEGINS, WELCOME_BACK)
    open_ones = Notice.objects.open().filter(kind__in=kinds, about_id=absence_id)
    open_ones.update(done_at=at, updated_at=at)


def tell_of_beginnings(covers: Sequence[Handover], *, at: datetime) -> int:
    """Tell those who cover from tomorrow on, once for each absence and person; how many were told the first time."""
    first: dict[tuple[UUID, UUID], Handover] = {}
    for cover in covers:
        first.setdefault((about(cover), cover.to_member_id), cover)
    news = [
        News(cover.to_member, cover.pk, about_id, f"{about_id}:{cover.to_member_id}:{cover.starts_on}")
        for (about_id, _taker), cover in first.items()
    ]
    return notify_many(COVER_BEGINS, news, at=at)


def tell_of_returns(absences: Sequence[Absence], *, at: datetime) -> int:
    """Tell those who are back of what they can catch up with, once for each absence; how many the first time."""
    news = [News(each.member, each.pk, each.pk, f"{each.pk}:{each.ends_on}") for each in absences]
    return notify_many(WELCOME_BACK, news, at=at)
