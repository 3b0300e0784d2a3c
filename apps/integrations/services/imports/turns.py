"""A worker's turn on an import.

A job is a row that any worker may take. First its file is read into records; then, without a lock that anybody could
wait for, it is worked out what it would change; after the yes it is written in batches, each a transaction that also
says how far it came. A worker that dies leaves whole batches, and the next sweep goes on from there; a batch that
breaks off TRIES times ends the job. Jobs of one workspace wait for each other as rows; those of several take turns.
"""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import override
from redis.exceptions import RedisError

from apps.activity import services as activity
from apps.core.problems import is_write_conflict
from apps.core.timeouts import allow_long
from apps.integrations import access
from apps.integrations.models import IMPORT_FINISHED, ImportJob, ImportRecord, ImportRow
from apps.integrations.services.imports.apply import FIRST, STEPS, Application, counted_by
from apps.integrations.services.imports.content import Content
from apps.integrations.services.imports.neutral import read_neutral
from apps.integrations.services.imports.report import Report, ReportLine
from apps.integrations.services.imports.scan import json_text
from apps.integrations.services.imports.staged import Stage, counts_of, summary_of, write_lines
from apps.integrations.services.imports.tables import read_table

TRIES = 3
LOOKED_AT = 10
BATCHES = 20
"""In one turn; then the imports of other workspaces have theirs."""
LOCK_SECONDS, BATCH_SECONDS = 3, 120
AT_WORK = (ImportJob.State.CHECKING, ImportJob.State.RUNNING)
log = structlog.get_logger(__name__)


class SomebodyWaitsError(Exception):
    """Somebody waits for a key that only exists in a plan."""


def run_next_import(*, at: datetime) -> bool:
    """Give the job that waited longest a turn; False where there is none that no other worker has."""
    for pk in _waiting():
        tried = _count_try(pk, at)
        if tried:
            _turn(pk, at)
        if tried is not None:
            return True
    return False


def _waiting() -> list[UUID]:
    """The first import of each workspace, whichever was worked on the longest ago first."""
    jobs = ImportJob.objects.filter(state__in=AT_WORK)
    earlier = jobs.filter(workspace_id=OuterRef("workspace_id"), pk__lt=OuterRef("pk"))
    first = jobs.filter(~Exists(earlier)).order_by(F("worked_at").asc(nulls_first=True), "created_at")
    return list(first.values_list("pk", flat=True)[:LOOKED_AT])


