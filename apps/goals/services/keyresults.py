"""Making, changing and removing key results."""

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import Goal, KeyResult, KeyResultKind
from apps.goals.models.progress import key_result_progress
from apps.goals.services.goal_fields import shows_something
from apps.goals.services.locks import lock, lock_idempotency_key
from apps.goals.services.progress import refresh_progress
from apps.workspaces.models import Member


class KeyResultFields(TypedDict, total=False):
    """What a person may say about a key result. Its current value comes from check-ins only."""

    title: str
    kind: str
    start_value: Decimal
    target_value: Decimal
    unit: str
    weight: Decimal
    due_on: date | None
    external_id: str


@transaction.atomic
def create_key_result(
    goal: Goal, fields: KeyResultFields, *, by: Member, at: datetime, key: UUID | None = None
) -> KeyResult:
    """A new key result at the end of the goal's. `key` works as in create_goal.

    Raises PermissionDenied, ValidationError by field.
    """
    pk = lock_idempotency_key(key, by=by)
    goal = _lock_for_change(goal, by=by)
    if pk and (existing := KeyResult.objects.filter(pk=pk).first()):
        if existing.goal_id == goal.pk:
            return existing
        raise ValidationError(_("This form was already used. Please open a new one."))
    last = KeyResult.objects.filter(goal=goal).aggregate(last=Max("position"))["last"]
    key_result = KeyResult(workspace_id=goal.workspace_id, goal=goal, position=(last or 0) + 1, created_at=at)
    if pk:
        key_result.pk = pk
    _assign(key_result, fields)
    key_result.save(force_insert=True)
    _record("key_result_added", key_result, {"title": key_result.title}, by=by, at=at)
    refresh_progress(goal)
    return key_result


@transaction.atomic
def update_key_result(key_result: KeyResult, fields: KeyResultFields, *, by: Member, at: datetime) -> KeyResult:
    """Change what `fields` names; the progress follows. Raises PermissionDenied, ValidationError by field."""
    goal = _lock_for_change(key_result.goal, by=by)
    key_result = KeyResult.objects.select_for_update(no_key=True).get(pk=key_result.pk)
    key_result.goal = goal
    before = {name: activity.plain(getattr(key_result, name)) for name in fields}
    _check_kind_change(key_result, fields)
    _assign(key_result, fields)
    key_result.save()
    changed = activity.changes(before, {name: activity.plain(getattr(key_result, name)) for name in fields})
    if changed:
        _record("key_result_changed", key_result, {"title": key_result.title, "changes": changed}, by=by, at=at)
    refresh_progress(goal)
    return key_result


@transaction.atomic
def delete_key_result(key_result: KeyResult, *, by: Member, at: datetime) -> None:
    """Remove a key result with its readings; the history keeps its last figures.

    Raises PermissionDenied, ValidationError.
    """
    goal = _lock_for_change(key_result.goal, by=by)
    key_result.goal = goal
    data = {"title": key_result.title, "start": key_result.start_value, "target": key_result.target_value}
    _record("key_result_removed", key_result, data | {"last": key_result.current_value}, by=by, at=at)
    KeyResult.objects.filter(pk=key_result.pk).delete()
    refresh_progress(goal)


def _lock_for_change(goal: Goal, *, by: Member) -> Goal:
    goal = lock(goal)
    access.can_change_key_results.demand(by, goal)
    if goal.is_closed:
        raise ValidationError(_("This goal is closed. Reopen it to change its key results."))
    return goal


def _check_kind_change(key_result: KeyResult, fields: KeyResultFields) -> None:
    """A figure cannot become done-or-not, nor the other way, once there are readings of it."""
    kind = fields.get("kind", key_result.kind)
    becomes_other = kind != key_result.kind and KeyResultKind.MILESTONE in (kind, key_result.kind)
    if becomes_other and key_result.current_value is not None:
        raise ValidationError({"kind": _("It has readings already. Write a new key result instead.")})


def _assign(key_result: KeyResult, fields: KeyResultFields) -> None:
    for name, value in fields.items():
        setattr(key_result, name, value)
    if key_result.kind == KeyResultKind.MILESTONE:
        key_result.start_value, key_result.target_value, key_result.unit = Decimal(0), Decimal(1), ""
    key_result.title = " ".join(key_result.title.split())
    if not shows_something(key_result.title):
        raise ValidationError({"title": _("Give it a title.")})
    key_result.clean_fields(exclude=["workspace", "goal"])
    if key_result.start_value == key_result.target_value:
        raise ValidationError({"target_value": _("The target must differ from the start.")})
    taken = KeyResult.objects.filter(workspace_id=key_result.workspace_id, external_id=key_result.external_id)
    if key_result.external_id and taken.exclude(pk=key_result.pk).exists():
        raise ValidationError({"external_id": _("Another key result has this external id.")})
    key_result.progress = key_result_progress(key_result.start_value, key_result.target_value, key_result.current_value)


def _record(what: str, key_result: KeyResult, data: dict[str, object], *, by: Member, at: datetime) -> None:
    activity.record(
        f"goal.{what}",
        key_result.goal,
        by=by,
        at=at,
        workspace_id=key_result.workspace_id,
        data={"key_result": key_result.pk, **data},
    )
