"""Key results."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.actor import actor
from apps.core.forms import SAVED_KEY, add_errors, posted
from apps.core.models import new_id
from apps.core.section import section
from apps.core.write_conflicts import edits
from apps.goals import access, services
from apps.goals.forms.keyresults import KeyResultForm, initial_of
from apps.goals.models import Goal, KeyResult
from apps.goals.views.goals import goal_url
from apps.workspaces.models import Member


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(KeyResultForm)
def key_result_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a key result to a goal."""
    member = actor(request)
    goal = get_object_or_404(access.visible_goals(member).select_related("team", "cycle"), pk=pk)
    _refuse_unless_allowed(member, goal)
    form = KeyResultForm(posted(request), initial={"key": new_id(), "kind": "number"})
    if request.method == "POST" and form.is_valid():
        try:
            services.create_key_result(
                goal, form.service_fields(), by=member, at=timezone.now(), key=form.cleaned_data.get("key")
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            draft = f"key-result-new-{goal.pk}"
            return _saved(request, member, goal, draft, _("The key result is saved."))
    return _form_page(request, form, goal, None)


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(KeyResultForm)
def key_result_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a key result."""
    member = actor(request)
    key_result = _key_result(member, pk, lock=request.method == "POST")
    form = KeyResultForm(
        posted(request), thing=key_result, reader=member, logged=key_result.goal, initial=initial_of(key_result)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_key_result(key_result, form.service_fields(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            draft = f"key-result-{key_result.pk}"
            return _saved(request, member, key_result.goal, draft, _("The key result is changed."))
    return _form_page(request, form, key_result.goal, key_result)


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
def key_result_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a key result with its readings, after asking."""
    member = actor(request)
    key_result = _key_result(member, pk)
    goal = key_result.goal
    if request.method != "POST":
        readings = access.visible_readings(member).filter(key_result_id=key_result.pk).count()
        context = {"key_result": key_result, "goal": goal, "readings": readings}
        return render(request, "goals/key_result_delete.html", context)
    try:
        services.delete_key_result(key_result, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The key result is removed. The history keeps its last figures."))
    return redirect(goal_url(member, goal))


def _key_result(member: Member, pk: UUID, *, lock: bool = False) -> KeyResult:
    rows = access.visible_key_results(member).select_related("goal__team", "goal__cycle")
    key_result = get_object_or_404(rows, pk=pk)
    if lock:
        services.lock(key_result.goal)
        key_result = get_object_or_404(rows, pk=pk)
    _refuse_unless_allowed(member, key_result.goal)
    return key_result


def _refuse_unless_allowed(member: Member, goal: Goal) -> None:
    access.can_change_key_results.demand(member, goal)


def _saved(request: HttpRequest, member: Member, goal: Goal, draft: str, words: str) -> HttpResponse:
    messages.success(request, words)
    request.session[SAVED_KEY] = draft
    return redirect(goal_url(member, goal))


def _form_page(request: HttpRequest, form: KeyResultForm, goal: Goal, key_result: KeyResult | None) -> HttpResponse:
    context = {"form": form, "goal": goal, "key_result": key_result}
    return render(request, "goals/key_result_form.html", context, status=422 if form.errors else 200)
