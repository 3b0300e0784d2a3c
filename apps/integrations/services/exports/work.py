"""Writing an export: in short steps, each of which first makes sure that it may still read.

A step is one transaction that locks the export (a cancelled one ends, a worker that was given up on writes no more)
and its person's row (who takes their role waits for the step, or the step reads without it). What a step read is
written into the archive after it, so no lock is held while it is compressed. A worker that dies leaves a lease that
runs out; the next begins anew, at most TRIES times.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.activity import services as activity
from apps.core.timeouts import allow_long
from apps.integrations import access
from apps.integrations.models import Export, ExportChunk
from apps.integrations.services.exports.archive import Archive, Pieces
from apps.integrations.services.exports.jobs import end
from apps.workspaces.models import Member

TRIES = 3
BATCH = 200
LEASE = timedelta(minutes=3)
AT_ONCE = 1  # the other workers are for mail

Clock = Callable[[], datetime]


class Readable(Protocol):
    """A resource that is exported: apps.core.exports.Exported."""

    @property
    def name(self) -> str:
        """As in the API."""

    def columns(self) -> list[str]:
        """The names of its fields."""

    def count(self, member: Member) -> int:
        """How many rows the member sees."""

    def batch(self, member: Member, *, after: UUID | None, size: int) -> list[dict[str, Any]]:
        """The next rows of those the member sees."""


class ExportStopped(Exception):  # noqa: N818 - it is no error
    """The export is cancelled, deleted, or in the hands of another worker."""


class RoleChanged(Exception):  # noqa: N818 - it is no error
    """The person's role is another than when the writing began."""


class AccessEnded(Exception):  # noqa: N818 - it is no error
    """The person no longer works here."""


def run_next_export(resources: Iterable[Readable], *, clock: Clock) -> bool:
    """Write the export that waits longest; False where none does, or as many are written as may be at once."""
    export = _claim(at=clock())
    if export is None:
        return False
    user = export.requested_by.user
    with override(user.language if user else settings.LANGUAGE_CODE):
        try:
            _write(export, resources, clock)
        except ExportStopped:
            ExportChunk.objects.filter(export_id=export.pk, attempt=export.attempts).delete()
        except RoleChanged:
            _give_up(export, at=clock(), again=True)
        except AccessEnded:
            _give_up(export, at=clock(), again=False)
    return True


@transaction.atomic
def _claim(*, at: datetime) -> Export | None:
    """Count the try where a crash cannot undo it. An export that failed TRIES times is set aside, with the reason."""
    if Export.objects.filter(state=Export.State.RUNNING, leased_until__gt=at).count() >= AT_ONCE:
        return None
    free = Q(state=Export.State.WAITING) | Q(state=Export.State.RUNNING, leased_until__lte=at)
    waiting = Export.objects.select_for_update(skip_locked=True, of=("self",)).filter(free)
    for export in waiting.select_related("requested_by__user").order_by("created_at")[:10]:
        if export.attempts >= TRIES:
            words = _("The export was tried %(count)s times and each time broke off.") % {"count": TRIES}
            end(export, Export.State.FAILED, at=at, error=words)
            continue
        export.state, export.leased_until, export.rows_done = Export.State.RUNNING, at + LEASE, 0
        export.attempts += 1
        export.save(update_fields=["state", "leased_until", "rows_done", "attempts"])
        ExportChunk.objects.filter(export=export).delete()
        return export
    return None


@contextmanager
def _step(export: Export, *, at: datetime) -> Iterator[Member]:
    """One step's transaction, with the member as they are now. Raises ExportStopped, RoleChanged, AccessEnded."""
    with transaction.atomic():
        allow_long(statements=300, locks=20)
        mine = Export.objects.select_for_update(of=("self",)).filter(
            pk=export.pk, state=Export.State.RUNNING, attempts=export.attempts
        )
        if mine.first() is None:
            raise ExportStopped
        member = (
            Member.objects.select_for_update(of=("self",), no_key=True)
            .select_related("workspace", "user")
            .get(pk=export.requested_by_id)
        )
        if not access.can_export(member):
            raise AccessEnded
        if member.role != export.role:
            raise RoleChanged
        yield member
        export.leased_until = at + LEASE
        export.save(update_fields=["leased_until", "rows_done", "rows_known"])


