"""The life of an import: uploaded, worked out, confirmed, written, forgotten.

A job is a row that any worker may take. It is worked on in one transaction that holds the row's lock throughout, so a
worker that dies leaves nothing half written and the next sweep takes the job again, at most TRIES times.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import override
from redis.exceptions import RedisError

from apps.activity import services as activity
from apps.integrations import access
from apps.integrations.models import ImportJob, ImportRow
from apps.integrations.services.imports.apply import Progress, apply_file
from apps.integrations.services.imports.neutral import parse_neutral
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.rows import ParsedFile
from apps.integrations.services.imports.tables import parse_table
from apps.integrations.services.imports.values import clean
from apps.workspaces.models import Member

TRIES = 3
OPEN_MAX = 5
LOOKED_AT = 10
KEPT_FOR = timedelta(days=7)
SAID_EVERY = 0.25
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
AT_WORK = (ImportJob.State.CHECKING, ImportJob.State.RUNNING)
OPEN = (*AT_WORK, ImportJob.State.READY)


class Change(Protocol):
    """What a person does to an import: confirm_import or cancel_import."""

    def __call__(self, job: ImportJob, *, by: Member, at: datetime) -> ImportJob:
        """Do it."""


class ImportCancelled(Exception):  # noqa: N818 - it is no error
    """Somebody cancelled the import while it was worked on."""


def create_import(content: bytes, *, file_name: str, by: Member, at: datetime) -> ImportJob:
    """Take an uploaded file; a worker works out what it would change. PermissionDenied, ValidationError on `file`."""
    if not access.can_import(by):
        raise PermissionDenied(_("Only owners and admins can import."))
    try:
        _check_size(len(content))
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    if access.visible_imports(by).filter(state__in=OPEN).count() >= OPEN_MAX:
        raise ValidationError({"file": _("Finish or cancel one of your other imports first.")})
    return ImportJob.objects.create(
        workspace=by.workspace,
        requested_by=by,
        format=_format_of(content),
        file_name=_short_name(file_name),
        content=content,
        created_at=at,
    )


def _check_size(size: int) -> None:
    if size > settings.IMPORT_MAX_BYTES:
        raise ValidationError(
            _("The file has %(size)s. At most %(limit)s can be imported at once.")
            % {"size": filesizeformat(size), "limit": filesizeformat(settings.IMPORT_MAX_BYTES)}
        )
    if size == 0:
        raise ValidationError(_("The file is empty."))


def _format_of(content: bytes) -> ImportJob.Format:
    """JSON begins with a brace (or a bracket, which the parser then refuses with a reason); all else is a table."""
    start = content[:200]
    for mark in MARKS:
        start = start.removeprefix(mark)
    return ImportJob.Format.NEUTRAL if start.replace(b"\0", b"").lstrip()[:1] in (b"{", b"[") else ImportJob.Format.CSV


def _short_name(name: str) -> str:
    """The file's own name, without a path or signs that cannot be shown."""
    bare = PurePosixPath(clean(name).replace("\\", "/")).name
    return "".join(sign for sign in bare if sign.isprintable())[-255:] or "import"


@transaction.atomic
def confirm_import(job: ImportJob, *, by: Member, at: datetime) -> ImportJob:
    """Say yes to what the preview shows; a worker then writes it. ValidationError where it does not wait for that."""
    job = _locked(job, by=by)
    if job.state == ImportJob.State.READY:
        job.state, job.attempts, job.updated_at = ImportJob.State.RUNNING, 0, at
        job.save(update_fields=["state", "attempts"])
    elif job.state not in (ImportJob.State.RUNNING, ImportJob.State.DONE):
        raise ValidationError(_("This import is not waiting for a yes (any more)."))
    return job


def cancel_import(job: ImportJob, *, by: Member, at: datetime) -> ImportJob:
    """Stop an import and forget its file. One that is being worked on ends within moments, with nothing written.

    Raises PermissionDenied, ValidationError where it has ended already.
    """
    with transaction.atomic():
        free = _locked(job, by=by, skip_locked=True)
        if free is not None:
            if free.state not in OPEN:
                raise ValidationError(_("This import has ended already."))
            return _end(free, ImportJob.State.CANCELLED, at=at)
    with suppress(RedisError):
        cache.set(_cancel_key(job.pk), True, timeout=3600)
    return job


def _locked(job: ImportJob, *, by: Member, skip_locked: bool = False) -> Any:
    if not access.visible_imports(by).filter(pk=job.pk).exists():
        raise PermissionDenied(_("Only who uploaded a file, and is an admin, can import it."))
    rows = ImportJob.objects.select_for_update(of=("self",), skip_locked=skip_locked).defer("content")
    return rows.filter(pk=job.pk).first()


def _end(job: ImportJob, state: ImportJob.State, *, at: datetime, error: str = "") -> ImportJob:
    job.state, job.error, job.content, job.finished_at = state, error, b"", at
    job.save(update_fields=["state", "error", "content", "finished_at", "report"])
    return job


def run_next_import(*, at: datetime) -> bool:
    """Work on the oldest job that waits for a worker; False where there is none. Takes no job another worker has."""
    waiting = ImportJob.objects.filter(state__in=AT_WORK).order_by("created_at").values_list("pk", flat=True)
    for pk in waiting[:LOOKED_AT]:
        with _hold(pk) as held:
            if held and _count_try(pk, at):
                _work_on(pk, at)
                return True
    return False


