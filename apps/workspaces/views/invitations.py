"""Invitations."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.workspaces import access, queries, services
from apps.workspaces.forms import BindForm, InviteForm, LinkForm
from apps.workspaces.forms.fields import ids_of
from apps.workspaces.models import Invitation, Member


def _admin(request: HttpRequest) -> Member:
    member = actor(request)
    access.can_invite.demand(member)
    return member


def _to_list(member: Member) -> HttpResponse:
    return redirect(reverse_in(member.workspace, "workspaces:invitation_list"))


@section("settings")
@require_safe
def invitation_list(request: HttpRequest) -> HttpResponse:
    """All invitations, newest first."""
    page = queries.invitations_page(_admin(request), request.GET)
    at = timezone.now()
    rows = [{"invitation": each, "state": each.state(at)} for each in page.rows]
    return render(request, "workspaces/invitation_list.html", {"page": page, "rows": rows})


@section("settings")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_create(request: HttpRequest) -> HttpResponse:
    """Invite a pasted list of people, make a link, or (`?member=`) invite somebody who is here without an account."""
    member = _admin(request)
    person = _waiting_person(request, member)
    if person is not None:
        return _bind(request, member, person)
    by_link = "link" in request.POST
    data = request.POST if request.method == "POST" else None
    invite = InviteForm(None if by_link else data, viewer=member)
    link = LinkForm(data if by_link else None, viewer=member, prefix="link")
    form: InviteForm | LinkForm = link if by_link else invite
    if form.is_valid():
        try:
            return _made_link(request, member, form.cleaned_data) if by_link else _invited(request, member, invite)
        except ValidationError as error:
            add_errors(form, error)
    return render(request, "workspaces/invitation_create.html", {"invite": invite, "link": link, "by_link": by_link})


def _waiting_person(request: HttpRequest, member: Member) -> Member | None:
    ids = ids_of([request.GET.get("member", "")])
    return access.visible_members(member).filter(pk__in=ids, user=None, deactivated_at=None).first() if ids else None


def _bind(request: HttpRequest, member: Member, person: Member) -> HttpResponse:
    form = BindForm(request.POST if request.method == "POST" else None, initial={"email": person.email})
    if form.is_valid():
        try:
            services.invite_member(person, email=form.cleaned_data["email"], by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(name)s is invited.") % {"name": person.name})
            return _to_list(member)
    return render(request, "workspaces/invitation_bind.html", {"form": form, "person": person})


def _invited(request: HttpRequest, member: Member, form: InviteForm) -> HttpResponse:
    sent = services.create_invitations(**form.cleaned_data, by=member, at=timezone.now())
    words = ngettext("%(count)d person is invited.", "%(count)d people are invited.", len(sent))
    messages.success(request, words % {"count": len(sent)})
    return _to_list(member)


def _made_link(request: HttpRequest, member: Member, fields: dict[str, Any]) -> HttpResponse:
    made = services.create_link(**fields, by=member, at=timezone.now())
    return render(request, "workspaces/invitation_link.html", {"invitation": made.invitation, "url": made.url})


def _invitation(request: HttpRequest, pk: UUID) -> tuple[Member, Invitation]:
    member = actor(request)
    return member, get_object_or_404(access.visible_invitations(member), pk=pk)


@section("settings")
@require_POST
def invitation_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    member, invitation = _invitation(request, pk)
    try:
        services.revoke_invitation(invitation, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The invitation is withdrawn."))
    return _to_list(member)


@section("settings")
@require_POST
def invitation_resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send an invitation again."""
    member, invitation = _invitation(request, pk)
    try:
        services.resend_invitation(invitation, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("A new mail is on its way; the link in the old one no longer works."))
    return _to_list(member)
