"""Teams."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.actor import actor
from apps.core.forms import add_errors
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.core.write_conflicts import edits
from apps.workspaces import access, queries, services
from apps.workspaces.forms import TeamFilterForm, TeamForm, TeamMembersForm
from apps.workspaces.forms.fields import ids_of
from apps.workspaces.models import Member, Team
from apps.workspaces.views.members import asked


@section("teams")
@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    """The tree of teams; a flat list where somebody searches, or looks at what was archived."""
    member = actor(request)
    form = TeamFilterForm(request.GET, auto_id="filter-%s")
    text, archived = asked(request), request.GET.get("which") == "archived"
    context: dict[str, object] = {"form": form, "text": text, "can_create": access.can_create_some_team(member)}
    if text or archived:
        page = queries.teams_page(member, text=text, archived=archived, place=request.GET)
        context |= {"page": page, "nodes": queries.team_nodes(member, page.rows)}
    else:
        context["tree"] = queries.team_tree(member)
    return render(request, "workspaces/team_list.html", context)


def _team(request: HttpRequest, pk: UUID) -> tuple[Member, Team]:
    """Who acts, and the team it is about."""
    member = actor(request)
    return member, get_object_or_404(access.visible_teams(member).select_related("workspace", "parent"), pk=pk)


def _team_to_change(request: HttpRequest, pk: UUID) -> tuple[Member, Team]:
    """The same for whoever may change it; what is sent waits for others who change the workspace's shape."""
    if request.method == "POST":
        services.lock_shape(actor(request))
    member, team = _team(request, pk)
    access.can_change_team.demand(member, team)
    return member, team


def _to(team: Team) -> HttpResponse:
    return redirect(reverse_in(team.workspace, "workspaces:team_detail", team.pk))


@section("teams")
@require_safe
def team_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One team: what it is for, its people, the teams beneath it and its goals."""
    member, team = _team(request, pk)
    can_change = access.can_change_team(member, team)
    context = {"team": team, "shown": queries.team_page(member, team), "can_change": can_change}
    return render(request, "workspaces/team_detail.html", context)


@section("teams")
@require_http_methods(["GET", "POST"])
def team_create(request: HttpRequest) -> HttpResponse:
    """A new team; `?parent=` proposes where it stands."""
    member = actor(request)
    if not access.can_create_some_team(member):
        raise PermissionDenied(_("Only admins, and the leads of a team, can make teams."))
    parent = access.visible_teams(member).filter(pk__in=ids_of([request.GET.get("parent", "")])).first()
    form = TeamForm(request.POST if request.method == "POST" else None, viewer=member, parent=parent)
    if form.is_valid():
        try:
            team = services.create_team(form.cleaned_data, by=member, at=timezone.now())  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(reverse_in(member.workspace, "workspaces:team_members", team.pk))
    return render(request, "workspaces/team_form.html", {"form": form})


@section("teams")
@require_http_methods(["GET", "POST"])
@edits(TeamForm)
def team_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what a team is called, what it is for, and where it stands."""
    member, team = _team_to_change(request, pk)
    form = TeamForm(request.POST if request.method == "POST" else None, viewer=member, team=team)
    if form.is_valid():
        try:
            services.update_team(team, form.cleaned_data, by=member, at=timezone.now())  # type: ignore[arg-type]
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to(team)
    return render(request, "workspaces/team_form.html", {"form": form, "team": team})


@section("teams")
@require_http_methods(["GET", "POST"])
@edits(TeamMembersForm)
def team_members(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose who is in the team, and who leads it."""
    member, team = _team_to_change(request, pk)
    data = request.POST if request.method == "POST" else None
    form = TeamMembersForm(data, viewer=member, team=team, places=queries.places_of(team))
    if form.is_valid():
        try:
            services.set_team_members(team, form.places(), by=member, at=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return _to(team)
    return render(request, "workspaces/team_members.html", {"form": form, "team": team})


@section("teams")
@require_http_methods(["GET", "POST"])
@transaction.atomic
def team_archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a team away, or take an archived one back."""
    member, team = _team_to_change(request, pk)
    problems: list[str] = []
    if request.method == "POST":
        change = services.archive_team if team.archived_at is None else services.restore_team
        try:
            team = change(team, by=member, at=timezone.now())
        except ValidationError as error:
            problems = error.messages
        else:
            words = _("%(team)s was archived.") if team.archived_at else _("%(team)s is back.")
            messages.success(request, words % {"team": team.name})
            return _to(team)
    context = {"team": team, "problems": problems}
    return render(request, "workspaces/team_archive.html", context, status=400 if problems else 200)


@require_safe
def team_options(request: HttpRequest) -> HttpResponse:
    """Teams for a combobox: `?q=` → at most twenty, as JSON."""
    found = queries.team_options(actor(request), asked(request))
    return JsonResponse({"results": [{"value": str(each.pk), "label": each.name, "detail": ""} for each in found]})
