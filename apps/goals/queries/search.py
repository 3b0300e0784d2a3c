"""Search and jump: a few goals, people, teams and cycles that somebody may see, for what they type."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When

from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Cycle, Goal
from apps.goals.queries.filters import NEWEST, as_uuid, matches
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team
from apps.workspaces.queries.search import SEARCHED, Searched, SearchHit

GOALS_MAX, PEOPLE_MAX, TEAMS_MAX, CYCLES_MAX, MORE_MAX = 8, 4, 3, 2, 4
OPTIONS_MAX = 20
CANDIDATES_MAX = 200
SHOWN = ("pk", "title", "status", "team__name", "owner__name", "cycle__name")


@dataclass(frozen=True)
class Hits:
    """What was found, the best first in each kind."""

    goals: list[dict[str, Any]]
    people: list[Member]
    teams: list[Team]
    cycles: list[Cycle]


def search_all(member: Member, text: str) -> Hits:
    """At most 17 hits for a text of one letter or more; nothing for none."""
    text = " ".join(text.replace("\x00", " ").split())
    if not text:
        return Hits([], [], [], [])
    named = Q(name__icontains=text)
    return Hits(
        goals=list(matching_goals(access.visible_goals(member), text)[:GOALS_MAX]),
        people=_named(visible_members(member).filter(named, deactivated_at=None), text, PEOPLE_MAX),
        teams=_named(visible_teams(member).filter(named, archived_at=None), text, TEAMS_MAX),
        cycles=list(access.visible_cycles(member).filter(named).order_by(*NEWEST)[:CYCLES_MAX]),
    )


def search_more(member: Member, text: str) -> list[tuple[Searched, Sequence[SearchHit]]]:
    """What higher apps find for a text, at most MORE_MAX of each kind."""
    text = " ".join(text.replace("\x00", " ").split())
    return [(kind, kind.find(member, text, MORE_MAX)) for kind in SEARCHED] if text else []


def matching_goals(visible: QuerySet[Goal], text: str) -> QuerySet[Any, Any]:
    """Goals that match, titles that begin with the text first, then titles that hold it, open ones before closed ones.

    Only the newest CANDIDATES_MAX matches are put in order, so that a common word costs no more than a rare one.
    """
    candidates = visible.filter(matches(text)).order_by("-id").values("pk")[:CANDIDATES_MAX]
    fit = Case(
        When(title__istartswith=text, then=Value(0)),
        When(title__icontains=text, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    ended = Case(When(status__in=OPEN_STATUSES, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: QuerySet[Model, object] = (
        Goal.objects.filter(pk__in=candidates)
        .annotate(fit=fit, ended=ended)
        .order_by("ended", "fit", "-id")
        .values(*SHOWN)
    )
    return found


def _named(rows: QuerySet[Any], text: str, limit: int) -> list[Any]:
    first = Case(When(name__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    return list(rows.annotate(first=first).order_by("first", "name", "id")[:limit])


def goal_choices(member: Member, text: str, *, without: str = "") -> list[dict[str, Any]]:
    """At most OPTIONS_MAX goals to choose a parent from: those that match, or for no text the newest open ones."""
    visible = access.visible_goals(member)
    excluded = as_uuid(without)
    if excluded is not None:
        visible = visible.exclude(pk=excluded)
    text = " ".join(text.replace("\x00", " ").split())
    if text:
        return list(matching_goals(visible, text)[:OPTIONS_MAX])
    newest = visible.filter(status__in=OPEN_STATUSES).order_by("-id").values(*SHOWN)
    return list(newest[:OPTIONS_MAX])