def _write(export: Export, resources: Iterable[Readable], clock: Clock) -> None:
    started = clock()
    with _step(export, at=started) as member:
        export.rows_known = sum(resource.count(member) for resource in resources)
    with Pieces(_keeper(export)) as pieces:
        archive = Archive(pieces, at=started.astimezone(member.zone))
        ids: dict[str, list[UUID]] = {}
        counts = {
            resource.name: archive.rows(
                resource.name, resource.columns(), _noted(ids, resource.name, _batches(export, resource, clock))
            )
            for resource in resources
        }
        archive.text("README.txt", _readme(member, started, counts))
        archive.close()
    export.size = pieces.size
    at = clock()
    with _step(export, at=at):
        ExportChunk.objects.filter(export=export).exclude(attempt=export.attempts).delete()
        export.state, export.finished_at = Export.State.DONE, at
        export.rows_done = export.rows_known = sum(counts.values())
        export.held_goals = ids.get("goals", [])
        export.save(update_fields=["state", "finished_at", "size", "held_goals"])
        activity.record(
            "export.done", export, by=member, at=at, workspace_id=export.workspace_id, data={"rows": counts}
        )


def _batches(export: Export, resource: Readable, clock: Clock) -> Iterator[list[dict[str, Any]]]:
    after: UUID | None = None
    while True:
        with _step(export, at=clock()) as member:
            rows = resource.batch(member, after=after, size=BATCH)
            export.rows_done += len(rows)
            export.rows_known = max(export.rows_known, export.rows_done)
        if not rows:
            return
        yield rows
        after = rows[-1]["id"]


def _noted(
    ids: dict[str, list[UUID]], name: str, batches: Iterable[list[dict[str, Any]]]
) -> Iterator[list[dict[str, Any]]]:
    """The same rows; those of goals are remembered, since a right to one can end while the archive is kept."""
    for rows in batches:
        if name == "goals":
            ids.setdefault(name, []).extend(row["id"] for row in rows)
        yield rows


def _keeper(export: Export) -> Callable[[bytes], None]:
    """Keeps the archive's pieces, in their order."""
    position = 0

    def keep(content: bytes) -> None:
        nonlocal position
        try:
            with transaction.atomic():
                ExportChunk.objects.create(export=export, attempt=export.attempts, position=position, content=content)
        except IntegrityError as error:  # it was deleted
            raise ExportStopped from error
        position += 1

    return keep


@transaction.atomic
def _give_up(export: Export, *, at: datetime, again: bool) -> None:
    """Drop what is written: to begin anew with the role of now, or for good."""
    row = (
        Export.objects.select_for_update(of=("self",))
        .select_related("requested_by")
        .filter(pk=export.pk, state=Export.State.RUNNING, attempts=export.attempts)
        .first()
    )
    if row is None:
        return
    if not again:
        end(row, Export.State.FAILED, at=at, error=_("It was stopped because its owner lost access."))
        return
    row.state, row.role, row.leased_until = Export.State.WAITING, row.requested_by.role, None
    row.save(update_fields=["state", "role", "leased_until"])
    ExportChunk.objects.filter(export=row).delete()


def _readme(member: Member, at: datetime, counts: dict[str, int]) -> str:
    """What lies beside the rows: when, by whom, what, and how to read it."""
    lines = [
        _("Export of %(workspace)s") % {"workspace": member.workspace.name},
        "",
        _("Written: %(time)s (%(zone)s)")
        % {"time": date_format(at.astimezone(member.zone), "DATETIME_FORMAT"), "zone": member.zone},
        _("By: %(name)s (%(role)s)") % {"name": member.name, "role": member.get_role_display()},
        "",
        _("It holds what this person could see when each row was read, and nothing else."),
        _("Each .json file has the shape of the API's lists; the .csv file beside it has the same rows."),
        _("In CSV, cells that a spreadsheet could take for a formula begin with an apostrophe."),
        "",
        *(f"{name}: {count}" for name, count in counts.items()),
    ]
    return "\r\n".join([*lines, ""])
