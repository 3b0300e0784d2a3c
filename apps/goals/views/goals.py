"""The goal page, and writing, changing, closing and reopening a goal."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import SAVED_KEY, add_errors, posted
from apps.core.models import new_id
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits, is_touched
from apps.goals import access, queries, services
from apps.goals.forms.closing import CloseForm
from apps.goals.forms.goals import GoalForm, ReadersForm, initial_of
from apps.goals.models import Goal, Status, Visibility
from apps.workspaces.access import visible_teams
from apps.workspaces.models import Member

HISTORY_SHOWN = 5


@section("goals")
@require_safe
def goal_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of one goal."""
    context = goal_context(request, pk)
    context["draft_saved"] = request.session.pop(SAVED_KEY, "") if SAVED_KEY in request.session else ""
    return render(request, "goals/goal_detail.html", context)


def goal_context(request: HttpRequest, pk: UUID) -> dict[str, object]:
    """What the page of a goal shows; Http404 where it does not exist for the person."""
    member, at = actor(request), timezone.now()
    goal = get_object_or_404(queries.goals_for_page(member, at=at), pk=pk)
    page = queries.goal_page(goal, member, at=at)
    return {
        "page": page,
        "goal": goal,
        "readers": queries.goal_readers(goal, member),
        "history": queries.recent_history(goal, member, most=HISTORY_SHOWN),
        "today": member.today(at),
        "may_check_in": page.may_check_in,
    }


