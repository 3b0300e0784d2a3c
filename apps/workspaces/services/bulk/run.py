"""What all bulk services share: the run (who, when, whom to tell), the tally of the rows, and the precedence rule."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from apps.core.bulk import update_many
from apps.workspaces import access
from apps.workspaces.models import Member
from apps.workspaces.services.locks import lock_shape

BATCH = 1_000
Item = TypeVar("Item")
Row = TypeVar("Row", bound=models.Model)


class Tell(Protocol):
    """Takes down what of a row could not be taken, and why (a word of the report's list)."""

    def __call__(self, kind: str, key: str, reason: str, field: str = "", value: str = "") -> None:
        """Take it down."""


Happening = tuple[str, models.Model, dict[str, object]]
ByHand = Callable[[str, Collection[UUID]], Mapping[UUID, Mapping[str, datetime]]]


@dataclass
class BulkRun:
    """One import: who does it and when, and where its words go.

    `by_hand` gives, for rows of one kind, what people changed themselves, field or deed → when: that is theirs and
    stays. `log` writes events (verb, subject, data), for the log lies above workspaces. A `plan` is taken back at its
    end: it locks no row, changes none that is there, and is not logged.
    """

    by: Member
    at: datetime
    tell: Tell
    by_hand: ByHand
    log: Callable[[list[Happening]], None]
    plan: bool = False
    _events: list[Happening] = field(default_factory=list)
    _deeds: dict[UUID, Mapping[str, datetime]] = field(default_factory=dict)
    _unasked: set[UUID] = field(default_factory=set)

    def record(self, verb: str, subject: models.Model, data: dict[str, Any]) -> None:
        """Log an event, marked as this import's."""
        self._events.append((verb, subject, {**data, "import": True}))
        if len(self._events) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write the events that wait; the caller's last word."""
        if not self.plan:
            self.log(self._events)
        self._events = []

    def existing(self, ids: Iterable[UUID]) -> None:
        """Name the rows whose history may be asked for next, to read it for all of them in one query, if at all."""
        self._unasked, self._deeds = set(ids), {}

    def deeds(self, subject_type: str, pk: UUID) -> Mapping[str, datetime]:
        """What people changed by hand of one row: field or deed → when last."""
        if pk not in self._deeds:
            asked = self._unasked | {pk}
            found = self.by_hand(subject_type, asked)
            self._deeds.update({each: found.get(each, {}) for each in asked})
            self._unasked = set()
        return self._deeds[pk]

    def start(self) -> None:
        """Look who the actor is now. PermissionDenied for non-admins."""
        self.by = Member.objects.select_related("workspace", "user").get(pk=self.by.pk)
        access.can_import.demand(self.by)

    def hold_shape(self) -> None:
        """Take turns with moves in the workspace's trees until the batch is committed; a plan waits for nobody."""
        if not self.plan:
            self.by = lock_shape(self.by)

    def locked(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """These rows in the order of their ids, locked; a plan only reads them."""
        rows = rows.order_by("pk")
        return rows if self.plan else rows.select_for_update(of=("self",), no_key=True)

    def update(self, rows: Sequence[models.Model], names: Collection[str], *, made: Collection[UUID]) -> None:
        """Write these fields; a plan writes only to rows that it `made` itself, which nobody else can wait for."""
        update_many([row for row in rows if row.pk in made] if self.plan else rows, names)


@dataclass
class BulkTally:
    """What became of the rows of one kind: key → id, and which were made or changed."""

    ids: dict[str, UUID] = field(default_factory=dict)
    created: set[UUID] = field(default_factory=set)
    updated: set[UUID] = field(default_factory=set)

    def touch(self, pk: UUID) -> None:
        """Note that a row changed; one made by this import stays one made."""
        if pk not in self.created:
            self.updated.add(pk)


def batches(rows: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The rows in lists of at most `size`."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def kept_by_hand(
    subject_type: str, pk: UUID, fields: Collection[str], run: BulkRun, *, since: datetime | None = None
) -> set[str]:
    """Which of these fields somebody changed by hand (after `since`, where the file says how old it is)."""
    deeds = run.deeds(subject_type, pk)
    return {name for name in fields if name in deeds and (since is None or deeds[name] > since)}


def apply_changes(row: Any, differing: Mapping[str, object], verb: str, run: BulkRun) -> bool:
    """Set the fields (not saved) and keep the event that says what changed. False where there is nothing to change."""
    if not differing:
        return False
    changes = {name.removesuffix("_id"): [getattr(row, name), value] for name, value in differing.items()}
    for name, value in differing.items():
        setattr(row, name, value)
    row.updated_at = run.at
    run.record(verb, row, {"changes": changes})
    return True
