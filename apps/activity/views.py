"""The audit log."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.activity import access, queries
from apps.activity.forms import AuditFilterForm
from apps.core.actor import actor
from apps.core.section import section


@section("settings")
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Everything that happened here, newest first; of what the reader may not see, only that it did."""
    member = actor(request)
    if not access.can_read_audit(member):
        raise PermissionDenied(_("Only owners and admins read the audit log."))
    form = AuditFilterForm(request.GET, viewer=member)
    kind, who = form.value("kind"), form.value("who")
    entries, page = queries.audit_page(member, kind=kind, actor_id=UUID(who) if who else None, place=request.GET)
    context = {"form": form, "entries": entries, "page": page, "is_filtered": bool(kind or who)}
    return render(request, "activity/audit_log.html", context)