@contextmanager
def _hold(pk: UUID) -> Iterator[bool]:
    """Whether this worker has the job to itself until the end of the block; a worker that dies lets it go.

    A lock of the session, since it must hold from the try's own small transaction to the end of the great one.
    """
    key = pk.int & 0x7FFF_FFFF_FFFF_FFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with suppress(InterfaceError, OperationalError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@transaction.atomic
def _count_try(pk: UUID, at: datetime) -> bool:
    """Count the try where a crash cannot undo it. A job that broke off TRIES times is set aside, with the reason."""
    rows = ImportJob.objects.select_for_update(skip_locked=True, of=("self",)).defer("content", "report")
    job = rows.filter(pk=pk, state__in=AT_WORK).first()
    if job is None:
        return False
    if job.attempts < TRIES:
        job.attempts += 1
        job.save(update_fields=["attempts"])
        return True
    job.report = {}
    error = _("The import was tried %(count)s times and each time broke off.") % {"count": TRIES}
    _end(job, ImportJob.State.FAILED, at=at, error=error)
    return False


@transaction.atomic
def _work_on(pk: UUID, at: datetime) -> None:
    """Take the row, and keep it locked until everything is written."""
    rows = ImportJob.objects.select_for_update(of=("self",))
    job = rows.select_related("requested_by__workspace", "requested_by__user").filter(pk=pk, state__in=AT_WORK).first()
    if job is not None:
        user = job.requested_by.user
        with override(user.language if user else settings.LANGUAGE_CODE):
            _work(job, at)


def _work(job: ImportJob, at: datetime) -> None:
    """Do the job's next step. What is wrong with the file ends the job with its message."""
    preview = job.state == ImportJob.State.CHECKING
    report = Report()
    try:
        with transaction.atomic():
            _import(bytes(job.content), job.format, job.requested_by, at, report, _teller(job.pk))
            transaction.set_rollback(preview)
    except ImportCancelled:
        _end(job, ImportJob.State.CANCELLED, at=at)
        return
    except (ValidationError, PermissionDenied) as error:
        text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        _end(job, ImportJob.State.FAILED, at=at, error=text[:10_000])
        return
    ImportRow.objects.filter(job=job).delete()
    lines = (ImportRow(job=job, position=place, **line.as_dict()) for place, line in enumerate(report.lines, 1))
    ImportRow.objects.bulk_create(lines, batch_size=1_000)
    job.report = report.summary()
    if preview:
        job.state = ImportJob.State.READY
        job.save(update_fields=["state", "report"])
        return
    _end(job, ImportJob.State.DONE, at=at)
    data = {"file": job.file_name, "counts": report.counts}
    activity.record("import.done", job, by=job.requested_by, at=at, workspace_id=job.workspace_id, data=data)


def import_content(content: bytes, *, by: Member, at: datetime, dry_run: bool, progress: Progress) -> Report:
    """Import a file at once, as the command does; `dry_run` rolls it all back. PermissionDenied, ValidationError."""
    _check_size(len(content))
    report = Report()
    with transaction.atomic():
        _import(content, _format_of(content), by, at, report, progress)
        transaction.set_rollback(dry_run)
    return report


def _import(content: bytes, file_format: str, by: Member, at: datetime, report: Report, progress: Progress) -> None:
    """Parse and write. Deferred constraints are checked at its end: a preview meets what the import would."""
    if not access.can_import(by):
        raise PermissionDenied(_("Only owners and admins can import."))
    file: ParsedFile
    if file_format == ImportJob.Format.NEUTRAL:
        file = parse_neutral(content, zone=by.workspace.zone, at=at, report=report)
    else:
        file = parse_table(content, report=report)
    try:
        apply_file(file, by=by, at=at, report=report, progress=progress)
        connection.check_constraints()
    except (IntegrityError, DataError) as error:
        raise ValidationError(
            _("The database could not hold what the file says: %(reason)s") % {"reason": str(error).split("\n", 1)[0]}
        ) from error


def _cancel_key(pk: UUID) -> str:
    return f"import:{pk}:cancel"


def progress_key(pk: UUID) -> str:
    """Where the worker leaves how far it is: {"done": rows, "total": rows}."""
    return f"import:{pk}:progress"


def _teller(pk: UUID) -> Callable[[int, int], None]:
    """Says how far the job is, a few times a second at most, and hears whether somebody cancelled it."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < SAID_EVERY:
            return
        last = time.monotonic()
        with suppress(RedisError):
            cache.set(progress_key(pk), {"done": done, "total": total}, timeout=3600)
            if cache.get(_cancel_key(pk)):
                cache.delete(_cancel_key(pk))
                raise ImportCancelled

    return tell


@transaction.atomic
def forget_old_imports(*, at: datetime) -> None:
    """A week after their end reports are forgotten, and files that nobody said yes to."""
    ImportRow.objects.filter(job__finished_at__lt=at - KEPT_FOR).delete()
    waiting = ImportJob.objects.select_for_update(skip_locked=True).filter(state=ImportJob.State.READY)
    for job in waiting.filter(updated_at__lt=at - KEPT_FOR).defer("content")[:100]:
        _end(job, ImportJob.State.CANCELLED, at=at)
