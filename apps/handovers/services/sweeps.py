"""What time does to handovers and covers: rows swept by jobs. Twice is once; a row another sweep holds is skipped."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.goals.models import CheckIn
from apps.handovers.models import Handover, HandoverKind, HandoverQuerySet, HandoverStatus
from apps.handovers.services import notices
from apps.handovers.services.cover import bring_up_to_date
from apps.handovers.services.effects import close, day_of, hold_absence_of, locked, take_effect, who_left, why
from apps.tasks.models import Task
from apps.workspaces.models import Absence

LIMIT = 500
LATE_DAYS = 7
"""For so long after an absence somebody is still welcomed back, where no sweep ran on their first day."""


def sweep_handovers(*, at: datetime, limit: int = LIMIT) -> int:
    """Carry out what was accepted and whose day has come; begin and end covers. How many rows were taken, each in a
    transaction of its own.
    """
    far = at.date() + timedelta(days=1)  # somewhere it is tomorrow already; each row asks its own workspace
    due = Handover.objects.filter(kind=HandoverKind.HANDOVER, status=HandoverStatus.ACCEPTED, starts_on__lte=far)
    left = Q(from_member__deactivated_at__isnull=False) | Q(to_member__deactivated_at__isnull=False)
    open_covers = Handover.objects.open().filter(kind=HandoverKind.COVER)
    to_begin = open_covers.filter(status=HandoverStatus.ACCEPTED, begun_at=None, starts_on__lte=far)
    to_end = open_covers.filter(Q(ends_on__lt=far) | left)
    stale = Handover.objects.filter(kind=HandoverKind.HANDOVER, status=HandoverStatus.PROPOSED).filter(left)
    return (
        _each(due, _carry_out, at=at, limit=limit)
        + _each(to_begin, bring_up_to_date, at=at, limit=limit)
        + _each(to_end, bring_up_to_date, at=at, limit=limit)
        + _each(stale, _give_up, at=at, limit=limit)
    )


def _each(rows: HandoverQuerySet, do: Callable[..., bool], *, at: datetime, limit: int) -> int:
    done = 0
    for pk, absence_id in list(rows.order_by("starts_on", "pk").values_list("pk", "absence_id")[:limit]):
        with transaction.atomic():
            hold_absence_of(absence_id)
            row = rows.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            done += row is not None and do(locked(row), at=at)
    return done


def _carry_out(handover: Handover, *, at: datetime) -> bool:
    """Move everything, or say why it came to nothing; never half."""
    if day_of(handover, at) < handover.starts_on:
        return False
    try:
        with transaction.atomic():
            take_effect(handover, by=None, at=at)
    except ValidationError as error:
        close(locked(handover), why(error), by=None, at=at)
    return True


def _give_up(handover: Handover, *, at: datetime) -> bool:
    """A proposal one of whose people left."""
    left = who_left(handover)
    if left is not None:
        close(handover, left, by=None, at=at)
    return left is not None


def tell_of_covers(*, at: datetime, limit: int = LIMIT) -> int:
    """Tell who covers from tomorrow on, and welcome back who was away until yesterday; how many were told.

    Somebody is welcomed back where there is something to catch up with: a cover, a check-in or a task that others did.
    """
    near = at.date() + timedelta(days=2)
    covers = Handover.objects.filter(
        kind=HandoverKind.COVER, status=HandoverStatus.ACCEPTED, begun_at=None, starts_on__range=(at.date(), near)
    )
    rows = covers.select_related("workspace", "to_member").order_by("starts_on", "pk")[:limit]
    tomorrow = [each for each in rows if each.starts_on == day_of(each, at) + timedelta(days=1)]
    return notices.tell_of_beginnings(tomorrow, at=at) + notices.tell_of_returns(_returned(at, limit), at=at)


def _returned(at: datetime, limit: int) -> list[Absence]:
    first, last = at.date() - timedelta(days=LATE_DAYS), at.date()
    covered = Handover.objects.filter(absence=OuterRef("pk"), begun_at__isnull=False)
    said = CheckIn.objects.filter(
        goal__owner_id=OuterRef("member_id"),
        made_at__date__gte=OuterRef("starts_on"),
        made_at__date__lte=OuterRef("ends_on"),
    ).exclude(author_id=OuterRef("member_id"))
    done = Task.objects.filter(
        assignee_id=OuterRef("member_id"),
        closed_at__date__gte=OuterRef("starts_on"),
        closed_at__date__lte=OuterRef("ends_on"),
    ).exclude(closed_by_id=OuterRef("member_id"))
    rows = Absence.objects.filter(
        Exists(covered) | Exists(said) | Exists(done),
        ends_on__range=(first, last),
        member__deactivated_at=None,
        member__user__is_active=True,
    )
    found = rows.select_related("workspace", "member__user").order_by("ends_on", "pk")[:limit]
    return [each for each in found if each.ends_on < each.member.today(at)]
