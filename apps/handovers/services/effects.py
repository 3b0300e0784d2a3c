"""What becomes of handovers and covers: they move, begin, end, or come to nothing. Rows come locked, see `locked`."""

import itertools
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals.models import Goal
from apps.goals.services import set_stand_ins
from apps.handovers.models import CameToNothing, Handover, HandoverStatus, HandoverTask
from apps.handovers.services import notices
from apps.handovers.services.moving import holds_something, move_all
from apps.responsibilities import access
from apps.responsibilities.services.locks import Thing, is_over, lock_thing
from apps.workspaces.models import Absence, Member


def check_possible(handover: Handover, thing: Thing) -> None:
    """Raise ValidationError where it cannot be (any more): the thing is over, or a person left or cannot see it.

    The code of what a sweep may meet is a CameToNothing.
    """
    giver, receiver = handover.from_member, handover.to_member
    if receiver.workspace_id != thing.workspace_id or not receiver.is_active:
        words = _("Choose somebody who is active in this workspace.")
        raise _refusal(CameToNothing.RECEIVER_LEFT, words, "to_member")
    if giver.pk == receiver.pk:
        raise ValidationError({"to_member": _("Choose somebody other than the person giving it.")})
    if is_over(thing):
        code = CameToNothing.GOAL_CLOSED if isinstance(thing, Goal) else CameToNothing.ARCHIVED
        raise ValidationError(str(code.label), code=code.value)
    if not access.can_see(receiver, thing):
        words = _("%(name)s cannot see this.") % {"name": receiver.name}
        raise _refusal(CameToNothing.NOT_SEEN, words, "to_member")
    if not giver.is_active:
        words = _("%(name)s does not work here any more.") % {"name": giver.name}
        raise _refusal(CameToNothing.GIVER_LEFT, words, "from_member")
    if not holds_something(thing, giver):
        words = _("%(name)s holds nothing here.") % {"name": giver.name}
        raise _refusal(CameToNothing.NOTHING_LEFT, words, "from_member")


def _refusal(code: CameToNothing, words: str, field: str) -> ValidationError:
    return ValidationError({field: ValidationError(words, code=code.value)})


def why(error: ValidationError) -> CameToNothing:
    """The code of what check_possible or take_effect refused."""
    errors = itertools.chain(*error.error_dict.values()) if hasattr(error, "error_dict") else error.error_list
    known = (CameToNothing(each.code) for each in errors if each.code in CameToNothing.values)
    return next(known, CameToNothing.NOT_POSSIBLE)


def decline(handover: Handover, reason: str, *, by: Member, at: datetime) -> Handover:
    """The receiver of a locked handover or cover says no, and its people are told. Raises ValidationError by field."""
    handover.decline_reason = reason
    try:
        handover.clean_fields(exclude=["workspace", "responsibility", "goal", "from_member", "to_member", "absence"])
    except ValidationError as error:
        raise ValidationError({"reason": error.messages}) from error
    return _end(handover, by=by, at=at)


def close(handover: Handover, code: CameToNothing, *, by: Member | None, at: datetime) -> Handover:
    """A locked handover or cover comes to nothing, and its people are told why."""
    handover.decline_code = code
    return _end(handover, by=by, at=at)


def _end(handover: Handover, *, by: Member | None, at: datetime) -> Handover:
    handover.status, handover.answered_at = HandoverStatus.DECLINED, at
    handover.save(update_fields=["status", "answered_at", "decline_reason", "decline_code"])
    log_deed("declined", handover, by=by, at=at)
    notices.tell_answered(handover, by=by, at=at)
    return handover


