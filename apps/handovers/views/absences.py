"""Being away: one's own absences and the team's calendar, who covers what, and coming back."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.handovers import access
from apps.handovers.forms.absences import AbsenceForm, AwayFilterForm, CoverForm
from apps.handovers.queries import absences as queries
from apps.handovers.queries.cover import catch_up
from apps.handovers.services import cover
from apps.workspaces import services
from apps.workspaces.access import can_change_absence, visible_absences
from apps.workspaces.models import Absence, Member


@section("responsibilities")
@require_safe
def absence_list(request: HttpRequest) -> HttpResponse:
    """When one is away oneself, and who else is in the weeks to come."""
    member = actor(request)
    today = member.today(timezone.now())
    form = AwayFilterForm(request.GET, viewer=member)
    found = queries.away(member, today=today, team_id=form.team_id())
    first, last = queries.window(today)
    rows = [
        {
            "label": each.member.name,
            "url": reverse_in(member.workspace, "handovers:absence_cover", each.pk),
            "start": each.starts_on,
            "end": each.ends_on,
        }
        for each in found
    ]
    context = {
        "form": form,
        "own": queries.own_absences(member, today=today),
        "rows": rows,
        "first": first,
        "last": last,
        "today": today,
    }
    return render(request, "handovers/absence_list.html", context)


def _url(absence: Absence, page: str) -> str:
    return reverse_in(absence.workspace, f"handovers:{page}", absence.pk)


def _visible(request: HttpRequest, pk: UUID, *, lock: bool = False) -> tuple[Member, Absence]:
    member = actor(request)
    if lock:
        get_object_or_404(visible_absences(member).select_for_update(of=("self",)), pk=pk)
    rows = visible_absences(member).select_related("workspace", "member__user", "member__workspace")
    return member, get_object_or_404(rows, pk=pk)


def _changeable(request: HttpRequest, pk: UUID, *, lock: bool = False) -> tuple[Member, Absence]:
    member, absence = _visible(request, pk, lock=lock)
    can_change_absence.demand(member, absence.member)
    return member, absence


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def absence_create(request: HttpRequest) -> HttpResponse:
    """Say when somebody is away; then who covers."""
    member = actor(request)
    form = AbsenceForm(_posted(request), viewer=member, people=queries.people_to_plan_for(member))
    if form.is_valid():
        try:
            absence = services.create_absence(
                form.person(member),
                form.days(),  # type: ignore[arg-type]
                by=member,
                at=timezone.now(),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Planned. Now choose who covers what."))
            return redirect(_url(absence, "absence_cover"))
    return render(request, "handovers/absence_form.html", {"form": form})


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(AbsenceForm)
def absence_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Move an absence to other days."""
    member, absence = _changeable(request, pk, lock=request.method == "POST")
    form = AbsenceForm(_posted(request), viewer=member, people=[absence.member], absence=absence)
    if form.is_valid():
        try:
            services.update_absence(absence, form.days(), by=member, at=timezone.now())  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved. Whoever now covers for longer is asked again."))
            return redirect(_url(absence, "absence_cover"))
    return render(request, "handovers/absence_form.html", {"form": form, "absence": absence})


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def absence_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an absence away, with its covers, after a question."""
    member, absence = _changeable(request, pk)
    if request.method == "POST":
        services.delete_absence(absence, by=member, at=timezone.now())
        messages.success(request, _("The time off and its covers are removed."))
        return redirect(reverse_in(member.workspace, "handovers:absence_list"))
    return render(request, "handovers/absence_delete.html", {"absence": absence})


@require_POST
def absence_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back sooner than planned: the absence ends with yesterday."""
    member, absence = _changeable(request, pk)
    now = timezone.now()
    try:
        left = services.end_absence(absence, on=absence.member.today(now), by=member, at=now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(_url(absence, "absence_cover"))
    messages.success(request, _("Welcome back."))
    is_own = left is not None and absence.member_id == member.pk
    return redirect(
        _url(absence, "absence_catch_up") if is_own else reverse_in(member.workspace, "handovers:absence_list")
    )


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(CoverForm)
def absence_cover(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who covers what: for those who plan it a form, for the others what they see of it."""
    member, absence = _visible(request, pk, lock=request.method == "POST")
    may_change = can_change_absence(member, absence.member)
    if request.method == "POST" and not may_change:
        raise access.can_plan_covers.refused()
    today = member.today(timezone.now())
    is_over = absence.ends_on < today
    context = {
        "absence": absence,
        "may_change": may_change,
        "is_over": is_over,
        "is_now": absence.starts_on <= today <= absence.ends_on,
        "is_own": absence.member_id == member.pk,
        "today": today,
    }
    if not may_change or is_over:
        context["covers"] = _covers(absence, member)
        return render(request, "handovers/absence_cover.html", context)
    held = cover.held_in(absence, viewer=member)
    form = CoverForm(_posted(request), viewer=member, absence=absence, held=held)
    if form.is_valid() and (asked := _asked(form, absence, member)) is not None:
        words = ngettext("%(count)s cover was asked for.", "%(count)s covers were asked for.", asked)
        messages.success(request, words % {"count": asked})
        return redirect(_url(absence, "absence_cover"))
    return render(request, "handovers/absence_cover.html", {**context, "form": form})


def _covers(absence: Absence, member: Member) -> list[object]:
    rows = access.visible_handovers(member).filter(absence=absence).exclude(status="declined")
    return list(rows.select_related("goal", "responsibility", "to_member").order_by("pk"))


def _asked(form: CoverForm, absence: Absence, member: Member) -> int | None:
    notes = form.said("notes") or ""
    try:
        return cover.propose_covers(absence, form.takers(), notes=notes, by=member, at=timezone.now())
    except ValidationError as error:
        add_errors(form, error)
        return None


@section("responsibilities")
@require_safe
def absence_catch_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What happened on what one holds while one was away; before and meanwhile it says what it is going to be."""
    member, absence = _visible(request, pk)
    if absence.member_id != member.pk:
        raise PermissionDenied(_("Only the person who was away can read this."))
    absence.member = member
    now = timezone.now()
    today = member.today(now)
    context = {
        "absence": absence,
        "found": catch_up(absence, at=now),
        "is_to_come": today < absence.starts_on,
        "is_over": absence.ends_on < today,
        "today": today,
    }
    return render(request, "handovers/absence_catch_up.html", context)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
