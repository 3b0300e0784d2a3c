"""The first five minutes of a new workspace."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.workspaces import access, queries, services
from apps.workspaces.forms import InviteForm, TeamForm
from apps.workspaces.models import Member

STEPS = ("team", "goal", "people")


@section("goals")
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Three steps: name a team, write a goal, invite somebody. Each can be skipped, and says when it is done."""
    member = actor(request)
    forms = _forms(request, member)
    sent = request.POST.get("step", "")
    if sent in forms and forms[sent].is_valid() and _done(sent, forms[sent], member):
        return redirect(reverse_in(member.workspace, "workspaces:welcome"))
    if request.POST.get("skip", "") in STEPS:
        _skip(request, member, request.POST["skip"])
        return redirect(reverse_in(member.workspace, "workspaces:welcome"))
    begun = queries.beginnings(member)
    context = {"forms": forms, "begun": begun, "skipped": _skipped(request, member)}
    return render(request, "workspaces/welcome.html", context)


def _forms(request: HttpRequest, member: Member) -> dict[str, Any]:
    """The forms of the steps that this person may take here."""
    data = request.POST if request.method == "POST" else None
    step = request.POST.get("step")
    forms: dict[str, object] = {}
    if access.can_change_workspace(member):
        forms["team"] = TeamForm(data if step == "team" else None, viewer=member)
    if access.can_invite(member):
        initial = {"role": "member"}
        filled = {**data.dict(), **initial} if data is not None and step == "people" else None
        forms["people"] = InviteForm(filled, viewer=member)
    return forms


def _done(step: str, form: Any, member: Member) -> bool:
    try:
        if step == "team":
            services.create_team(form.cleaned_data, by=member, at=timezone.now())
        else:
            services.create_invitations(**form.cleaned_data, by=member, at=timezone.now())
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True


def _key(member: Member) -> str:
    return f"welcome-{member.workspace.pk}"


def _skipped(request: HttpRequest, member: Member) -> list[str]:
    return list(request.session.get(_key(member), []))


def _skip(request: HttpRequest, member: Member, step: str) -> None:
    request.session[_key(member)] = sorted({*_skipped(request, member), step})
