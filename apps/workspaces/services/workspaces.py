"""Making a workspace and changing its settings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.registries import Hook
from apps.workspaces import access
from apps.workspaces.models import Member, Role, Workspace
from apps.workspaces.services.events import changes, record
from apps.workspaces.services.locks import lock_shape
from apps.workspaces.services.slugs import numbered, readable_slug

WORKSPACE_CHANGED: Hook[[Workspace], None] = Hook(
    "WORKSPACE_CHANGED",
    "called with the workspace in the transaction of `update_workspace` where cadence, working days or time zone "
    "changed",
)

CALENDAR = ("timezone", "working_days", "cadence")
TRIES = 5


class WorkspaceFields(TypedDict, total=False):
    """What can be said about a workspace. A missing key leaves the field as it is."""

    name: str
    slug: str
    timezone: str
    working_days: Sequence[int]
    cadence: int
    accountable_most: int
    consult_days: int


def create_workspace(
    user: User,
    *,
    name: str,
    timezone: str,
    at: datetime,
    slug: str | None = None,
    fields: WorkspaceFields | None = None,
) -> Workspace:
    """A new workspace whose owner is the user. Without a slug one is made from the name, readable and free.

    `fields` may set working days and cadence. Raises ValidationError by field.
    """
    workspace = Workspace(created_at=at)
    _assign(workspace, {**(fields or {}), "name": name, "timezone": timezone})
    if slug is not None:
        workspace.slug = slug
        _clean(workspace)
        try:
            return _save_new(workspace, user, at=at)
        except IntegrityError as error:
            raise _taken() from error
    base = readable_slug(workspace.name)
    for _try in range(TRIES):
        taken = set(Workspace.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        workspace.slug = numbered(base, taken)
        _clean(workspace)
        try:
            return _save_new(workspace, user, at=at)
        except IntegrityError:  # somebody took the same address a moment ago
            continue
    raise ValidationError({"name": _("This name is just being taken. Please try again.")})


@transaction.atomic
def _save_new(workspace: Workspace, user: User, *, at: datetime) -> Workspace:
    workspace.save(force_insert=True)
    owner = Member.objects.create(
        workspace=workspace,
        user=user,
        name=user.name or user.email.partition("@")[0],
        email=user.email,
        role=Role.OWNER,
        created_at=at,
    )
    record("workspace.created", workspace, by=owner, at=at, workspace=workspace, data={"name": workspace.name})
    return workspace


@transaction.atomic
def update_workspace(workspace: Workspace, fields: WorkspaceFields, *, by: Member, at: datetime) -> Workspace:
    """Change what `fields` names. Raises PermissionDenied, ValidationError by field."""
    by = lock_shape(by)
    access.can_change_workspace.demand(by, workspace)
    workspace = by.workspace
    before = {name: getattr(workspace, name) for name in fields}
    _assign(workspace, fields)
    _clean(workspace)
    changed = changes(before, {name: getattr(workspace, name) for name in fields})
    if not changed:
        return workspace
    try:
        workspace.save()
    except IntegrityError as error:  # another workspace took the address a moment ago
        raise _taken() from error
    record("workspace.updated", workspace, by=by, at=at, workspace=workspace, data={"changes": changed})
    if changed.keys() & set(CALENDAR):
        WORKSPACE_CHANGED(workspace)
    return workspace


def _assign(workspace: Workspace, fields: Any) -> None:
    for name, value in fields.items():
        setattr(workspace, name, value)
    workspace.name = " ".join(workspace.name.split())
    workspace.working_days = sorted(set(workspace.working_days))


def _clean(workspace: Workspace) -> None:
    if not workspace.working_days:
        raise ValidationError({"working_days": _("Choose at least one working day.")})
    workspace.clean_fields()
    if Workspace.objects.filter(slug=workspace.slug).exclude(pk=workspace.pk).exists():
        raise _taken()


def _taken() -> ValidationError:
    return ValidationError({"slug": _("This address is taken. Please choose another.")})
