"""The workspace's settings."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.workspaces import access, services
from apps.workspaces.forms import WorkspaceForm


@section("settings")
@require_http_methods(["GET", "POST"])
@edits(WorkspaceForm)
def workspace_settings(request: HttpRequest) -> HttpResponse:
    """Name, address, time zone, working days and cadence."""
    member = services.lock_shape(actor(request)) if request.method == "POST" else actor(request)
    access.can_change_workspace.demand(member)
    data = request.POST if request.method == "POST" else None
    form = WorkspaceForm(data, workspace=member.workspace, reader=member)
    if form.is_valid():
        fields: Any = form.cleaned_data
        try:
            workspace = services.update_workspace(member.workspace, fields, by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(reverse_in(workspace, "workspaces:workspace_settings"))
    return render(request, "workspaces/workspace_settings.html", {"form": form})