@section("goals")
@require_safe
def goal_history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything the log says of a goal, a page at a time."""
    member = actor(request)
    goal = get_object_or_404(access.visible_goals(member), pk=pk)
    lines, page = queries.history_page(goal, member, request.GET)
    return render(request, "goals/goal_history.html", {"goal": goal, "history": lines, "page": page})


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
def goal_create(request: HttpRequest) -> HttpResponse:
    """Write a goal; `?parent=` and `?team=` fill in where it stands."""
    member = actor(request)
    access.can_create_goal.demand(member)
    form = GoalForm(posted(request), member=member, initial=_new_goal(request, member))
    if request.method == "POST" and form.is_valid():
        try:
            goal = services.create_goal(form.service_fields(), by=member, at=timezone.now(), key=form.key_given)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, goal, member, draft="goal-new", words=_("The goal is saved."))
    return _form_page(request, form, None)


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(GoalForm)
def goal_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a goal."""
    member, is_sent = actor(request), request.method == "POST"
    if is_sent and is_touched(GoalForm, request.POST, "parent"):
        services.hold_tree(member.workspace_id)
    goal = _goal_to_change(member, pk, lock=is_sent)
    form = GoalForm(posted(request), member=member, goal=goal, initial=initial_of(goal, member))
    if request.method == "POST" and form.is_valid():
        try:
            services.update_goal(goal, form.service_fields(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, goal, member, draft=f"goal-{goal.pk}", words=_("Your changes are saved."))
    return _form_page(request, form, goal)


@require_safe
def goal_readers(request: HttpRequest) -> HttpResponse:
    """Who would read the goal that is being written, as a sentence for the form."""
    member = actor(request)
    access.can_create_goal.demand(member)
    form = ReadersForm(request.GET, member=member)
    form.is_valid()
    data = form.cleaned_data
    named = {person.pk for person, _hours in data.get("contributors") or []}
    named |= {data["owner"].pk} if data.get("owner") else set()
    readers = queries.would_read(
        visibility=data.get("visibility") or Visibility.WORKSPACE, team=data.get("team"), named=named, member=member
    )
    return render(request, "goals/goal_form_readers.html", {"readers": readers})


@require_safe
def contributor_row(request: HttpRequest) -> HttpResponse:
    """One more row for a person in the form of a goal."""
    member = actor(request)
    access.can_create_goal.demand(member)
    form = GoalForm(member=member)
    return render(request, "goals/goal_form_contributor.html", {"widget": form["contributors"].subwidgets[0].data})


@require_POST
def goal_activate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a draft active."""
    return _do(request, pk, services.activate_goal, _("The goal is active."))


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
def goal_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a goal: how it ended, and what was learned. Beside it stands, honestly, what is still open."""
    member, at = actor(request), timezone.now()
    goal = _goal_to_change(member, pk)
    form = CloseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.close_goal(goal, **form.cleaned_data, by=member, at=at)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _saved(request, goal, member, draft=f"close-{goal.pk}", words=_("The goal is closed."))
    page = queries.goal_page(get_object_or_404(queries.goals_for_page(member, at=at), pk=pk), member, at=at)
    open_children = [child for child in page.children if not child.goal.is_closed]
    unreached = [line.key_result for line in page.key_results if line.key_result.progress < 1]
    context = {"form": form, "goal": goal, "page": page, "open_children": open_children, "unreached": unreached}
    return render(request, "goals/goal_close.html", context, status=422 if form.errors else 200)


@require_POST
def goal_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back a closing."""
    return _do(request, pk, services.reopen_goal, _("The goal is open again."))


def _goal_to_change(member: Member, pk: UUID, *, lock: bool = False) -> Goal:
    goals = access.visible_goals(member).select_related("cycle", "team", "owner")
    goal = get_object_or_404(goals.select_for_update(of=("self",), no_key=True) if lock else goals, pk=pk)
    access.can_change_goal.demand(member, goal)
    return goal


def _do(request: HttpRequest, pk: UUID, service: Callable[..., Goal], words: str) -> HttpResponse:
    """One action without a form; what the rules refuse is said on the goal's page."""
    member = actor(request)
    goal = _goal_to_change(member, pk)
    try:
        service(goal, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, words)
    return redirect(goal_url(member, goal))


def goal_url(member: Member, goal: Goal) -> str:
    """The address of a goal's page."""
    return reverse_in(member.workspace, "goals:goal_detail", goal.pk)


def _saved(request: HttpRequest, goal: Goal, member: Member, *, draft: str, words: str) -> HttpResponse:
    """To the goal's page; to the list where the goal does not exist for the person any more."""
    request.session[SAVED_KEY] = draft
    if access.can_see(member, goal):
        messages.success(request, words)
        return redirect(goal_url(member, goal))
    messages.success(request, _("The goal is saved. You are not among those who can read it."))
    return HttpResponseRedirect(reverse_in(member.workspace, "goals:goal_list"))


def _new_goal(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What a new goal starts from: the actor owns it; it stands beneath the parent, and where and as hidden as that."""
    today = member.today(timezone.now())
    parent = _named(access.visible_goals(member).select_related("team", "cycle"), request.GET.get("parent"))
    team = parent.team if parent else _named(visible_teams(member).filter(archived_at=None), request.GET.get("team"))
    cycle = parent.cycle if parent and parent.cycle and not parent.cycle.is_closed else None
    if cycle is None:
        cycle = queries.current_cycle(member, today)
    visibility = parent.visibility if parent else Visibility.WORKSPACE
    return {
        "key": new_id(),
        "owner": member,
        "parent": parent,
        "team": team,
        "cycle": str(cycle.pk) if cycle else "",
        "visibility": visibility,
        "status": Status.ACTIVE,
        "importance": "",
        "urgency": "",
    }


def _named(rows: Any, pk: str | None) -> Any:
    try:
        return rows.filter(pk=UUID(pk or "")).first()
    except ValueError:
        return None


def _form_page(request: HttpRequest, form: GoalForm, goal: Goal | None) -> HttpResponse:
    member = actor(request)
    back = goal_url(member, goal) if goal else reverse_in(member.workspace, "goals:goal_list")
    readers = queries.goal_readers(goal, member) if goal else None
    context = {"form": form, "goal": goal, "back": back, "readers": readers}
    return render(request, "goals/goal_form.html", context, status=422 if form.errors else 200)
