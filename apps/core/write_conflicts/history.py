"""Who changed a field last: the log knows, in an app above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model

from apps.core.registries import Hook


@dataclass(frozen=True)
class LastChange:
    """Who changed something, and when."""

    actor_id: UUID
    name: str
    at: datetime


LAST_CHANGES: Hook[[Model, Collection[str], Model], Mapping[str, LastChange]] = Hook(
    "LAST_CHANGES",
    "asked who changed fields of something last, as far as that is known; called with the thing, the names of the "
    "fields and that in whose log it stands, mostly itself",
)


def last_changes(thing: Model, names: Collection[str], *, logged: Model) -> dict[str, LastChange]:
    """Who changed these fields last."""
    found: dict[str, LastChange] = {}
    for known in LAST_CHANGES(thing, names, logged):
        found |= known
    return found
