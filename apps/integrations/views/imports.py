"""Uploading a file, seeing what it would change, saying yes, and the report."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.jobs import ring
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.integrations import access, queries
from apps.integrations.forms import ImportForm, ReportFilterForm
from apps.integrations.models import ImportJob
from apps.integrations.services import imports
from apps.integrations.tasks import run_imports
from apps.integrations.views.exports import csv_response
from apps.workspaces.models import Member

REPORT_COLUMNS = ("kind", "key", "field", "value", "reason", "message", "count")


def _admin(request: HttpRequest) -> Member:
    member = actor(request)
    access.can_import.demand(member)
    return member


@section("settings")
@require_safe
@never_cache
def import_list(request: HttpRequest) -> HttpResponse:
    """One's own imports, the newest first."""
    return render(request, "integrations/import_list.html", {"jobs": queries.import_list(_admin(request))})


@section("settings")
@require_http_methods(["GET", "POST"])
def import_create(request: HttpRequest) -> HttpResponse:
    """Upload a file; a worker works out what it would change."""
    member = _admin(request)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = imports.create_import(file.read(), file_name=file.name, by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            ring(run_imports)
            return redirect(reverse_in(member.workspace, "integrations:import_detail", job.pk))
    return render(request, "integrations/import_create.html", {"form": form})


@section("settings")
@require_safe
@never_cache
def import_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far an import is: the bar, the preview with its question, or the report. The bar asks again by itself."""
    member = actor(request)
    job = get_object_or_404(access.visible_imports(member).defer("content"), pk=pk)
    progress = queries.import_progress(job) if job.is_at_work else {}
    context = {"job": job, "progress": progress, "kept_days": settings.KEEP_IMPORT_REPORTS_DAYS}
    if request.htmx:  # type: ignore[attr-defined]
        if job.is_at_work:
            return render(request, "integrations/import_detail.html#work", context)
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if job.report:
        form = ReportFilterForm(request.GET, job=job)
        lines = queries.report_lines(job, member, **form.chosen())
        page = queries.report_page(lines, after=_place(request, "after"), before=_place(request, "before"))
        context |= {"filter_form": form, "page": page, "counts": queries.report_counts(job)}
    return render(request, "integrations/import_detail.html", context)


def _place(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - an integer column


@require_POST
def import_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say yes to the preview."""
    return _change(request, pk, imports.confirm_import)


@require_POST
def import_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop it and forget the file."""
    return _change(request, pk, imports.cancel_import)


def _change(request: HttpRequest, pk: UUID, service: imports.ImportAction) -> HttpResponse:
    member = actor(request)
    job: ImportJob = get_object_or_404(access.visible_imports(member).defer("content"), pk=pk)
    try:
        service(job, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        ring(run_imports)
    return redirect(reverse_in(member.workspace, "integrations:import_detail", job.pk))


@require_safe
@never_cache
def import_report(request: HttpRequest, pk: UUID, form: str) -> HttpResponseBase:
    """The whole report as a file, csv or json, for the kind and reason that are chosen."""
    member = actor(request)
    job = get_object_or_404(access.visible_imports(member).defer("content"), pk=pk)
    chosen = ReportFilterForm(request.GET, job=job).chosen()
    lines = queries.every_line(queries.report_lines(job, member, **chosen))
    if form == "json":
        answer = JsonResponse({**job.report.get("counts", {}), "rows": list(lines)})
        answer["Content-Disposition"] = 'attachment; filename="report.json"'
        return answer
    rows = ([str(line[name]) for name in REPORT_COLUMNS] for line in lines)
    return csv_response(queries.safe_table(REPORT_COLUMNS, rows), "report.csv")
