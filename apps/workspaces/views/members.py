"""People."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.workspaces import access, queries, services
from apps.workspaces.forms import DeactivateForm, MemberFilterForm, MemberForm, RoleForm
from apps.workspaces.forms.people import LEAVE, LEAVE_WORDS
from apps.workspaces.models import Member

QUERY_MAX = 200


def asked(request: HttpRequest) -> str:
    """What somebody typed to search, as PostgreSQL can take it."""
    return " ".join(request.GET.get("q", "")[:QUERY_MAX].replace("\x00", " ").split())


@section("people")
@require_safe
def member_list(request: HttpRequest) -> HttpResponse:
    """Everybody here, fifty at a time."""
    member = actor(request)
    form = MemberFilterForm(request.GET, viewer=member)
    chosen = form.chosen()
    active = [
        {"label": form.fields[name].label, "value": form.spoken(name), "remove_url": _without(request, name)}
        for name in chosen
    ]
    context = {
        "form": form,
        "active": active,
        "page": queries.people_page(member, chosen, request.GET),
        "can_invite": access.can_invite(member),
    }
    return render(request, "workspaces/member_list.html", context)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for key in (name, "after", "before"):
        query.pop(key, None)
    return f"?{query.urlencode()}"


def _person(request: HttpRequest, pk: UUID, *, lock: bool = False) -> tuple[Member, Member]:
    """Who acts, and whom it is about; with a lock once nobody else changes the workspace's shape."""
    member = services.lock_shape(actor(request)) if lock else actor(request)
    people = access.visible_members(member).select_related("workspace", "user", "manager")
    return member, get_object_or_404(people, pk=pk)


def _to(person: Member) -> HttpResponse:
    return redirect(reverse_in(person.workspace, "workspaces:member_detail", person.pk))


@section("people")
@require_safe
def member_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: teams, whom they report to and who to them, and the goals of theirs that the reader sees."""
    member, person = _person(request, pk)
    context = {
        "person": person,
        "shown": queries.person_page(member, person, at=timezone.now()),
        "is_self": person.pk == member.pk,
        "can_change": access.can_change_member(member, person),
        "can_set_role": access.can_set_role(member, person, person.role),
        "can_deactivate": access.can_deactivate(member, person),
        "can_invite": access.can_invite(member) and person.user_id is None and person.is_active,
    }
    return render(request, "workspaces/member_detail.html", context)


@section("people")
@require_http_methods(["GET", "POST"])
@edits(MemberForm)
def member_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a person's name, title, hours, address and whom they report to."""
    member, person = _person(request, pk, lock=request.method == "POST")
    if not access.can_change_member(member, person):
        raise PermissionDenied(_("Only admins can change other people."))
    form = MemberForm(request.POST if request.method == "POST" else None, person=person, viewer=member)
    if form.is_valid() and _saved(form, person, member):
        messages.success(request, _("Saved."))
        return _to(person)
    return render(request, "workspaces/member_edit.html", {"form": form, "person": person})


def _saved(form: MemberForm, person: Member, member: Member) -> bool:
    """Two services, one transaction: the person's fields, and the reporting line."""
    fields: Any = dict(form.cleaned_data)
    at = timezone.now()
    try:
        with transaction.atomic():
            if "manager" in fields:
                services.set_manager(person, manager=fields.pop("manager"), by=member, at=at)
            services.update_member(person, fields, by=member, at=at)
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True


@section("people")
@require_http_methods(["GET", "POST"])
@edits(RoleForm)
def member_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give somebody another role."""
    member, person = _person(request, pk, lock=request.method == "POST")
    if not access.can_set_role(member, person, person.role):
        raise PermissionDenied(_("You cannot change this person's role."))
    form = RoleForm(request.POST if request.method == "POST" else None, person=person, viewer=member)
    if form.is_valid():
        try:
            services.set_role(person, role=form.said("role"), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to(person)
    return render(request, "workspaces/member_role.html", {"form": form, "person": person})


@section("people")
@require_http_methods(["GET", "POST"])
def member_deactivate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody leaves: what they hold is listed, and each of it handed over or left on purpose."""
    member, person = _person(request, pk)
    access.can_deactivate.demand(member, person)
    if not person.is_active:
        return _to(person)
    holdings = services.holdings_of(person, viewer=member)
    data = request.POST if request.method == "POST" else None
    form = DeactivateForm(data, person=person, viewer=member, holdings=holdings)
    if form.is_valid():
        try:
            services.deactivate_member(person, choices=form.choices(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(name)s was deactivated.") % {"name": person.name})
            return _to(person)
    return render(request, "workspaces/member_deactivate.html", {"form": form, "person": person})


@section("people")
@require_POST
def member_reactivate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take somebody back."""
    member, person = _person(request, pk)
    services.reactivate_member(person, by=member, at=timezone.now())
    messages.success(request, _("%(name)s is back.") % {"name": person.name})
    return _to(person)


@require_safe
def member_options(request: HttpRequest) -> HttpResponse:
    """People for a combobox: `?q=` → at most twenty, as JSON. `?also=leave` puts “leave it” before them."""
    found = queries.member_options(actor(request), asked(request))
    results = [{"value": str(each.pk), "label": each.name, "detail": each.title} for each in found]
    if request.GET.get("also") == LEAVE:
        results.insert(0, {"value": LEAVE, "label": str(LEAVE_WORDS), "detail": ""})
    return JsonResponse({"results": results})
