"""Who holds what, person by person."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.actor import actor
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.responsibilities import queries
from apps.responsibilities.forms.holders import HolderFilterForm
from apps.workspaces.access import visible_members


@section("responsibilities")
@require_safe
def holder_list(request: HttpRequest) -> HttpResponse:
    """People with what they hold, fifty at a time."""
    member = actor(request)
    moment = queries.Moment(member, timezone.now())
    teams = queries.matrix_choices(member, team=request.GET.get("team", "")).teams
    form = HolderFilterForm(request.GET, teams=teams, url=reverse_in(member.workspace, "workspaces:team_options"))
    chosen = form.chosen()
    active = [
        {"label": form.fields[name].label, "value": form.spoken(name), "remove_url": _without(request, name)}
        for name in chosen
    ]
    holders, page = queries.holder_page(member, chosen, request.GET, moment)
    context = {"form": form, "active": active, "holders": holders, "page": page, "today": moment.today}
    return render(request, "responsibilities/holder_list.html", context)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for key in (name, "after", "before"):
        query.pop(key, None)
    return f"?{query.urlencode()}"


@section("responsibilities")
@require_safe
def holder_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All that one person holds: by role, with hours, and what waits for their answer."""
    member = actor(request)
    moment = queries.Moment(member, timezone.now())
    person = get_object_or_404(visible_members(member), pk=pk)
    holding = queries.held_by(person, member, moment)
    context = {"person": person, "holding": holding, "today": moment.today, "is_me": person.pk == member.pk}
    return render(request, "responsibilities/holder_detail.html", context)
