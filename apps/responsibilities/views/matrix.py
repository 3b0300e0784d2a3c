"""The matrix of who holds what, and one cell of it."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.responsibilities import access, queries, services
from apps.responsibilities.forms.matrix import EVERYBODY, LettersForm, MatrixForm, PartyForm
from apps.responsibilities.models import Responsibility
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team

CHIPS = ("q", "person", "finding")
KEPT = ("rows", "columns", "archived", "empty")
TEAMS_NAMED = 3


@section("responsibilities")
@require_safe
def responsibility_matrix(request: HttpRequest) -> HttpResponse:
    """Who holds what. Everything chosen stands in the address; unknown choices are left out, and said."""
    member = actor(request)
    moment = queries.Moment(member, timezone.now())
    asked = {name: request.GET.get(name, "") for name in ("team", "person")}
    choices = queries.matrix_choices(member, things=request.GET.get("rows", ""), **asked)
    form = MatrixForm(request.GET, choices=choices, urls=_option_urls(member))
    chosen = form.chosen(me=member.pk)
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    matrix = queries.matrix(member, chosen, moment, cursor=cursor)
    by_role = form.value("columns") == "roles"
    context: dict[str, object] = {
        "form": form,
        "chosen": chosen,
        "matrix": matrix,
        "path": _path(member, chosen.things),
        "by_role": by_role,
        "active": _active(request, form),
        "teams": _teams(request, form, choices),
        "things": _switch(request, "rows", ("responsibilities", _("Responsibilities")), ("goals", _("Goals"))),
        "shown": _switch(request, "columns", ("people", _("People")), ("roles", _("Roles"))),
        "hidden": [(name, request.GET[name]) for name in KEPT if request.GET.get(name)],
        "archived_url": _archived_url(request, chosen),
        "everybody_url": _address(request, team=EVERYBODY) if chosen.team else "",
        "empty_url": _address(request, empty="" if chosen.with_empty else "on"),
        "roles": queries.ROLES,
        "may_create": access.can_create_responsibility(member),
        "today": moment.today,
        "export_url": _export_url(request, member, form.team_shown),
    }
    return render(request, _template(request, "matrix"), context)


def _teams(request: HttpRequest, form: MatrixForm, choices: queries.MatrixFilterChoices) -> list[dict[str, object]]:
    """The way to one's own teams and to everybody; what else is chosen stands there too."""
    own = choices.teams[: min(choices.own, TEAMS_NAMED)]
    offered = [*own, (EVERYBODY, _("Everybody"))]
    if form.team_shown not in dict(offered):
        offered.insert(len(own), (form.team_shown, form.spoken("team")))
    return [
        {"label": name, "url": _address(request, team=value), "current": value == form.team_shown}
        for value, name in offered
    ]


def _export_url(request: HttpRequest, member: Member, team: str) -> str:
    """Where what is listed now can be had as CSV. The page lives in an app above, so only its address is known."""
    query = request.GET.copy()
    query["team"] = team
    return f"{reverse_in(member.workspace, 'integrations:matrix_export')}?{query.urlencode()}"


def _template(request: HttpRequest, part: str) -> str:
    page = "responsibilities/responsibility_matrix.html"
    return f"{page}#{part}" if request.htmx else page  # type: ignore[attr-defined]


def _path(member: Member, things: str) -> str:
    name = "goals:goal_list" if things == "goals" else "responsibilities:responsibility_matrix"
    return reverse_in(member.workspace, name)


def _option_urls(member: Member) -> dict[str, str]:
    return {
        "team": reverse_in(member.workspace, "workspaces:team_options"),
        "person": reverse_in(member.workspace, "workspaces:member_options"),
    }


def _address(request: HttpRequest, **changes: str) -> str:
    """This page's address with some choices changed (nothing takes one away), at its first page."""
    query = request.GET.copy()
    for name in ("after", "before", *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}"


def _archived_url(request: HttpRequest, chosen: queries.MatrixFilters) -> str:
    """Into the archive of responsibilities and out of it; goals have none."""
    return "" if chosen.things == "goals" else _address(request, archived="" if chosen.archived else "on")


