"""Offering roles, answering offers, and changing and withdrawing assignments."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.actor import actor
from apps.core.choosing import as_uuid
from apps.core.forms import add_errors, posted
from apps.core.models import new_id
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.responsibilities import access, services
from apps.responsibilities.forms.assignments import AssignmentDeclineForm, AssignmentForm, OfferForm
from apps.responsibilities.models import Assignment, AssignmentRole, Responsibility
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

Thing = Responsibility | Goal


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def responsibility_offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer a role on a responsibility; `?member=`, `?team=` and `?role=` fill in whom and what."""
    rows = access.visible_responsibilities(actor(request)).select_related("team")
    return _offer(request, get_object_or_404(rows, pk=pk))


@section("goals")
@require_http_methods(["GET", "HEAD", "POST"])
def goal_offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer a role directly on a goal."""
    rows = visible_goals(actor(request)).select_related("team", "owner")
    return _offer(request, get_object_or_404(rows, pk=pk))


def _offer(request: HttpRequest, thing: Thing) -> HttpResponse:
    member = actor(request)
    _refuse_unless_may_assign(member, thing)
    form = OfferForm(posted(request), by=member, initial=_whom(request, member))
    if request.method == "POST" and form.is_valid():
        try:
            made = services.offer_assignment(
                thing, form.service_fields(), by=member, at=timezone.now(), key=form.key_given
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            words = (
                _("They have been asked, and answer for themselves.") if made.answered_at is None else _("It is yours.")
            )
            messages.success(request, words)
            return redirect(thing_url(thing, member))
    context = _context(thing, member) | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "responsibilities/assignment_offer.html", context, status=status)


def _whom(request: HttpRequest, member: Member) -> dict[str, object]:
    person, team = as_uuid(request.GET.get("member")), as_uuid(request.GET.get("team"))
    role = request.GET.get("role")
    people, teams = visible_members(member).filter(deactivated_at=None), visible_teams(member).filter(archived_at=None)
    return {
        "key": new_id(),
        "member": people.filter(pk=person).first() if person else None,
        "team": teams.filter(pk=team).first() if team else None,
        "role": role if role in AssignmentRole.values else AssignmentRole.RESPONSIBLE,
    }


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(AssignmentForm)
def assignment_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change the role, the hours or the note; whoever holds it, their own hours and note."""
    member = actor(request)
    assignment = _assignment(member, pk)
    if request.method == "POST":
        services.lock_assignment(assignment)
        assignment = _assignment(member, pk)
    may_assign = access.can_assign(member, _thing(assignment))
    if not may_assign and not access.can_answer(member, assignment):
        raise PermissionDenied(_("Only the person who assigns it or holds it can change this."))
    form = AssignmentForm(posted(request), assignment=assignment, may_assign=may_assign, reader=member)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_assignment(assignment, form.service_fields(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect(thing_url(_thing(assignment), member))
    context = _context(_thing(assignment), member)
    context |= {"form": form, "assignment": assignment, "may_assign": may_assign}
    status = 422 if form.errors else 200
    return render(request, "responsibilities/assignment_edit.html", context, status=status)


@require_POST
def assignment_accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say yes to an offer."""
    member = actor(request)
    assignment = _to_answer(member, pk)
    try:
        services.accept_assignment(assignment, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("It is yours."))
    return redirect(_next(request, assignment, member))


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say no to an offer, or give back what was accepted, with the reason."""
    member = actor(request)
    assignment = _to_answer(member, pk)
    form = AssignmentDeclineForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            services.decline_assignment(assignment, reason=reason, by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("They are told, with your reason."))
            return redirect(_after_decline(assignment, member))
    context = _context(_thing(assignment), member) | {"form": form, "assignment": assignment}
    status = 422 if form.errors else 200
    return render(request, "responsibilities/assignment_decline.html", context, status=status)


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an assignment away, after asking."""
    member = actor(request)
    assignment = _assignment(member, pk)
    thing = _thing(assignment)
    _refuse_unless_may_assign(member, thing)
    if request.method != "POST":
        context = _context(thing, member) | {"assignment": assignment}
        return render(request, "responsibilities/assignment_withdraw.html", context)
    services.withdraw_assignment(assignment, by=member, at=timezone.now())
    messages.success(request, _("Removed. The history keeps who held it."))
    return redirect(thing_url(thing, member))


def thing_url(thing: Thing, member: Member) -> str:
    """The address of a responsibility's or goal's page."""
    name = "goals:goal_detail" if isinstance(thing, Goal) else "responsibilities:responsibility_detail"
    return reverse_in(member.workspace, name, thing.pk)


def _assignment(member: Member, pk: UUID) -> Assignment:
    related = ("responsibility__team", "goal__team", "goal__owner", "member", "team", "offered_by")
    rows = access.visible_assignments(member).select_related(*related)
    found: Assignment = get_object_or_404(rows, pk=pk)
    return found


def _to_answer(member: Member, pk: UUID) -> Assignment:
    assignment = _assignment(member, pk)
    access.can_answer.demand(member, assignment)
    return assignment


def _thing(assignment: Assignment) -> Thing:
    return services.thing_of(assignment)


def _refuse_unless_may_assign(member: Member, thing: Thing) -> None:
    access.can_assign.demand(member, thing)


def _context(thing: Thing, member: Member) -> dict[str, object]:
    return {"thing": thing, "back": thing_url(thing, member), "on_goal": isinstance(thing, Goal)}


def _next(request: HttpRequest, assignment: Assignment, member: Member) -> str:
    """Back to the page on which it was answered, if that is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and "\x00" not in target:
        return target
    return thing_url(_thing(assignment), member)


def _after_decline(assignment: Assignment, member: Member) -> str:
    """The page of the thing; a guest may not see that any more, so their own page."""
    if access.can_see(member, _thing(assignment)):
        return thing_url(_thing(assignment), member)
    return reverse_in(member.workspace, "responsibilities:holder_detail", member.pk)
