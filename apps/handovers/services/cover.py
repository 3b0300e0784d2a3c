"""Cover mode: who acts in somebody's place while they are away. A cover moves nothing, so all returns by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from apps.core.registries import Registry
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.handovers import access
from apps.handovers.models import CameToNothing, Handover, HandoverKind, HandoverStatus
from apps.handovers.queries.cover import CoveredThing, held_work
from apps.handovers.services import notices
from apps.handovers.services.effects import begin, close, day_of, finish, locked, log_deed, refresh_stand_ins, who_left
from apps.handovers.services.handovers import HandoverFields, named, new, save_new
from apps.responsibilities.access import visible_responsibilities
from apps.responsibilities.services.locks import Thing, lock_thing
from apps.tasks.models import Task
from apps.workspaces.models import Absence, Member


@dataclass(frozen=True)
class CoverKind:
    """A kind of things that can be covered: what of it somebody holds, as far as the viewer sees, and how a cover of
    one of them (by its key) is proposed.
    """

    name: str
    label: StrOrPromise
    held: Callable[[Absence, Member], Sequence[CoveredThing]]
    propose: Callable[[Absence, str, Member, str, Member, datetime], object]


COVER_KINDS: Registry[CoverKind] = Registry(
    "COVER_KINDS",
    "kinds of things that can be covered in an absence (`held(absence, viewer)` and `propose(absence, key, taker, "
    "notes, by, at)`)",
)


def held_in(absence: Absence, *, viewer: Member) -> list[tuple[CoverKind, list[CoveredThing]]]:
    """Everything to be covered in an absence that the viewer sees, by kind; empty kinds are left out."""
    found = [(kind, list(kind.held(absence, viewer))) for kind in COVER_KINDS]
    return [(kind, held) for kind, held in found if held]


@transaction.atomic
def propose_covers(
    absence: Absence, takers: Mapping[str, Member | None], *, notes: str, by: Member, at: datetime
) -> int:
    """Ask for covers: key of what is held → who shall cover it, None for nobody. Gives back how many were asked anew.

    What is as it was stays so, also what its taker accepted; another taker takes the place of the former. What is not
    named is left alone. Raises PermissionDenied, ValidationError by key.
    """
    access.can_plan_covers.demand(by, absence.member)
    absence = hold_absence(absence)
    errors: dict[str, list[str]] = {}
    asked = 0
    for kind, held in held_in(absence, viewer=by):
        for each in held:
            if each.key not in takers:
                continue
            try:
                asked += _propose_one(kind, absence, each, takers[each.key], notes=notes, by=by, at=at)
            except ValidationError as error:
                errors[each.key] = error.messages
    if errors:
        raise ValidationError(errors)
    return asked


def _propose_one(
    kind: CoverKind, absence: Absence, held: CoveredThing, taker: Member | None, *, notes: str, by: Member, at: datetime
) -> int:
    if not _make_way(held.cover, taker, by=by, at=at) or taker is None:
        return 0
    kind.propose(absence, held.key, taker, notes, by, at)
    return 1


def _make_way(cover: Handover | None, taker: Member | None, *, by: Member, at: datetime) -> bool:
    """End a cover that another takes the place of; gives back whether anything changes."""
    if (cover.to_member_id if cover else None) == (taker.pk if taker else None):
        return False
    if cover is not None:
        _give_up(cover, by=by, at=at)
    return True


@transaction.atomic
def ask_for_cover(absence: Absence, thing: Thing, taker: Member, *, by: Member, at: datetime) -> None:
    """Ask somebody to cover one responsibility or goal in an absence, in the place of whoever is asked now.

    Where they are asked already nothing changes. Raises PermissionDenied, ValidationError by field.
    """
    access.can_propose_cover.demand(by, thing, absence.member)
    absence = hold_absence(absence)
    now = Handover.objects.open().filter(absence=absence, **named(thing)).first()
    if _make_way(now, taker, by=by, at=at):
        propose_cover(thing, {}, absent=absence.member, taker=taker, absence=absence, by=by, at=at)


def hold_absence(absence: Absence) -> Absence:
    """The absence as it is now, locked before its covers, as where it is changed. ValidationError where it is gone."""
    found: Absence | None = (
        Absence.objects.select_for_update(of=("self",)).select_related("member").filter(pk=absence.pk).first()
    )
    if found is None:
        raise ValidationError(_("This time off was removed a moment ago."))
    return found


def _give_up(cover: Handover, *, by: Member, at: datetime) -> None:
    """A cover makes way for another: it ends where it runs, and else comes to nothing."""
    cover = locked(cover)
    if cover.is_in_force:
        finish(cover, by=by, at=at)
    elif cover.is_open:
        close(cover, CameToNothing.REPLACED, by=by, at=at)


@transaction.atomic
def propose_cover(
    thing: Thing,
    fields: HandoverFields,
    *,
    absent: Member,
    taker: Member,
    absence: Absence | None = None,
    by: Member,
    at: datetime,
) -> Handover:
    """Ask somebody to act on a responsibility or goal in the place of a person, for the days of their absence.

    Without an absence `fields` names the days. Of the tasks there those go along that are due in these days or have no
    day. Raises PermissionDenied, ValidationError by field.
    """
    absence = hold_absence(absence) if absence is not None else None
    thing = lock_thing(thing)
    access.can_propose_cover.demand(by, thing, absent)
    if absence is not None and absence.member_id != absent.pk:
        raise ValidationError({"absence": _("This is somebody else's time off.")})
    cover = new(thing, HandoverKind.COVER, giver=absent, receiver=taker, by=by, at=at)
    cover.absence = absence
    cover.starts_on = day_of(cover, at)
    if absence is not None:
        cover.starts_on, cover.ends_on = absence.starts_on, absence.ends_on
    if Handover.objects.open().filter(absence=absence, absence__isnull=False, **named(thing)).exists():
        raise ValidationError(_("Somebody has already been asked to cover this."))
    until = fields.get("ends_on") or cover.ends_on
    theirs = Task.objects.open().filter(assignee=absent, **named(thing))
    tasks: Iterable[Task] = fields.get("tasks", theirs)
    due = [task for task in tasks if task.due_on is None or until is None or task.due_on <= until]
    return save_new(cover, thing, {**fields, "tasks": due}, by=by, at=at)


@transaction.atomic
def follow_absence(absence: Absence, by: Member, at: datetime) -> None:
    """After an absence was changed: its covers follow. Longer days are asked for again; without it they are gone."""
    if not Absence.objects.filter(pk=absence.pk).exists():
        notices.settle_absence(absence.pk, at=at)
        for goal in Goal.objects.filter(stand_ins__absent=absence.member).order_by("pk").distinct():
            refresh_stand_ins(goal, absence.member, at=at)
        return
    for cover in Handover.objects.open().filter(absence=absence).order_by("pk"):
        _follow(locked(cover), absence, by=by, at=at)


def _follow(cover: Handover, absence: Absence, *, by: Member, at: datetime) -> None:
    if not cover.is_open or (cover.starts_on, cover.ends_on) == (absence.starts_on, absence.ends_on):
        return
    assert cover.ends_on is not None, "a constraint holds it"  # noqa: S101
    is_longer = absence.starts_on < cover.starts_on or absence.ends_on > cover.ends_on
    cover.starts_on, cover.ends_on = absence.starts_on, absence.ends_on
    if is_longer and cover.status == HandoverStatus.ACCEPTED:
        cover.status, cover.answered_at, cover.begun_at = HandoverStatus.PROPOSED, None, None
        cover.proposed_by, cover.proposed_at = by, at
    if absence.starts_on > day_of(cover, at):
        cover.begun_at = None
    cover.save()
    refresh_stand_ins(cover.goal, cover.from_member, at=at)
    log_deed("changed", cover, by=by, at=at)
    if cover.status == HandoverStatus.PROPOSED:
        notices.tell_proposed(cover, by=by, at=at)
    bring_up_to_date(cover, at=at)


def bring_up_to_date(cover: Handover, *, at: datetime) -> bool:
    """Begin or end a locked cover by its days and its people; gives back whether anything was to be done."""
    today = day_of(cover, at)
    assert cover.ends_on is not None, "a constraint holds it"  # noqa: S101
    left = who_left(cover)
    if cover.ends_on < today or left is not None:
        if cover.is_in_force:
            finish(cover, by=None, at=at)
        else:
            close(cover, left or CameToNothing.DAYS_OVER, by=None, at=at)
        return True
    if cover.status == HandoverStatus.ACCEPTED and cover.begun_at is None and cover.starts_on <= today:
        begin(cover, by=None, at=at)
        return True
    return False


def _propose_work(absence: Absence, key: str, taker: Member, notes: str, by: Member, at: datetime) -> Handover:
    kind, _dash, pk = key.partition("-")
    rows = visible_goals(by) if kind == "goal" else visible_responsibilities(by)
    thing = rows.filter(pk=pk).get()
    fields: HandoverFields = {"notes": notes}
    return propose_cover(thing, fields, absent=absence.member, taker=taker, absence=absence, by=by, at=at)


COVER_KINDS.add(CoverKind("work", gettext_lazy("Goals and responsibilities"), held_work, _propose_work))
