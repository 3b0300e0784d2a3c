"""Handing over and covering: the list, proposing, the brief, and the answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.models import new_id
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.handovers import access
from apps.handovers.forms.handovers import HandoverDeclineForm, HandoverForm
from apps.handovers.models import Handover
from apps.handovers.queries import handovers as queries
from apps.handovers.queries.cover import thing_url
from apps.handovers.services import handovers as services
from apps.responsibilities.access import can_assign, visible_responsibilities
from apps.responsibilities.models import Responsibility
from apps.workspaces.models import Member

RELATED = ("workspace", "goal__team", "responsibility__team", "from_member", "to_member", "proposed_by", "absence")


@section("responsibilities")
@require_safe
def handover_list(request: HttpRequest) -> HttpResponse:
    """What waits for one's answer, and handovers and covers: one's own, or all one sees."""
    member = actor(request)
    everything = request.GET.get("show") == "all" and not member.is_guest
    here = reverse_in(member.workspace, "handovers:handover_list")
    context = {
        "waiting": queries.waiting_handovers(member),
        "page": queries.handovers_page(member, request.GET, only_mine=not everything),
        "views": [
            {"label": _("Mine"), "url": here, "icon": "user", "current": not everything},
            {"label": _("All"), "url": f"{here}?show=all", "icon": "users", "current": everything},
        ],
    }
    return render(request, "handovers/handover_list.html", context)


def _visible(request: HttpRequest, pk: UUID) -> tuple[Member, Handover]:
    member = actor(request)
    return member, get_object_or_404(access.visible_handovers(member).select_related(*RELATED), pk=pk)


def _to(handover: Handover) -> HttpResponse:
    return redirect(reverse_in(handover.workspace, "handovers:handover_detail", handover.pk))


@section("responsibilities")
@require_safe
def handover_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The brief, and the buttons of those who may answer or withdraw."""
    member, handover = _visible(request, pk)
    is_asked = handover.to_member_id == member.pk
    context = {
        "handover": handover,
        "thing": handover.thing,
        "thing_url": thing_url(member, handover.thing),
        "brief": queries.brief_of(handover, member),
        "is_asked": is_asked and handover.status == "proposed",
        "may_decline": is_asked and handover.is_open and not handover.is_in_force,
        "may_withdraw": handover.is_open and access.can_withdraw_handover(member, handover),
        "may_ask_anew": _may_ask_anew(handover, member),
    }
    return render(request, "handovers/handover_detail.html", context)


def _may_ask_anew(handover: Handover, member: Member) -> bool:
    """Whether the giver finds a way to ask somebody else: it came to nothing, and there is still something to ask."""
    if handover.status != "declined" or handover.from_member_id != member.pk:
        return False
    if handover.is_cover:
        return handover.absence is not None and handover.absence.ends_on >= member.today(timezone.now())
    return any(each.pk == member.pk for each in queries.givers_on(handover.thing, member))


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def handover_create(request: HttpRequest) -> HttpResponse:
    """Hand something over: `?goal=` or `?responsibility=` says what, `from` whose; else one chooses of one's own."""
    member = actor(request)
    thing = _thing(request, member)
    if thing is None:
        things = [(each, thing_url(member, each)) for each in queries.held_things(member)]
        return render(request, "handovers/handover_choose.html", {"things": things})
    people = queries.givers_on(thing, member)
    giver = next((each for each in people if str(each.pk) == request.GET.get("from")), None)
    giver = giver or next((each for each in people if access.can_propose_handover(member, thing, each)), None)
    if giver is None:
        raise access.can_propose_handover.refused()
    access.can_propose_handover.demand(member, thing, giver)
    form = HandoverForm(
        request.POST if request.method == "POST" else None,
        viewer=member,
        giver=giver,
        tasks=queries.open_tasks_of(thing, giver),
        initial={"key": new_id(), "starts_on": member.today(timezone.now())},
    )
    if form.is_valid() and (handover := _proposed(form, thing, giver, member)):
        messages.success(request, _("%(name)s has been asked to take it over.") % {"name": handover.to_member.name})
        return _to(handover)
    others = [each for each in people if each.pk != giver.pk and can_assign(member, thing)]
    context = {"form": form, "thing": thing, "thing_url": thing_url(member, thing), "giver": giver, "others": others}
    return render(request, "handovers/handover_form.html", context)


def _thing(request: HttpRequest, member: Member) -> Goal | Responsibility | None:
    for name, rows in (("goal", visible_goals(member)), ("responsibility", visible_responsibilities(member))):
        if name in request.GET:
            try:
                pk = UUID(request.GET[name])
            except ValueError as error:
                raise Http404 from error
            found: Any = get_object_or_404(rows.select_related("team"), pk=pk)
            return found  # type: ignore[no-any-return]
    return None


def _proposed(form: HandoverForm, thing: Goal | Responsibility, giver: Member, member: Member) -> Handover | None:
    try:
        return services.propose_handover(
            thing,
            form.service_fields(),  # type: ignore[arg-type]  # of just these fields
            giver=giver,
            receiver=form.cleaned_data["to_member"],
            by=member,
            at=timezone.now(),
            key=form.cleaned_data.get("key"),
        )
    except ValidationError as error:
        add_errors(form, error)
        return None


@require_POST
def handover_accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say yes."""
    member, handover = _visible(request, pk)
    try:
        handover = services.accept_handover(handover, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _said_yes(handover))
    return _to(handover)


def _said_yes(handover: Handover) -> str:
    if handover.is_cover:
        return _("You will cover for %(name)s. You will be told when it begins.") % {"name": handover.from_member.name}
    if handover.status == "done":
        return _("Everything has passed to you.")
    return _("It will pass to you on that day.")


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def handover_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say no, with a reason."""
    member, handover = _visible(request, pk)
    access.can_answer_handover.demand(member, handover)
    form = HandoverDeclineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.decline_handover(handover, reason=form.cleaned_data["reason"], by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Your answer is sent."))
            return _to(handover)
    context = {"form": form, "handover": handover, "thing": handover.thing}
    return render(request, "handovers/handover_decline.html", context, status=422 if form.errors else 200)


@require_POST
def handover_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back; a cover that runs ends."""
    member, handover = _visible(request, pk)
    try:
        services.withdraw_handover(handover, by=member, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Withdrawn."))
    return _to(handover)
