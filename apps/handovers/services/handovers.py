"""Handing over for good: proposed, accepted by whoever receives, and moved on its day in one transaction.

Locks are taken in one order: who receives, the absence, the handover, what it is about, what hangs on that.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.goals.models import Goal
from apps.goals.services.locks import lock_idempotency_key
from apps.handovers import access
from apps.handovers.models import CameToNothing, Handover, HandoverKind, HandoverStatus, HandoverTask
from apps.handovers.services import notices
from apps.handovers.services.effects import (
    check_possible,
    close,
    day_of,
    decline,
    finish,
    locked,
    log_deed,
    take_effect,
)
from apps.handovers.services.moving import open_tasks
from apps.responsibilities.services.locks import Thing, lock_thing
from apps.tasks.models import Task
from apps.workspaces.models import Member

FARTHEST = timedelta(days=366)
TASKS_MAX = 500


class HandoverFields(TypedDict, total=False):
    """What can be said of a handover or cover, beside between whom. A missing key leaves it as it is.

    Without `tasks` all open tasks of the giver there go along.
    """

    starts_on: date
    ends_on: date | None
    notes: str
    tasks: Sequence[Task]
    external_id: str


@transaction.atomic
def propose_handover(
    thing: Thing,
    fields: HandoverFields,
    *,
    giver: Member,
    receiver: Member,
    by: Member,
    at: datetime,
    key: UUID | None = None,
) -> Handover:
    """Ask somebody to take over what a person holds on a responsibility or goal, from a day on (today without one).

    `key` decides the id: the same form sent again gives the same handover. Raises PermissionDenied, ValidationError by
    field.
    """
    pk = lock_idempotency_key(key, by=by)
    if pk and (existing := Handover.objects.filter(pk=pk).first()):
        found: Handover = existing
        return found
    thing = lock_thing(thing)
    access.can_propose_handover.demand(by, thing, giver)
    handover = new(thing, HandoverKind.HANDOVER, giver=giver, receiver=receiver, by=by, at=at)
    handover.pk = pk or handover.pk
    handover.starts_on = day_of(handover, at)
    check_open_once(thing, giver)
    return save_new(handover, thing, fields, by=by, at=at)


def new(thing: Thing, kind: HandoverKind, *, giver: Member, receiver: Member, by: Member, at: datetime) -> Handover:
    """An unsaved handover or cover."""
    return Handover(
        workspace=by.workspace,
        kind=kind,
        from_member=giver,
        to_member=receiver,
        proposed_by=by,
        proposed_at=at,
        created_at=at,
        **named(thing),
    )


def named(thing: Thing) -> dict[str, Any]:
    """The field that a responsibility or goal fills in: for a new row, or a filter."""
    return {"goal": thing} if isinstance(thing, Goal) else {"responsibility": thing}


def check_open_once(thing: Thing, giver: Member) -> None:
    """Raise ValidationError where what the giver holds there is being handed over already."""
    if Handover.objects.open().filter(kind=HandoverKind.HANDOVER, from_member=giver, **named(thing)).exists():
        raise ValidationError(_("This is being handed over already. Withdraw that first."))


def save_new(handover: Handover, thing: Thing, fields: HandoverFields, *, by: Member, at: datetime) -> Handover:
    """Check and write a proposed handover or cover with its tasks, and tell whom it asks. Raises ValidationError."""
    check_possible(handover, thing)
    assign(handover, fields, at=at)
    try:
        with transaction.atomic():
            handover.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(_("Somebody proposed the same thing at the same moment. Please look again.")) from error
    set_tasks(handover, thing, fields.get("tasks"))
    log_deed("proposed", handover, by=by, at=at)
    notices.tell_proposed(handover, by=by, at=at)
    return handover


def assign(handover: Handover, fields: HandoverFields, *, at: datetime) -> None:
    """Put days and notes on a handover (unsaved). Raises ValidationError by field."""
    today, before = day_of(handover, at), handover.starts_on
    for name, value in fields.items():
        if name != "tasks":
            setattr(handover, name, value)
    handover.notes = handover.notes.strip()
    handover.clean_fields(exclude=["workspace", "responsibility", "goal", "from_member", "to_member", "absence"])
    # Where the person is it may still be the day before.
    if handover.starts_on != before and handover.starts_on < today - timedelta(days=1) and not handover.is_cover:
        raise ValidationError({"starts_on": _("This day is over.")})
    if handover.starts_on > today + FARTHEST:
        raise ValidationError({"starts_on": _("Plan at most a year ahead.")})
    if handover.is_cover and (handover.ends_on is None or handover.ends_on < max(today, handover.starts_on)):
        raise ValidationError({"ends_on": _("A cover must end on a future day, after it begins.")})
    if not handover.is_cover and handover.ends_on is not None:
        raise ValidationError({"ends_on": _("A handover is for good. For time off, propose a cover instead.")})
    taken = Handover.objects.filter(workspace_id=handover.workspace_id, external_id=handover.external_id)
    if handover.external_id and taken.exclude(pk=handover.pk).exists():
        raise ValidationError({"external_id": _("Another handover has this external id.")})


def set_tasks(handover: Handover, thing: Thing, tasks: Sequence[Task] | None) -> None:
    """Let exactly these open tasks of the giver go along; all where nothing is said. Raises ValidationError."""
    theirs = set(open_tasks(thing, handover.from_member).values_list("pk", flat=True)[:TASKS_MAX])
    wanted = theirs if tasks is None else {task.pk for task in tasks}
    if wanted - theirs:
        raise ValidationError({"tasks": _("Choose open tasks of the giver that belong to this.")})
    HandoverTask.objects.filter(handover=handover).exclude(task_id__in=wanted).delete()
    rows = [HandoverTask(workspace_id=handover.workspace_id, handover=handover, task_id=pk) for pk in sorted(wanted)]
    HandoverTask.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def update_handover(handover: Handover, fields: HandoverFields, *, by: Member, at: datetime) -> Handover:
    """Change day, notes or tasks of what is still proposed. Raises PermissionDenied, ValidationError by field."""
    handover = locked(handover)
    if not access.can_withdraw_handover(by, handover):
        raise PermissionDenied(
            _("Only the person who proposed it, the person giving it, a lead or an admin can change this.")
        )
    thing = lock_thing(handover.thing)
    before = _shown(handover)
    assign(handover, fields, at=at)
    if "tasks" in fields:
        set_tasks(handover, thing, fields["tasks"])
    if _shown(handover) == before:
        return handover
    if handover.status != HandoverStatus.PROPOSED:
        raise ValidationError(_("This was answered already. Withdraw it, and propose it anew."))
    handover.save()
    log_deed("changed", handover, by=by, at=at)
    return handover


def _shown(handover: Handover) -> tuple[Any, ...]:
    tasks = sorted(HandoverTask.objects.filter(handover=handover).values_list("task_id", flat=True))
    return handover.starts_on, handover.ends_on, handover.notes, handover.external_id, tasks


@transaction.atomic
def accept_handover(handover: Handover, *, by: Member, at: datetime) -> Handover:
    """Take over, or cover. A handover whose day has come moves everything at once; a cover whose days run begins.

    Accepting twice is accepting once. Raises PermissionDenied, ValidationError where it is no longer possible; then
    nothing is changed.
    """
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)  # they do not leave while they take something
    handover = locked(handover)
    access.can_answer_handover.demand(by, handover)
    if handover.status in (HandoverStatus.ACCEPTED, HandoverStatus.DONE):
        return handover
    if handover.status == HandoverStatus.DECLINED:
        raise ValidationError(_("This was declined or withdrawn already."))
    check_possible(handover, lock_thing(handover.thing))
    if handover.ends_on is not None and handover.ends_on < day_of(handover, at):
        raise ValidationError(_("The days of this cover are over."))
    handover.status, handover.answered_at = HandoverStatus.ACCEPTED, at
    handover.save(update_fields=["status", "answered_at"])
    log_deed("accepted", handover, by=by, at=at)
    notices.tell_answered(handover, by=by, at=at)
    return take_effect(handover, by=by, at=at)


@transaction.atomic
def decline_handover(handover: Handover, *, reason: str, by: Member, at: datetime) -> Handover:
    """Say no, with a reason. Raises PermissionDenied, ValidationError by field."""
    handover = locked(handover)
    access.can_answer_handover.demand(by, handover)
    reason = reason.strip()
    if handover.status == HandoverStatus.DECLINED and handover.decline_reason == reason:
        return handover
    if not handover.is_open or (handover.status == HandoverStatus.ACCEPTED and handover.is_in_force):
        raise ValidationError(_("This can no longer be declined."))
    if not reason:
        raise ValidationError({"reason": _("Say in a sentence why, so that somebody else can be found.")})
    return decline(handover, reason, by=by, at=at)


@transaction.atomic
def withdraw_handover(handover: Handover, *, by: Member, at: datetime) -> Handover:
    """Take back what is proposed, or accepted and not yet done; a cover that runs ends now.

    Raises PermissionDenied, ValidationError where it is over.
    """
    handover = locked(handover)
    if not access.can_withdraw_handover(by, handover):
        raise PermissionDenied(
            _("Only the person who proposed it, the person giving it, a lead or an admin can withdraw this.")
        )
    if not handover.is_open:
        raise ValidationError(_("This is over already."))
    if handover.is_in_force:
        return finish(handover, by=by, at=at)
    return close(handover, CameToNothing.WITHDRAWN, by=by, at=at)