def _switch(request: HttpRequest, name: str, *options: tuple[str, str]) -> list[dict[str, object]]:
    chosen = request.GET.get(name) if request.GET.get(name) in dict(options) else options[0][0]
    return [
        {"label": label, "url": _address(request, **{name: value}), "current": value == chosen}
        for value, label in options
    ]


def _active(request: HttpRequest, form: MatrixForm) -> list[dict[str, str]]:
    """The chips of what was chosen, each with the address without it."""
    return [
        {
            "label": str(form.fields[name].label),
            "value": form.spoken(name),
            "remove_url": _address(request, **{name: ""}),
        }
        for name in CHIPS
        if form.value(name)
    ]


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def responsibility_cell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one party (`?party=`, a person or a team) is to a responsibility."""
    member = actor(request)
    thing = get_object_or_404(access.visible_responsibilities(member).select_related("team"), pk=pk)
    return _cell(request, member, thing)


@section("responsibilities")
@require_http_methods(["GET", "HEAD", "POST"])
def goal_cell(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What one party is to a goal."""
    member = actor(request)
    thing = get_object_or_404(visible_goals(member).select_related("team", "owner"), pk=pk)
    return _cell(request, member, thing)


def _cell(request: HttpRequest, member: Member, thing: Responsibility | Goal) -> HttpResponse:
    access.can_assign.demand(member, thing)
    party = _party(request, member)
    if party is None:
        kind = "goal_offer" if isinstance(thing, Goal) else "responsibility_offer"
        return redirect(reverse_in(member.workspace, f"responsibilities:{kind}", thing.pk))
    form = LettersForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            _save(form, thing, party, member)
        except ValidationError as error:
            if request.htmx:  # type: ignore[attr-defined]
                return HttpResponse(" ".join(error.messages), status=422, content_type="text/plain; charset=utf-8")
            add_errors(form, error)
            status = 422
        else:
            return _done(request, member, thing, party)
    moment = queries.Moment(member, timezone.now())
    line = queries.line_of(member, thing, moment)
    held = {letter.role: letter for letter in line.letters.get(party.pk, ())} if line else {}
    context = {"thing": thing, "party": party, "form": form, "held": held, "roles": queries.ROLES}
    template = "responsibilities/responsibility_cell.html"
    return render(request, template, context | {"back": _back(request, member, thing)}, status=status)


def _party(request: HttpRequest, member: Member) -> Member | Team | None:
    """The person or team that the address names; None where it names none, Http404 where there is no such."""
    form = PartyForm(request.GET)
    if not form.is_valid():
        raise Http404
    wanted = form.cleaned_data["party"]
    if wanted is None:
        return None
    found = visible_members(member).filter(pk=wanted).first() or visible_teams(member).filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found


def _save(form: LettersForm, thing: Responsibility | Goal, party: Member | Team, member: Member) -> None:
    if not form.is_valid():
        raise services.unknown_role("roles")
    data = form.cleaned_data
    services.set_letters(thing, party, roles=data["roles"], was=data["was"], by=member, at=timezone.now())


def _back(request: HttpRequest, member: Member, thing: Responsibility | Goal) -> str:
    """The matrix of the thing's team: it may be another than the one the page opens with."""
    query = ("rows=goals&" if isinstance(thing, Goal) else "") + f"team={thing.team_id or 'none'}"
    return f"{reverse_in(member.workspace, 'responsibilities:responsibility_matrix')}?{query}"


def _done(request: HttpRequest, member: Member, thing: Responsibility | Goal, party: Member | Team) -> HttpResponse:
    """To a script the cell and the row's findings as they are now; else back to the matrix."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_back(request, member, thing))
    line = queries.line_of(member, thing, queries.Moment(member, timezone.now()))
    path = _path(member, "goals" if isinstance(thing, Goal) else "responsibilities")
    context = {"line": line, "party": party, "path": path}
    return render(request, "responsibilities/responsibility_cell_done.html", context)