def _hold(pk: UUID) -> bool:
    """Whether this transaction has the job to itself; a worker that dies lets it go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [pk.int & 0x7FFF_FFFF_FFFF_FFFF])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def _count_try(pk: UUID, at: datetime) -> bool | None:
    """Count the try where a crash cannot undo it; None where another worker has the job.

    What broke off TRIES times is set aside, with the reason: False.
    """
    if not _hold(pk):
        return None
    rows = ImportJob.objects.select_for_update(skip_locked=True, of=("self",)).defer("content")
    job = rows.filter(pk=pk, state__in=AT_WORK).first()
    if job is None:
        return None
    job.worked_at = at
    if job.attempts < TRIES:
        job.attempts += 1
        job.save(update_fields=["attempts", "worked_at"])
        return True
    broken = _("The import was tried %(count)s times and each time broke off.") % {"count": TRIES}
    end_import(job, ImportJob.State.FAILED, at=at, error=f"{broken} {job.error}".strip())
    return False


def _turn(pk: UUID, at: datetime) -> None:
    """Some batches of one job."""
    for _batch in range(BATCHES):
        if not _work(pk, at):
            return


def _work(pk: UUID, at: datetime) -> bool:
    """Do the job's next batch; False where the turn is over.

    What is wrong with the file ends the job. What met somebody else's change is tried again in a later turn.
    """
    try:
        with transaction.atomic():
            job = _taken(pk)
            return job is not None and _work_in_their_words(job, at)
    except SomebodyWaitsError:
        ImportJob.objects.filter(pk=pk).update(attempts=0)
    except (ValidationError, PermissionDenied) as error:
        _fail(pk, " ".join(error.messages) if isinstance(error, ValidationError) else str(error), at)
    except (IntegrityError, DataError, OperationalError) as error:
        if is_write_conflict(error):
            log.warning("import_broke_off", job=str(pk), cause=type(error.__cause__).__name__)
            ImportJob.objects.filter(pk=pk).update(error=_refused(error))
        elif isinstance(error, OperationalError):
            raise
        else:
            _fail(pk, _refused(error), at)
    return False


def _refused(error: Exception) -> str:
    words = {"reason": str(error).split("\n", 1)[0]}
    return _("The database could not hold what the file says: %(reason)s") % words


@transaction.atomic
def _fail(pk: UUID, error: str, at: datetime) -> None:
    rows = ImportJob.objects.select_for_update(of=("self",)).defer("content")
    job = rows.filter(pk=pk, state__in=AT_WORK).first()
    if job is not None:
        end_import(job, ImportJob.State.FAILED, at=at, error=error)


def _taken(pk: UUID) -> ImportJob | None:
    if not _hold(pk):
        return None
    allow_long(statements=BATCH_SECONDS, locks=LOCK_SECONDS)
    jobs = ImportJob.objects.select_related("requested_by__workspace", "requested_by__user").defer("content")
    return jobs.filter(pk=pk, state__in=AT_WORK).first()


def _work_in_their_words(job: ImportJob, at: datetime) -> bool:
    user = job.requested_by.user
    with override(user.language if user else settings.LANGUAGE_CODE):
        access.can_import.demand(job.requested_by)
        if not job.step:
            _read(job, at)
        elif job.state == ImportJob.State.CHECKING:
            _plan(job, at)
        else:
            _apply(job, at)
        return job.is_at_work


def _read(job: ImportJob, at: datetime) -> None:
    """Read the file into records, all or nothing; then it is needed no more."""
    report, content = Report(), Content(job.pk)
    stage = Stage(job, report)
    zone = job.requested_by.workspace.zone
    if job.format == ImportJob.Format.NEUTRAL:
        read = read_neutral(json_text(content), zone=zone, at=at, report=report, here=stage.here)
    else:
        read = read_table(content, report=report, here=stage.here)
    for rows in read:
        stage.add(rows)
    job.telling = report.as_state()
    job.total = sum(counted_by(job, step) for step in STEPS.values())
    job.step, job.attempts, job.content = FIRST, 0, b""
    job.save(update_fields=["step", "attempts", "content", "telling", "total"])


def _plan(job: ImportJob, at: datetime) -> None:
    """Work out what it would change: do it, take it back, and keep the report.

    It locks nothing that is there. What it makes anew nobody sees, but somebody could make the same key meanwhile and
    would wait for ours: then the plan is given up and made again.
    """
    report, own, done = Report.from_state(job.telling), ImportJob.objects.filter(pk=job.pk, state=job.state), 0
    with transaction.atomic():
        plan = Application(job, job.requested_by, at, report, plan=True)
        job.step, job.after = FIRST, 0
        while job.step:
            done += plan.run_batch()
            _tell_progress(job, done)
            if _somebody_waits() or not own.exists():
                raise SomebodyWaitsError
        connection.check_constraints()
        counts = counts_of(job, report)
        transaction.set_rollback(True)
    report.finish()
    write_lines(job, report)
    state, told = ImportJob.State.READY, summary_of(job, counts)
    own.update(state=state, report=told, step=FIRST, after=0, attempts=0, error="", updated_at=at)
    job.state = state


def _somebody_waits() -> bool:
    """Whether another transaction waits for the end of this one."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT EXISTS (
                SELECT FROM pg_locks mine JOIN pg_locks theirs USING (locktype, transactionid)
                WHERE locktype = 'transactionid' AND mine.pid = pg_backend_pid() AND mine.granted AND NOT theirs.granted
            )
        """)
        return bool(cursor.fetchone()[0])


def _apply(job: ImportJob, at: datetime) -> None:
    """Write the next batch. The job's row is locked, so that a cancel waits for its end and no longer."""
    rows = ImportJob.objects.select_for_update(of=("self",)).filter(pk=job.pk, state=job.state)
    now = rows.values("step", "after", "done", "telling").first()
    if now is None:
        job.state = ImportJob.State.CANCELLED
        return
    for name, value in now.items():
        setattr(job, name, value)
    report = Report.from_state(job.telling)
    job.done += Application(job, job.requested_by, at, report).run_batch()
    job.telling, job.attempts, job.error = report.as_state(), 0, ""
    if job.step:
        job.save(update_fields=["step", "after", "done", "telling", "attempts", "error"])
        return
    end_import(job, ImportJob.State.DONE, at=at)
    data = {"file": job.file_name, "counts": job.report["counts"]}
    activity.record(IMPORT_FINISHED, job, by=job.requested_by, at=at, workspace_id=job.workspace_id, data=data)


def start_again(job: ImportJob, *, at: datetime) -> None:
    """From the plan to the writing: the lines that the plan told are told anew."""
    ImportRow.objects.filter(job=job, position__gt=job.telling["written"]).delete()
    job.state, job.step, job.after, job.done, job.attempts = ImportJob.State.RUNNING, FIRST, 0, 0, 0
    job.updated_at = at
    job.save(update_fields=["state", "step", "after", "done", "attempts"])


def end_import(job: ImportJob, state: ImportJob.State, *, at: datetime, error: str = "") -> ImportJob:
    """End a job, whose row is locked, and forget its file. Where writing had begun the report says what is in."""
    if job.state == ImportJob.State.RUNNING:
        report = Report.from_state(job.telling)
        report.finish()
        write_lines(job, report)
        job.report = summary_of(job, counts_of(job, report))
    elif state == ImportJob.State.FAILED:
        job.report = {}
    ImportRecord.objects.filter(job=job).delete()
    job.state, job.error, job.content, job.finished_at = state, error[:10_000], b"", at
    job.save(update_fields=["state", "error", "content", "finished_at", "report", "step", "after", "done", "telling"])
    return job


def report_of(job: ImportJob) -> Report:
    """The report of a job that was worked out or has ended."""
    lines = ImportRow.objects.filter(job=job).order_by("position")
    told = lines.values_list("kind", "key", "reason", "field", "value", "count")
    return Report(lines=[ReportLine(*each) for each in told], counts=job.report.get("counts", {}))


def progress_key(pk: UUID) -> str:
    """Where the worker leaves how far a plan is, whose rows nobody sees: {"done": rows, "total": rows}."""
    return f"import:{pk}:progress"


def _tell_progress(job: ImportJob, done: int) -> None:
    with suppress(RedisError):
        cache.set(progress_key(job.pk), {"done": done, "total": job.total}, timeout=3600)
