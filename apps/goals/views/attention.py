"""Goals that drift, for those who lead and for those who own them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.actor import actor
from apps.core.section import section
from apps.core.urls import reverse_in
from apps.goals import queries
from apps.goals.forms.attention import AttentionForm
from apps.goals.queries import Drift, DriftRow, Scope
from apps.workspaces.models import Member


@section("attention")
@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    """The goals of a scope that drift, each with since when and its one next step."""
    member = actor(request)
    today = member.today(timezone.now())
    led = queries.teams_led(member)
    scopes = queries.scopes_of(member, is_lead=bool(led))
    form = AttentionForm(request.GET, scopes=scopes, teams=led)
    scope = Scope(form.value("scope") or scopes[0])
    drift = Drift(form.value("kind")) if form.value("kind") else None
    goals = queries.DriftingGoals(member, scope, today, form.value("team"))
    counts = queries.drift_counts(goals)
    reader = queries.RowReader(member, today, reverse_in(member.workspace, "goals:goal_list"))
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    page = queries.drift_page(goals, reader, drift=drift, cursor=cursor)
    context = {
        "form": form,
        "scope": scope,
        "scopes": [{"label": each.label, "url": f"?scope={each.value}", "current": each == scope} for each in scopes],
        "kinds": _kinds(counts, scope, form.value("team"), drift),
        "total": counts["all"],
        "page": page,
        "rows": [{"row": row, "step": _step(row, member)} for row in page.rows],
        "teams": led if scope == Scope.TEAMS else [],
        "today": today,
    }
    template = "goals/attention.html#drifts" if request.htmx else "goals/attention.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _kinds(counts: dict[str, int], scope: Scope, team: str, chosen: Drift | None) -> list[dict[str, object]]:
    base = f"?scope={scope.value}" + (f"&team={team}" if team else "")
    kinds = [{"label": _("All"), "count": counts["all"], "url": base, "current": chosen is None}]
    kinds += [
        {"label": drift.label, "count": counts[drift], "url": f"{base}&kind={drift.value}", "current": drift == chosen}
        for drift in Drift
        if counts[drift] or drift == chosen
    ]
    return kinds


def _step(row: DriftRow, member: Member) -> dict[str, Any]:
    """The one thing to do next about a drifting goal."""
    goal = row.goal
    if not goal.may_change:
        return {"label": _("Open"), "url": goal.href, "icon": "arrow-right"}
    match row.drift:
        case Drift.NO_OWNER:
            return {"label": _("Name an owner"), "url": f"{goal.href}edit/", "icon": "user-plus"}
        case Drift.CLOSED_CYCLE | Drift.PAST_DUE:
            return {"label": _("Close it"), "url": f"{goal.href}close/", "icon": "flag"}
        case Drift.NO_KEY_RESULT:
            return {"label": _("Add a key result"), "url": f"{goal.href}key-results/new/", "icon": "ruler"}
    if goal.owner is None or goal.owner.id == member.pk:
        return {"label": _("Check in"), "url": f"{goal.href}check-in/", "icon": "check"}
    first_name = goal.owner.name.split()[0] if goal.owner.name.split() else goal.owner.name
    return {
        "label": _("Ask %(name)s") % {"name": first_name},
        "url": f"{goal.href}check-in/?ask_to={goal.owner.id}",
        "icon": "message-circle-question-mark",
    }
