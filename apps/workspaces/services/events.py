"""How workspaces write to the log, which is an app above this one: it adds its writer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from apps.core.registries import Hook
from apps.workspaces.models import Member, Workspace

RECORDERS: Hook[[str, models.Model, Member | None, datetime, UUID, dict[str, object]], None] = Hook(
    "RECORDERS", "called with (verb, subject, by, at, workspace_id, data) in the transaction of a change, to log it"
)


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Member | None,
    at: datetime,
    workspace: Workspace,
    data: dict[str, Any] | None = None,
) -> None:
    """Tell every recorder what happened."""
    RECORDERS(verb, subject, by, at, workspace.pk, data or {})


def changes(before: dict[str, Any], after: dict[str, object]) -> dict[str, list[object]]:
    """What differs: name → [old, new]."""
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}
