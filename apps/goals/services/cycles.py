"""Making, changing and closing cycles."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Cycle, Goal
from apps.goals.services.locks import lock_together
from apps.goals.services.ranking import GAP, last_rank
from apps.workspaces.models import Member


class CycleFields(TypedDict, total=False):
    """What a person may say about a cycle."""

    name: str
    starts_on: date | None
    ends_on: date | None
    external_id: str


@transaction.atomic
def create_cycle(fields: CycleFields, *, by: Member, at: datetime) -> Cycle:
    """A new cycle in the actor's workspace. Raises PermissionDenied, ValidationError by field."""
    _refuse_unless_allowed(by)
    cycle = Cycle(workspace=by.workspace, created_at=at)
    _assign(cycle, fields)
    cycle.save(force_insert=True)
    activity.record("cycle.created", cycle, by=by, at=at, workspace_id=cycle.workspace_id, data={"name": cycle.name})
    return cycle


@transaction.atomic
def update_cycle(cycle: Cycle, fields: CycleFields, *, by: Member, at: datetime) -> Cycle:
    """Change a cycle's name or dates. Raises PermissionDenied, ValidationError by field."""
    _refuse_unless_allowed(by, cycle)
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    before = {name: activity.plain(getattr(cycle, name)) for name in fields}
    _assign(cycle, fields)
    cycle.save()
    changed = activity.changes(before, {name: activity.plain(getattr(cycle, name)) for name in fields})
    if changed:
        activity.record(
            "cycle.updated", cycle, by=by, at=at, workspace_id=cycle.workspace_id, data={"changes": changed}
        )
    return cycle


def next_cycle_fields(current: Cycle) -> CycleFields:
    """The dates of the cycle that follows: the next day, and as many whole months (or else days) as the current one."""
    if current.starts_on is None or current.ends_on is None:
        return {}
    starts_on = current.ends_on + timedelta(days=1)
    months = (starts_on.year - current.starts_on.year) * 12 + starts_on.month - current.starts_on.month
    if months > 0 and starts_on.day == current.starts_on.day == 1:
        month = starts_on.month - 1 + months
        ends_on = date(starts_on.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    else:
        ends_on = starts_on + (current.ends_on - current.starts_on)
    return {"starts_on": starts_on, "ends_on": ends_on}


@transaction.atomic
def close_cycle(cycle: Cycle, *, carry: Collection[UUID], into: Cycle | None, by: Member, at: datetime) -> Cycle:
    """Close a cycle and carry the chosen open goals, in their order, into another.

    Open goals that are not chosen stay where they are, to be closed honestly by their owners. Only goals the actor sees
    can be chosen. Raises PermissionDenied, ValidationError by field.
    """
    _refuse_unless_allowed(by, cycle)
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    if cycle.is_closed:
        raise ValidationError(_("This cycle is already closed."))
    if carry:
        _carry_over(cycle, carry, _checked_target(cycle, into), by=by, at=at)
    cycle.closed_at, cycle.closed_by = at, by
    cycle.save()
    activity.record(
        "cycle.closed", cycle, by=by, at=at, workspace_id=cycle.workspace_id, data={"carried_over": len(carry)}
    )
    return cycle


@transaction.atomic
def reopen_cycle(cycle: Cycle, *, by: Member, at: datetime) -> Cycle:
    """Take back a closing; carried goals stay where they went. Raises PermissionDenied, ValidationError."""
    _refuse_unless_allowed(by, cycle)
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    if not cycle.is_closed:
        raise ValidationError(_("This cycle is not closed."))
    cycle.closed_at = cycle.closed_by = None
    cycle.save()
    activity.record("cycle.reopened", cycle, by=by, at=at, workspace_id=cycle.workspace_id)
    return cycle


def _checked_target(cycle: Cycle, into: Cycle | None) -> Cycle:
    if into is None:
        raise ValidationError({"into": _("Choose the cycle that the goals are carried into.")})
    if into.workspace_id != cycle.workspace_id or into.pk == cycle.pk or into.is_closed:
        raise ValidationError({"into": _("Goals can only be carried into another open cycle.")})
    return into


def _carry_over(cycle: Cycle, carry: Collection[UUID], into: Cycle, *, by: Member, at: datetime) -> None:
    visible = access.visible_goals(by).filter(cycle=cycle, status__in=OPEN_STATUSES, pk__in=carry).values("pk")
    lock_together(visible.values_list("pk", flat=True))
    goals = list(Goal.objects.filter(pk__in=visible).order_by("rank", "id"))
    if len(goals) != len(set(carry)):
        raise ValidationError({"carry": _("Some of these goals are no longer open in this cycle. Please look again.")})
    rank = last_rank(Goal(workspace_id=into.workspace_id, cycle_id=into.pk), by=by)
    for place, goal in enumerate(goals):
        goal.carried_from, goal.cycle, goal.rank = cycle, into, rank + place * GAP
        goal.updated_at = at
        activity.record(
            "goal.carried_over",
            goal,
            by=by,
            at=at,
            workspace_id=goal.workspace_id,
            data={"from": cycle.name, "to": into.name},
        )
    Goal.objects.bulk_update(goals, ["carried_from", "cycle", "rank", "updated_at"], batch_size=500)


def _assign(cycle: Cycle, fields: CycleFields) -> None:
    for name, value in fields.items():
        setattr(cycle, name, value)
    cycle.name = " ".join(cycle.name.split())
    if cycle.starts_on and cycle.ends_on and cycle.ends_on < cycle.starts_on:
        raise ValidationError({"ends_on": _("The end is before the start.")})
    others = Cycle.objects.filter(workspace_id=cycle.workspace_id).exclude(pk=cycle.pk)
    if others.filter(name__iexact=cycle.name).exists():
        raise ValidationError({"name": _("There is already a cycle of this name.")})
    if cycle.external_id and others.filter(external_id=cycle.external_id).exists():
        raise ValidationError({"external_id": _("Another cycle has this external id.")})
    cycle.full_clean(exclude=["workspace", "closed_by"], validate_unique=False, validate_constraints=False)


def _refuse_unless_allowed(by: Member, cycle: Cycle | None = None) -> None:
    access.can_change_cycles.demand(by, cycle)
