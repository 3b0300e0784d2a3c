"""What the workspace, and oneself, hold dear."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.workspaces import access, queries, services
from apps.workspaces.forms import ValueForm
from apps.workspaces.models import Member, Value


def _to_list(member: Member) -> HttpResponse:
    return redirect(reverse_in(member.workspace, "workspaces:value_list"))


@section("settings")
@require_safe
def value_list(request: HttpRequest) -> HttpResponse:
    """The workspace's values and one's own."""
    member = actor(request)
    shared, own = queries.values_of(member)
    context = {"shared": shared, "own": own, "may_share": access.can_change_workspace(member)}
    return render(request, "workspaces/value_list.html", context)


@section("settings")
@require_http_methods(["GET", "POST"])
def value_create(request: HttpRequest) -> HttpResponse:
    """A new value, shared by admins or one's own."""
    member = actor(request)
    may_share = access.can_change_workspace(member)
    form = ValueForm(request.POST if request.method == "POST" else None, may_share=may_share)
    if form.is_valid():
        fields = {"shared": False, **form.cleaned_data}
        try:
            services.create_value(**fields, by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _to_list(member)
    return render(request, "workspaces/value_form.html", {"form": form})


def _value(request: HttpRequest, pk: UUID, *, lock: bool = False) -> tuple[Member, Value]:
    member = services.lock_shape(actor(request)) if lock else actor(request)
    value = get_object_or_404(access.visible_values(member), pk=pk)
    access.can_change_value.demand(member, value)
    return member, value


@section("settings")
@require_http_methods(["GET", "POST"])
@edits(ValueForm)
def value_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say it in other words."""
    member, value = _value(request, pk, lock=request.method == "POST")
    form = ValueForm(request.POST if request.method == "POST" else None, value=value, reader=member)
    if form.is_valid():
        try:
            fields = {"name": form.said("name"), "statement": form.said("statement")}
            services.update_value(value, **fields, by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to_list(member)
    return render(request, "workspaces/value_form.html", {"form": form, "value": value})


@section("settings")
@require_http_methods(["GET", "POST"])
def value_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a value away, after a question."""
    member, value = _value(request, pk)
    if request.method == "POST":
        services.delete_value(value, by=member, at=timezone.now())
        messages.success(request, _("“%(name)s” was removed.") % {"name": value.name})
        return _to_list(member)
    return render(request, "workspaces/value_delete.html", {"value": value})
