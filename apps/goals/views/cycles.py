"""Cycles: all of them, one of them, and making, changing, closing and reopening one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.pagination import Keyset, Page
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.goals import access, queries, services
from apps.goals.forms.cycles import CycleCloseForm, CycleForm
from apps.goals.models import Cycle
from apps.workspaces.models import Member

ORDER = Keyset("-starts_on", "-name", "-id")


@section("cycles")
@require_safe
def cycle_list(request: HttpRequest) -> HttpResponse:
    """The cycles, the newest first, with what became of their goals."""
    member = actor(request)
    today = member.today(timezone.now())
    page = _page(member, request.GET.get("after") or request.GET.get("before") or "")
    context = {
        "rows": queries.cycle_rows(member, page.rows, today),
        "page": page,
        "today": today,
        "may_change": access.can_change_cycles(member),
    }
    return render(request, "goals/cycle_list.html", context)


def _page(member: Member, cursor: str) -> Page[Cycle]:
    cycles = access.visible_cycles(member)
    try:
        return ORDER.page(cycles, cursor=cursor)
    except ValidationError:
        return ORDER.page(cycles)


@section("cycles")
@require_http_methods(["GET", "HEAD", "POST"])
def cycle_create(request: HttpRequest) -> HttpResponse:
    """A new cycle; the form begins with the dates that follow the latest one (or the one that `?from=` names)."""
    member = actor(request)
    _refuse_unless_allowed(member)
    before = _cycle_before(request, member)
    initial = dict(services.next_cycle_fields(before)) if before else {}
    form = CycleForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            cycle = services.create_cycle(form.cleaned_data, by=member, at=timezone.now())  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("“%(cycle)s” is ready. You can write its goals now.") % {"cycle": cycle.name})
            return redirect(reverse_in(member.workspace, "goals:cycle_detail", cycle.pk))
    return _form(request, form, {"before": before})


def _cycle_before(request: HttpRequest, member: Member) -> Cycle | None:
    cycles = access.visible_cycles(member).filter(ends_on__isnull=False)
    try:
        return cycles.get(pk=UUID(request.GET.get("from", "")))
    except (ValueError, Cycle.DoesNotExist):
        return cycles.order_by("-ends_on", "-id").first()


@section("cycles")
@require_safe
def cycle_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One cycle: its dates, how much of its time is gone, and how its goals stand, by team and by status."""
    member = actor(request)
    cycle = get_object_or_404(access.visible_cycles(member), pk=pk)
    today = member.today(timezone.now())
    page = queries.cycle_page(member, cycle)
    goals = f"{reverse_in(member.workspace, 'goals:goal_list')}?cycle={cycle.pk}"
    context = {
        "cycle": cycle,
        "status": cycle.status_on(today),
        "gone": queries.time_gone(cycle, today),
        "figures": page,
        "outcomes": _outcomes(page, goals),
        "goals_url": goals,
        "today": today,
        "may_change": access.can_change_cycles(member),
        "may_create": access.can_create_goal(member) and not cycle.is_closed,
    }
    return render(request, "goals/cycle_detail.html", context)


def _outcomes(page: queries.CyclePage, goals: str) -> list[dict[str, object]]:
    """Each figure of the cycle with the list of goals behind it; what is nothing is left out."""
    said, status = page.confidences, page.statuses
    figures = [
        (_("on track"), said.get("on_track", 0), "&confidence=on_track&status=active"),
        (_("at risk"), said.get("at_risk", 0), "&confidence=at_risk&status=active"),
        (_("off track"), said.get("off_track", 0), "&confidence=off_track&status=active"),
        (_("without a check-in"), said.get("none", 0), "&confidence=none&status=active"),
        (ngettext("draft", "drafts", status.get("draft", 0)), status.get("draft", 0), "&status=draft"),
        (_("achieved"), status.get("achieved", 0), "&status=achieved"),
        (_("missed"), status.get("missed", 0), "&status=missed"),
        (_("dropped"), status.get("dropped", 0), "&status=dropped"),
    ]
    return [{"label": label, "count": count, "url": goals + query} for label, count, query in figures if count]


