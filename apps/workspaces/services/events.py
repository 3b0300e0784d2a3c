"""How workspaces write to the log, which is an app above this one: a named list that apps.activity adds its writer
to.
"""

from datetime import datetime
from typing import Any, Protocol

from django.db import models

from apps.workspaces.models import Member, Workspace


class Recorder(Protocol):
    """Writes one event in the caller's transaction, as apps.activity.services.record does."""

    def __call__(
        self,
        verb: str,
        subject: models.Model,
        *,
        by: Member | None,
        at: datetime,
        workspace_id: Any,
        data: dict[str, Any] | None = None,
    ) -> object:
        """Write it."""


RECORDERS: list[Recorder] = []


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Member | None,
    at: datetime,
    workspace: Workspace,
    data: dict[str, Any] | None = None,
) -> None:
    """Tell every recorder what happened; see Recorder."""
    for recorder in RECORDERS:
        recorder(verb, subject, by=by, at=at, workspace_id=workspace.pk, data=data)


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What differs: name → [old, new]."""
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}
