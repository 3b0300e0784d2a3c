"""Who changed a field last: the log knows, in an app above."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Model


@dataclass(frozen=True)
class LastChange:
    """Who changed something, and when."""

    actor_id: UUID
    name: str
    at: datetime


class _LooksUp(Protocol):
    def __call__(self, thing: Model, names: Collection[str], *, logged: Model) -> Mapping[str, LastChange]: ...


LAST_CHANGES: list[_LooksUp] = []
"""Called with something, names of its fields and that in whose log it stands (mostly itself): who changed each last, as
far as that is known. Higher apps add theirs in AppConfig.ready.
"""


def last_changes(thing: Model, names: Collection[str], *, logged: Model) -> dict[str, LastChange]:
    """Who changed these fields last."""
    found: dict[str, LastChange] = {}
    for look_up in LAST_CHANGES:
        found |= look_up(thing, names, logged=logged)
    return found
