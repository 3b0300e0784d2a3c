"""Imports, how far they are, and their reports a page at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet
from redis.exceptions import RedisError

from apps.integrations import access
from apps.integrations.models import ImportJob, ImportRow, RowKind, safe_cell
from apps.workspaces.models import Member, Role

PAGE = 50
LISTED = 50


def import_list(member: Member) -> QuerySet[ImportJob]:
    """The member's newest imports, without their files."""
    return access.visible_imports(member).defer("content", "report")[:LISTED]


def import_progress(job: ImportJob) -> dict[str, int]:
    """How many rows of how many are done: {"done", "total"}; empty while nobody knows."""
    if job.state == ImportJob.State.RUNNING:
        return {"done": job.done, "total": job.total}
    try:
        progress: dict[str, int] | None = cache.get(f"import:{job.pk}:progress")
    except RedisError:
        return {}
    return progress or {}


@dataclass(frozen=True)
class ReportPage:
    """Some lines of a report, and where its neighbours begin."""

    lines: list[ImportRow]
    previous: int | None
    next: int | None


def report_lines(job: ImportJob, member: Member, *, kind: str = "", reason: str = "") -> QuerySet[ImportRow]:
    """The report's lines, of one kind or reason if asked."""
    lines = access.visible_import_rows(member).filter(job=job)
    if kind:
        lines = lines.filter(kind=kind)
    return lines.filter(reason=reason) if reason else lines


def report_page(lines: QuerySet[ImportRow], *, after: int | None, before: int | None) -> ReportPage:
    """PAGE lines behind or ahead of a place."""
    if before is not None:
        found = list(lines.filter(position__lt=before).order_by("-position")[: PAGE + 1])
        more, page = len(found) > PAGE, found[:PAGE][::-1]
        return ReportPage(page, page[0].position if more else None, page[-1].position if page else None)
    found = list(lines.filter(position__gt=after or 0).order_by("position")[: PAGE + 1])
    more, page = len(found) > PAGE, found[:PAGE]
    first = page[0].position if page and after else None
    return ReportPage(page, first, page[-1].position if more else None)


def every_line(lines: QuerySet[ImportRow]) -> Iterator[dict[str, object]]:
    """All of them as plain values, a thousand at a time."""
    for line in lines.order_by("position").iterator(chunk_size=1_000):
        yield {
            "kind": line.kind, "key": line.key, "field": line.field, "value": line.value, "reason": line.reason,
            "message": line.reason_text, "count": line.count,
        }  # fmt: skip


def safe_table(header: Iterable[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """A table whose cells no spreadsheet takes for formulas."""
    yield list(header)
    for row in rows:
        yield [safe_cell(cell) for cell in row]


def report_counts(job: ImportJob) -> list[dict[str, object]]:
    """The counts of each kind that the file has rows of, with the kind in words."""
    counts: dict[str, dict[str, int]] = job.report.get("counts", {})
    told = ((kind, counts.get(kind.value, {})) for kind in RowKind)
    return [{"label": kind.label, "kind": kind.value, **row} for kind, row in told if any(row.values())]


def importing_member(slug: str, email: str | None) -> Member | None:
    """The active admin with that address, or the workspace's first active owner; None where there is none."""
    admins = Member.objects.active().filter(workspace__slug=slug, role__in=(Role.OWNER, Role.ADMIN))
    admins = admins.filter(user__email__iexact=email) if email else admins.filter(role=Role.OWNER)
    return admins.select_related("workspace", "user").order_by("created_at", "pk").first()
