"""The life of an import: uploaded, worked out, confirmed, written, forgotten.

What a worker does to it is in `turns`.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from apps.integrations import access
from apps.integrations.models import ImportJob, ImportRow
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.turns import AT_WORK, end_import, report_of, run_next_import, start_again
from apps.integrations.services.imports.values import clean
from apps.workspaces.models import Member

OPEN_MAX = 5
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
WAIT = 0.2
Progress = Callable[[int, int], None]
OPEN = (*AT_WORK, ImportJob.State.READY)


class ImportAction(Protocol):
    """What a person does to an import: confirm_import or cancel_import."""

    def __call__(self, job: ImportJob, *, by: Member, at: datetime) -> ImportJob:
        """Do it."""


def create_import(content: bytes, *, file_name: str, by: Member, at: datetime) -> ImportJob:
    """Take an uploaded file; a worker works out what it would change. PermissionDenied, ValidationError on `file`."""
    access.can_import.demand(by)
    try:
        check_size(len(content))
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    if access.visible_imports(by).filter(state__in=OPEN).count() >= OPEN_MAX:
        raise ValidationError({"file": _("Finish or cancel one of your other imports first.")})
    return _create(content, file_name, by, at, ImportJob.State.CHECKING)


def _create(content: bytes, file_name: str, by: Member, at: datetime, state: ImportJob.State) -> ImportJob:
    return ImportJob.objects.create(
        workspace=by.workspace,
        requested_by=by,
        format=_format_of(content),
        file_name=_short_name(file_name),
        content=content,
        state=state,
        created_at=at,
    )


def check_size(size: int) -> None:
    """Raise ValidationError for a file of so many bytes, if it is too large or empty."""
    if size > settings.IMPORT_MAX_BYTES:
        raise ValidationError(
            _("The file is %(size)s. At most %(limit)s can be imported at once.")
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
        start_again(job, at=at)
    elif job.state not in (ImportJob.State.RUNNING, ImportJob.State.DONE):
        raise ValidationError(_("This import is not waiting for a go-ahead (any more)."))
    return job


@transaction.atomic
def cancel_import(job: ImportJob, *, by: Member, at: datetime) -> ImportJob:
    """Stop an import and forget its file. What was written by then stays; the report counts it.

    Waits at most for the batch at work. Raises PermissionDenied, ValidationError where it has ended already.
    """
    job = _locked(job, by=by)
    if job.state not in OPEN:
        raise ValidationError(_("This import has ended already."))
    return end_import(job, ImportJob.State.CANCELLED, at=at)


def _locked(job: ImportJob, *, by: Member) -> Any:
    if not access.visible_imports(by).filter(pk=job.pk).exists():
        raise PermissionDenied(_("Only the admin who uploaded a file can import it."))
    return ImportJob.objects.select_for_update(of=("self",)).defer("content").get(pk=job.pk)


def import_content(content: bytes, *, by: Member, at: datetime, dry_run: bool, progress: Progress) -> Report:
    """Import a file and wait for its end, as the command does; a `dry_run` only says what it would do.

    Other imports of the workspace that came before go first. Raises PermissionDenied, ValidationError.
    """
    access.can_import.demand(by)
    check_size(len(content))
    job = _create(content, "import_goals", by, at, ImportJob.State.CHECKING if dry_run else ImportJob.State.RUNNING)
    try:
        _work_until(job, ImportJob.State.READY if dry_run else ImportJob.State.DONE, at, progress)
        return report_of(job)
    finally:
        if dry_run:
            job.delete()


def _work_until(job: ImportJob, state: ImportJob.State, at: datetime, progress: Progress) -> None:
    while True:
        worked = run_next_import(at=at)
        job.refresh_from_db(fields=["state", "done", "total", "error", "report"])
        progress(job.done, job.total)
        if job.state == state:
            return
        if not job.is_at_work:
            raise ValidationError(job.error or _("This import has ended already."))
        if not worked:
            time.sleep(WAIT)


@transaction.atomic
def forget_old_imports(*, at: datetime) -> None:
    """KEEP_IMPORT_REPORTS_DAYS after their end reports are forgotten, and files that nobody said yes to."""
    before = at - timedelta(days=settings.KEEP_IMPORT_REPORTS_DAYS)
    ImportRow.objects.filter(job__finished_at__lt=before).delete()
    waiting = ImportJob.objects.select_for_update(skip_locked=True).filter(state=ImportJob.State.READY)
    for job in waiting.filter(updated_at__lt=before).defer("content")[:100]:
        end_import(job, ImportJob.State.CANCELLED, at=at)
