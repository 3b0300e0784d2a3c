"""Which rows of a file are here already, and which of them somebody took away by hand."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.db.models import Q

from apps.workspaces.services.bulk import BulkRun

Row = TypeVar("Row", bound=Any)
VERSION_8 = 0x8000 << 64
VARIANT = 0x8000 << 48


class Keyed(Protocol):
    """A row of a file."""

    key: str


def stable_id(workspace_id: UUID, key: str) -> UUID:
    """The id that a row of this key gets here, the same each time: a UUIDv8 (RFC 9562, section 5.8).

    So the log still knows what happened to a row that was taken away since, and it is not made anew.
    """
    number = int.from_bytes(hashlib.sha256(workspace_id.bytes + key.encode()).digest()[:16])
    return UUID(int=number & ~(0xF000 << 64) & ~(0xC000 << 48) | VERSION_8 | VARIANT)


class Known(Generic[Row]):
    """The rows of a batch that are here, by key, locked; read in one query."""

    def __init__(self, model: type[Row], batch: Sequence[Keyed], run: BulkRun) -> None:
        self.name: str = model._meta.model_name
        self.run = run
        workspace_id = run.by.workspace_id
        self.ids = {row.key: stable_id(workspace_id, row.key) for row in batch}
        named = Q(external_id__in=list(self.ids)) | Q(pk__in=list(self.ids.values()))
        rows = model.objects.filter(named, workspace_id=workspace_id)
        found: list[Row] = list(run.locked(rows))
        self.by_key = {row.external_id: row for row in found if row.external_id}
        self.by_pk = {row.pk: row for row in found}
        run.existing([*self.by_pk, *self.ids.values()])

    def find(self, key: str) -> Row | None:
        """The row of this key, also where it lost its external id since."""
        return self.by_key.get(key) or self.by_pk.get(self.ids[key])

    def add(self, rows: Iterable[Row]) -> None:
        """Rows that were just made."""
        for row in rows:
            self.by_key[row.external_id] = row

    def was_removed(self, key: str) -> bool:
        """Whether somebody took a row of this key away by hand: there is none, and the log tells of one."""
        return bool(self.run.deeds(self.name, self.ids[key]))
