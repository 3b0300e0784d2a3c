"""One's own exports: starting one, seeing how far it is, fetching the archive."""

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.jobs import ring
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.integrations import access, queries
from apps.integrations.models import Export
from apps.integrations.services import exports
from apps.integrations.tasks import run_exports
from apps.workspaces.models import Member


def archive_response(export: Export, member: Member) -> StreamingHttpResponse:
    """The archive as a download, read a piece at a time. Raises Http404 while there is none, PermissionDenied where
    something in it is no longer for the member.
    """
    if not export.is_ready:
        raise Http404
    access.can_download.demand(member, export)
    answer = StreamingHttpResponse(queries.archive_pieces(export), content_type="application/zip")
    answer["Content-Length"] = str(export.size)
    answer["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@section("programs")
@require_safe
@never_cache
def export_list(request: HttpRequest) -> HttpResponse:
    """One's exports, the newest first."""
    found = list(queries.export_list(actor(request)))
    at_work = any(export.is_at_work for export in found)
    context = {"exports": found, "at_work": at_work, "kept_days": settings.KEEP_EXPORTS_DAYS}
    return render(request, "integrations/export_list.html", context)


@require_POST
def export_create(request: HttpRequest) -> HttpResponse:
    """Start one."""
    member = actor(request)
    try:
        export = exports.create_export(by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _to_list(member)
    ring(run_exports)
    return redirect(reverse_in(member.workspace, "integrations:export_detail", export.pk))


@section("programs")
@require_safe
@never_cache
def export_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is, or the archive. The bar asks again by itself."""
    export = _export(request, pk)
    if request.htmx:  # type: ignore[attr-defined]
        if export.is_at_work:
            return render(request, "integrations/export_detail.html#work", {"export": export})
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    kept_back = export.is_ready and not access.can_download(actor(request), export)
    context = {"export": export, "kept_back": access.can_download.refusal if kept_back else ""}
    return render(request, "integrations/export_detail.html", context)


@require_safe
def export_download(request: HttpRequest, pk: UUID) -> StreamingHttpResponse:
    """The archive."""
    return archive_response(_export(request, pk), actor(request))


@require_POST
def export_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop it."""
    member, export = actor(request), _export(request, pk)
    try:
        exports.cancel_export(export, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(reverse_in(member.workspace, "integrations:export_detail", export.pk))


@section("programs")
@require_http_methods(["GET", "POST"])
@never_cache
def export_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget it, after a question."""
    member, export = actor(request), _export(request, pk)
    if request.method == "POST":
        with suppress(PermissionDenied):  # somebody deleted it in another window
            exports.delete_export(export, by=member, at=timezone.now())
        messages.success(request, _("The export is deleted."))
        return _to_list(member)
    return render(request, "integrations/export_delete.html", {"export": export})


def _export(request: HttpRequest, pk: UUID) -> Export:
    return get_object_or_404(access.visible_exports(actor(request)), pk=pk)


def _to_list(member: Member) -> HttpResponse:
    return redirect(reverse_in(member.workspace, "integrations:export_list"))
