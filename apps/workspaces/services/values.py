"""What the workspace, or one person, holds dear."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.workspaces import access
from apps.workspaces.models import Member, Value
from apps.workspaces.services.events import changes, record
from apps.workspaces.services.locks import lock_shape

VALUES_MAX = 50


@transaction.atomic
def create_value(
    *, name: str, statement: str = "", shared: bool, external_id: str = "", by: Member, at: datetime
) -> Value:
    """A new value: the workspace's (`shared`, admins only) or the actor's own.

    Raises PermissionDenied, ValidationError by field.
    """
    by = lock_shape(by)
    value = Value(workspace=by.workspace, member=None if shared else by, created_at=at)
    access.can_change_value.demand(by, value)
    value.external_id = external_id
    _assign(value, name=name, statement=statement)
    if _siblings(value).count() >= VALUES_MAX:
        raise ValidationError(_("There are already %(count)s values. Remove one first.") % {"count": VALUES_MAX})
    value.save(force_insert=True)
    record("value.created", value, by=by, at=at, workspace=by.workspace, data={"name": name} if shared else {})
    return value


@transaction.atomic
def update_value(value: Value, *, name: str, statement: str, by: Member, at: datetime) -> Value:
    """Say it in other words. Raises PermissionDenied, ValidationError by field."""
    by = lock_shape(by)
    value = _lock(value, by=by)
    before = {"name": value.name, "statement": value.statement}
    _assign(value, name=name, statement=statement)
    changed = changes(before, {"name": value.name, "statement": value.statement})
    if changed:
        value.save()
        data = {"changes": changed} if value.member_id is None else {}
        record("value.updated", value, by=by, at=at, workspace=by.workspace, data=data)
    return value


@transaction.atomic
def delete_value(value: Value, *, by: Member, at: datetime) -> None:
    """Take the value away; goals that named it no longer do. Raises PermissionDenied.

    The event of a shared value hangs on the workspace, because the value is gone.
    """
    value = _lock(value, by=by)
    if value.member_id is None:
        record("workspace.value_deleted", by.workspace, by=by, at=at, workspace=by.workspace, data={"name": value.name})
    else:
        record("value.deleted", value, by=by, at=at, workspace=by.workspace)
    value.delete()


def _lock(value: Value, *, by: Member) -> Value:
    value = Value.objects.select_for_update(of=("self",)).get(pk=value.pk)
    access.can_change_value.demand(by, value)
    return value


def _siblings(value: Value) -> QuerySet[Value]:
    return Value.objects.filter(workspace_id=value.workspace_id, member=value.member).exclude(pk=value.pk)


def _assign(value: Value, *, name: str, statement: str) -> None:
    value.name, value.statement = " ".join(name.split()), statement.strip()
    value.clean_fields(exclude=["workspace", "member"])
    if _siblings(value).filter(name__iexact=value.name).exists():
        raise ValidationError({"name": _("There is a value of this name already.")})
    others = Value.objects.filter(workspace_id=value.workspace_id, external_id=value.external_id).exclude(pk=value.pk)
    if value.external_id and others.exists():
        raise ValidationError({"external_id": _("Another value has this external id.")})
