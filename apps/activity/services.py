"""The one way into the log."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import models

from apps.activity.models import Event
from apps.core.bulk import insert_many
from apps.core.registries import Hook
from apps.workspaces.models import Member

RECORDED: Hook[[Sequence[Event]], None] = Hook("RECORDED", "called with the events just written, in their transaction")


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Member | None,
    at: datetime,
    workspace_id: UUID,
    data: dict[str, Any] | None = None,
) -> Event:
    """Write one event, in the caller's transaction.

    `verb` is `noun.past_tense`, e.g. "goal.created"; `data` holds plain values.
    """
    event = Event.objects.create(
        workspace_id=workspace_id,
        verb=verb,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        actor=by,
        at=at,
        data=plain(data or {}),
    )
    _tell([event])
    return event


def changes(before: dict[str, Any], after: dict[str, object]) -> dict[str, list[object]]:
    """What differs between two sets of fields: name → [old, new]."""
    return {name: [plain(before[name]), plain(after[name])] for name in after if before.get(name) != after[name]}


def plain(value: Any) -> Any:
    """The value as JSON can hold it: ids and dates as text, numbers as numbers, a row as its id."""
    match value:
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple() | set():
            return [plain(each) for each in value]
        case models.Model():
            return str(value.pk)
        case UUID() | date():
            return value.isoformat() if isinstance(value, date) else str(value)
        case Decimal():
            return float(value)
        case _:
            return value


def record_from_below(
    verb: str, subject: models.Model, by: Member | None, at: datetime, workspace_id: UUID, data: dict[str, object]
) -> None:
    """The same for the apps below the log, which reach it through RECORDERS."""
    record(verb, subject, by=by, at=at, workspace_id=workspace_id, data=data)


def record_many(
    happened: Iterable[tuple[str, models.Model, dict[str, Any]]], *, by: Member | None, at: datetime, workspace_id: UUID
) -> None:
    """Write many events (verb, subject, data) at once, as record does one by one, in the caller's transaction."""
    record_past(((verb, subject, data, by, at) for verb, subject, data in happened), workspace_id=workspace_id)


def record_past(
    happened: Iterable[tuple[str, models.Model, dict[str, object], Member | None, datetime]], *, workspace_id: UUID
) -> None:
    """Write many events (verb, subject, data, by, at) at once, each with its own person and time; as record_many."""
    events = (
        Event(
            workspace_id=workspace_id,
            verb=verb,
            subject_type=subject._meta.model_name or "",
            subject_id=subject.pk,
            actor=by,
            at=at,
            data=plain(data),
        )
        for verb, subject, data, by, at in happened
    )
    while batch := list(islice(events, 1_000)):
        insert_many(batch)
        _tell(batch)


def _tell(events: Sequence[Event]) -> None:
    RECORDED(events)
