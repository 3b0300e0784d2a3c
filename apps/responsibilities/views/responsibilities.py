"""The page of a responsibility, and writing, changing and archiving one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.choosing import as_uuid
from apps.core.forms import SAVED_KEY, add_errors, posted
from apps.core.models import new_id
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.goals.access import visible_goals
from apps.responsibilities import access, queries, services
from apps.responsibilities.forms.responsibilities import ResponsibilityForm, initial_of
from apps.responsibilities.models import Responsibility
from apps.responsibilities.queries.search import responsibility_choices
from apps.workspaces.access import visible_teams
from apps.workspaces.models import Member

HISTORY_SHOWN = 5
QUERY_MAX = 200


@section("responsibilities")
@require_safe
def responsibility_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of one responsibility: who holds it, what is missing, and the one next step for each."""
    member, at = actor(request), timezone.now()
    moment = queries.Moment(member, at)
    responsibility = get_object_or_404(queries.responsibilities_for_page(member, moment), pk=pk)
    context = {
        "responsibility": responsibility,
        "holders": queries.holders_of(responsibility, member),
        "findings": [(each, _step(each, responsibility, member)) for each in queries.found(responsibility)],
        "history": queries.recent_history(responsibility, member, most=HISTORY_SHOWN),
        "today": moment.today,
        "draft_saved": request.session.pop(SAVED_KEY, "") if SAVED_KEY in request.session else "",
    }
    return render(request, "responsibilities/responsibility_detail.html", context)


def _step(finding: queries.Finding, responsibility: Any, member: Member) -> tuple[str, str]:
    """The one thing to do next about a finding (words, address), for those who may; nothing for the rest."""
    if not responsibility.may_change:
        return "", ""
    page = responsibility_url(responsibility, member)
    steps = {
        queries.Finding.NO_ACCOUNTABLE: (_("Assign"), f"{page}offer/?role=accountable"),
        queries.Finding.NOBODY_RESPONSIBLE: (_("Assign"), f"{page}offer/?role=responsible"),
        queries.Finding.HOLDER_GONE: (_("Assign somebody else"), f"{page}offer/"),
        queries.Finding.AWAY: (_("Assign somebody else too"), f"{page}offer/"),
        queries.Finding.REVIEW_OVERDUE: (_("Give it another date"), f"{page}edit/#id_review_on"),
    }
    return steps.get(finding, (_("See who holds it"), "#holders"))


@section("responsibilities")
@require_safe
def responsibility_history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything the log says of a responsibility, a page at a time."""
    member = actor(request)
    responsibility = get_object_or_404(access.visible_responsibilities(member), pk=pk)
    lines, page = queries.history_page(responsibility, member, request.GET)
    context = {"responsibility": responsibility, "history": lines, "page": page}
    return render(request, "responsibilities/responsibility_history.html", context)


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def responsibility_create(request: HttpRequest) -> HttpResponse:
    """Write down a responsibility; `?team=` and `?goal=` fill in where it belongs."""
    member = actor(request)
    access.can_create_responsibility.demand(member)
    form = ResponsibilityForm(posted(request), member=member, initial=_new(request, member))
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_responsibility(
                form.service_fields(),
                accountable=form.cleaned_data["accountable"],
                by=member,
                at=timezone.now(),
                key=form.key_given,
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, made, draft="responsibility-new", words=_("The responsibility is saved."))
    return _form_page(request, form, None)


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(ResponsibilityForm)
def responsibility_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a responsibility."""
    member = actor(request)
    responsibility = _to_change(member, pk, lock=request.method == "POST")
    initial = initial_of(responsibility, member)
    form = ResponsibilityForm(posted(request), member=member, responsibility=responsibility, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_responsibility(responsibility, form.service_fields(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, responsibility, draft=f"responsibility-{pk}", words=_("Your changes are saved."))
    return _form_page(request, form, responsibility)


@require_POST
def responsibility_archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It matters no more."""
    return _do(request, pk, services.archive_responsibility, _("It is archived. Its history stays."))


@require_POST
def responsibility_restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It matters again."""
    return _do(request, pk, services.restore_responsibility, _("It is back, with whoever held it."))


def responsibility_url(responsibility: Responsibility, member: Member) -> str:
    """The address of its page."""
    return reverse_in(member.workspace, "responsibilities:responsibility_detail", responsibility.pk)


def _to_change(member: Member, pk: UUID, *, lock: bool = False) -> Responsibility:
    rows = access.visible_responsibilities(member).select_related("team", "goal")
    rows = rows.select_for_update(of=("self",), no_key=True) if lock else rows
    responsibility = get_object_or_404(rows, pk=pk)
    access.can_change_responsibility.demand(member, responsibility)
    return responsibility


def _do(request: HttpRequest, pk: UUID, service: Callable[..., Responsibility], words: str) -> HttpResponse:
    """One action without a form."""
    member = actor(request)
    responsibility = _to_change(member, pk)
    service(responsibility, by=member, at=timezone.now())
    messages.success(request, words)
    return redirect(responsibility_url(responsibility, member))


def _saved(request: HttpRequest, responsibility: Responsibility, *, draft: str, words: str) -> HttpResponse:
    request.session[SAVED_KEY] = draft
    messages.success(request, words)
    return redirect(responsibility_url(responsibility, actor(request)))


def _new(request: HttpRequest, member: Member) -> dict[str, object]:
    """What a new one starts from: the actor is accountable; the team and the goal that the address names."""
    teams, goals = visible_teams(member).filter(archived_at=None), visible_goals(member)
    team, goal = as_uuid(request.GET.get("team")), as_uuid(request.GET.get("goal"))
    return {
        "key": new_id(),
        "accountable": member,
        "team": teams.filter(pk=team).first() if team else None,
        "goal": goals.filter(pk=goal).first() if goal else None,
    }


def _form_page(request: HttpRequest, form: ResponsibilityForm, responsibility: Responsibility | None) -> HttpResponse:
    member = actor(request)
    back = (
        responsibility_url(responsibility, member)
        if responsibility
        else reverse_in(member.workspace, "responsibilities:responsibility_matrix")
    )
    context = {"form": form, "responsibility": responsibility, "back": back}
    status = 422 if form.errors else 200
    return render(request, "responsibilities/responsibility_form.html", context, status=status)


@require_safe
def responsibility_options(request: HttpRequest) -> HttpResponse:
    """Open responsibilities to choose from as JSON, at most 20: those that match `?q=`."""
    found = responsibility_choices(actor(request), request.GET.get("q", "")[:QUERY_MAX])
    rows = [{"value": str(each.pk), "label": each.title, "detail": each.detail} for each in found]
    return JsonResponse({"results": rows})