@section("cycles")
@require_http_methods(["GET", "HEAD", "POST"])
@edits(CycleForm)
def cycle_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a cycle's name and dates."""
    member, cycles = actor(request), access.visible_cycles(actor(request))
    is_sent = request.method == "POST"
    cycle = get_object_or_404(cycles.select_for_update(of=("self",), no_key=True) if is_sent else cycles, pk=pk)
    _refuse_unless_allowed(member)
    initial = {"name": cycle.name, "starts_on": cycle.starts_on, "ends_on": cycle.ends_on}
    form = CycleForm(_sent(request), thing=cycle, reader=member, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_cycle(cycle, form.cleaned_data, by=member, at=timezone.now())  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(reverse_in(member.workspace, "goals:cycle_detail", cycle.pk))
    return _form(request, form, {"cycle": cycle})


def _form(request: HttpRequest, form: CycleForm, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound and request.htmx else 200  # type: ignore[attr-defined]
    return render(request, "goals/cycle_form.html", {"form": form, **context}, status=status)


@section("cycles")
@require_http_methods(["GET", "HEAD", "POST"])
def cycle_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a cycle and carry chosen open goals into another."""
    member = actor(request)
    cycle = get_object_or_404(access.visible_cycles(member), pk=pk)
    _refuse_unless_allowed(member)
    if cycle.is_closed:
        messages.info(request, _("This cycle is already closed."))
        return redirect(reverse_in(member.workspace, "goals:cycle_detail", cycle.pk))
    still_open = queries.open_goals(member, cycle)
    goals = list(still_open[: queries.CARRY_MAX + 1])
    shown = goals[: queries.CARRY_MAX]
    others = list(
        access.visible_cycles(member).filter(closed_at=None).exclude(pk=cycle.pk).order_by("starts_on", "id")[:100]
    )
    form = CycleCloseForm(
        _sent(request),
        goals=[(str(goal.pk), goal.title) for goal in shown],
        cycles=others,
    )
    if request.method == "POST" and form.is_valid():
        try:
            carried = _close(form, cycle, still_open, others, member)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                _("“%(cycle)s” is closed. Goals carried over: %(count)s.") % {"cycle": cycle.name, "count": carried},
            )
            return redirect(reverse_in(member.workspace, "goals:cycle_detail", cycle.pk))
    context = {
        "cycle": cycle,
        "form": form,
        "goals": shown,
        "more": len(goals) > len(shown),
        "limit": queries.CARRY_MAX,
        "chosen": set(request.POST.getlist("carry")),
        "others": others,
    }
    return render(request, "goals/cycle_close.html", context)


def _close(form: CycleCloseForm, cycle: Cycle, still_open: Any, others: list[Cycle], member: Member) -> int:
    data = form.cleaned_data
    if data["carry_all"]:
        carry = list(still_open.order_by().values_list("pk", flat=True))
    else:
        carry = [UUID(pk) for pk in data["carry"]]
    into = next((other for other in others if str(other.pk) == data["into"]), None)
    services.close_cycle(cycle, carry=carry, into=into, by=member, at=timezone.now())
    return len(carry)


@section("cycles")
@require_POST
def cycle_reopen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back the closing of a cycle."""
    member = actor(request)
    cycle = get_object_or_404(access.visible_cycles(member), pk=pk)
    _refuse_unless_allowed(member)
    try:
        services.reopen_cycle(cycle, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%(cycle)s” is open again.") % {"cycle": cycle.name})
    return redirect(reverse_in(member.workspace, "goals:cycle_detail", cycle.pk))


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent: an empty form is one, too."""
    return request.POST if request.method == "POST" else None


def _refuse_unless_allowed(member: Member) -> None:
    access.can_change_cycles.demand(member)