def take_effect(handover: Handover, *, by: Member | None, at: datetime) -> Handover:
    """What a locked, accepted handover or cover does now, if its day has come. Raises ValidationError where it cannot.

    The receiver acts where no other did: they accepted it.
    """
    today = day_of(handover, at)
    if today < handover.starts_on or handover.status != HandoverStatus.ACCEPTED:
        return handover
    if handover.is_cover:
        return begin(handover, by=by, at=at)
    thing = lock_thing(handover.thing)
    check_possible(handover, thing)
    tasks = HandoverTask.objects.filter(handover=handover).values_list("task_id", flat=True)
    giver, receiver = handover.from_member, handover.to_member
    moved = move_all(thing, of=giver, to=receiver, tasks=set(tasks), by=by or receiver, at=at)
    if not moved:
        nothing = CameToNothing.NOTHING_LEFT
        raise ValidationError(str(nothing.label), code=nothing.value)
    data = {"roles": moved.roles, "tasks": moved.tasks, "goal": moved.goal}
    return finish(handover, by=by, at=at, data=data)


def begin(cover: Handover, *, by: Member | None, at: datetime) -> Handover:
    """The days of a locked, accepted cover have begun: who covers acts in the place of who is away."""
    if cover.begun_at is None:
        cover.begun_at = at
        cover.save(update_fields=["begun_at"])
        log_deed("begun", cover, by=by, at=at)
        refresh_stand_ins(cover.goal, cover.from_member, at=at)
    return cover


def finish(handover: Handover, *, by: Member | None, at: datetime, data: dict[str, Any] | None = None) -> Handover:
    """A locked handover is carried out, or a cover over: it is done, and its people are told."""
    handover.status, handover.done_at = HandoverStatus.DONE, at
    handover.save(update_fields=["status", "done_at"])
    log_deed("done", handover, by=by, at=at, data=data)
    if handover.is_cover:
        refresh_stand_ins(handover.goal, handover.from_member, at=at)
    notices.tell_done(handover, by=by, at=at)
    return handover


def refresh_stand_ins(goal: Goal | None, absent: Member, *, at: datetime) -> None:
    """Let exactly those stand in on a goal whose covers for the absent person are in force."""
    if goal is None:
        return
    covers = Handover.objects.in_force().filter(goal=goal, from_member=absent, to_member__deactivated_at=None)
    set_stand_ins(goal, absent=absent, members=set(covers.values_list("to_member_id", flat=True)), at=at)


def day_of(handover: Handover, at: datetime) -> date:
    """The day it is in the workspace, by which handovers and covers begin and end."""
    return at.astimezone(handover.workspace.zone).date()


def who_left(handover: Handover) -> CameToNothing | None:
    """Which of its people does not work here any more; None where both do."""
    if not handover.from_member.is_active:
        return CameToNothing.GIVER_LEFT
    return None if handover.to_member.is_active else CameToNothing.RECEIVER_LEFT


def hold_absence_of(pk: UUID | None) -> None:
    """Keep an absence as it is until the transaction ends; nothing where a handover has none, or it is gone."""
    if pk is not None:
        Absence.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()


def locked(handover: Handover) -> Handover:
    """The handover as it is now, locked until the transaction ends. ValidationError where it is gone.

    Its absence comes first, as where that is changed: writing a row twice makes PostgreSQL look at it again.
    """
    hold_absence_of(handover.absence_id)
    rows = Handover.objects.select_for_update(of=("self",))
    related = ("workspace", "goal__team", "responsibility__team", "from_member", "to_member", "absence")
    found: Handover | None = rows.select_related(*related).filter(pk=handover.pk).first()
    if found is None:
        raise ValidationError(_("This was removed in the meantime."))
    return found


def log_deed(
    deed: str, handover: Handover, *, by: Member | None, at: datetime, data: dict[str, object] | None = None
) -> None:
    """Write to the log what was done with a handover or cover: `handover.proposed`, `handover.done` …"""
    said = {"kind": handover.kind, "from": handover.from_member_id, "to": handover.to_member_id, **(data or {})}
    activity.record(f"handover.{deed}", handover, by=by, at=at, workspace_id=handover.workspace_id, data=said)
