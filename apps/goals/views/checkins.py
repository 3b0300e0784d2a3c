"""Check-ins and the asks in them."""

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
from apps.core.forms import SAVED_KEY, add_errors, posted
from apps.core.models import TEXT_MAX, new_id
from apps.core.pagination import keyset_page
from apps.core.section import section
from apps.core.write_conflicts import edits
from apps.goals import access, queries, services
from apps.goals.forms import checkins as forms
from apps.goals.models import CheckIn, Goal
from apps.goals.views.goals import goal_context, goal_url
from apps.workspaces.models import Member

PAGE = 20
PEOPLE = 20


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(forms.CheckInForm)
def check_in_create(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check in: in place on the goal's page by htmx, or as a page of its own. The last one stands beside the form."""
    member = actor(request)
    goal = get_object_or_404(access.visible_goals(member).select_related("team", "cycle"), pk=pk)
    access.can_check_in.demand(member, goal)
    key_results = list(goal.key_results.order_by("position", "id"))
    initial = forms.start_from(goal, key_results) | {"key": new_id()}
    if goal.owner_id and request.GET.get("ask_to") == str(goal.owner_id):
        initial["ask_to"] = goal.owner  # from the page of drifting goals: "Ask Ben"
    form = _form(request, goal, member, key_results, initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_check_in(
                goal,
                form.service_fields(),
                readings=form.readings() or {},
                by=member,
                at=timezone.now(),
                key=form.cleaned_data.get("key"),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, goal, f"check-in-{goal.pk}", _("Your check-in is saved."))
    context = {"form": form, "goal": goal, "last": queries.last_check_in(goal, member), "draft": f"check-in-{goal.pk}"}
    return _form_page(request, context)


@section("goals")
@require_safe
def check_in_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All check-ins of a goal, a page at a time."""
    member = actor(request)
    goal = get_object_or_404(access.visible_goals(member).select_related("team"), pk=pk)
    rows = access.visible_check_ins(member).filter(goal_id=goal.pk).select_related("author", "ask_to")
    page = keyset_page(rows, request.GET, order=("made_at", "pk"), descending=True, size=PAGE)
    lines = queries.with_points(page.rows)
    context = {"goal": goal, "lines": lines, "page": page, "may_check_in": access.can_check_in(member, goal)}
    return render(request, "goals/check_in_list.html", context)


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(forms.CheckInForm)
def check_in_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change one's own check-in; what it said before is kept."""
    member = actor(request)
    check_in = _check_in(member, pk, lock=request.method == "POST")
    access.can_edit_check_in.demand(member, check_in)
    goal = check_in.goal
    key_results = list(goal.key_results.order_by("position", "id"))
    form = _form(request, goal, member, key_results, forms.initial_of(check_in, key_results), check_in)
    draft = f"check-in-edit-{check_in.pk}"
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_check_in(
                check_in, form.service_fields(), readings=form.readings(), by=member, at=timezone.now()
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, goal, draft, _("The check-in is changed. What it said before is kept."))
    return _form_page(request, {"form": form, "goal": goal, "check_in": check_in, "draft": draft})


@section("goals")
@require_safe
def check_in_revisions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a check-in said before: who changed it when, from what to what."""
    member = actor(request)
    check_in = _check_in(member, pk)
    versions = queries.check_in_versions(check_in, member)
    context = {"check_in": check_in, "goal": check_in.goal, "versions": versions}
    return render(request, "goals/check_in_revisions.html", context)


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(forms.AskAnswerForm)
def ask_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer what a check-in asks of one."""
    member = actor(request)
    check_in = _check_in(member, pk)
    access.can_answer_ask.demand(member, check_in)
    form = forms.AskAnswerForm(posted(request))
    draft = f"answer-{check_in.pk}"
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_ask(check_in, answer=form.cleaned_data["answer"], by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, check_in.goal, draft, _("Your answer is saved."))
    context = {"form": form, "check_in": check_in, "goal": check_in.goal, "draft": draft}
    template = "goals/ask_answer_form.html" if _is_fragment(request) else "goals/ask_answer.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def note_preview(request: HttpRequest) -> HttpResponse:
    """What a note in Markdown will look like."""
    actor(request)
    return render(request, "goals/check_in_preview.html", {"note": request.POST.get("note", "")[:TEXT_MAX]})


@require_safe
def goal_people(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The people one can ask about a goal, as JSON: those for whom it exists, at most PEOPLE that match `?q=`."""
    member = actor(request)
    goal = get_object_or_404(access.visible_goals(member).select_related("team"), pk=pk)
    found = queries.people_of_goal(goal, member, request.GET.get("q", ""), most=PEOPLE)
    rows = [{"value": str(each.pk), "label": each.name, "detail": each.title or each.email} for each in found]
    return JsonResponse({"results": rows})


def _check_in(member: Member, pk: UUID, *, lock: bool = False) -> CheckIn:
    rows = access.visible_check_ins(member).select_related("goal__team", "goal__cycle", "author", "ask_to")
    check_in = get_object_or_404(rows, pk=pk)
    if lock:
        services.lock(check_in.goal)
        check_in = get_object_or_404(rows, pk=pk)
    return check_in


def _form(
    request: HttpRequest,
    goal: Goal,
    member: Member,
    key_results: list[Any],
    initial: dict[str, object],
    check_in: CheckIn | None = None,
) -> forms.CheckInForm:
    return forms.CheckInForm(
        posted(request),
        goal=goal,
        member=member,
        key_results=key_results,
        takes_progress=queries.takes_progress(goal, member),
        check_in=check_in,
        initial=initial,
    )


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


def _form_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    template = "goals/check_in_form_in_place.html" if _is_fragment(request) else "goals/check_in_form.html"
    form = context["form"]
    return render(request, template, context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, goal: Goal, draft: str, words: str) -> HttpResponse:
    """To htmx the goal's page as it is now, in place of the old; else the way there."""
    messages.success(request, words)
    if not _is_fragment(request):
        request.session[SAVED_KEY] = draft
        return redirect(goal_url(actor(request), goal))
    context = goal_context(request, goal.pk) | {"draft_saved": draft, "is_fragment": True}
    response = render(request, "goals/goal_detail_main.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#content", "innerHTML show:window:top"
    return response
