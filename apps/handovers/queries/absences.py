"""Who is away when, of the people one sees. Nobody is told why."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.workspaces.access import can_change_workspace, led_teams, visible_absences, visible_members, visible_teams
from apps.workspaces.models import Absence, Member, Team, TeamMembership

WEEKS = 8
SHOWN = 200
PEOPLE_MAX = 500


def window(today: date) -> tuple[date, date]:
    """The first and last day the calendar shows: from this week's Monday on."""
    first = today - timedelta(days=today.weekday())
    return first, first + timedelta(weeks=WEEKS) - timedelta(days=1)


def away(viewer: Member, *, today: date, team_id: str = "") -> list[Absence]:
    """The absences in the calendar's days, by their people's names; of a team and those beneath it where one is given.

    At most SHOWN.
    """
    rows: Any = visible_absences(viewer).filter(member__deactivated_at=None)
    if team_id:
        teams = visible_teams(viewer).filter(Q(pk=team_id) | Q(ancestor_ids__contains=[team_id]))
        rows = rows.filter(member_id__in=TeamMembership.objects.filter(team__in=teams).values("member_id"))
    found = rows.between(*window(today)).select_related("member").order_by("member__name", "member_id", "starts_on")
    return list(found[:SHOWN])


def own_absences(member: Member, *, today: date) -> list[tuple[Absence, int, int]]:
    """One's absences that are not over for a month, the next first, each with how many covers were accepted of how
    many.
    """
    rows = visible_absences(member).filter(member_id=member.pk, ends_on__gte=today - timedelta(days=31))
    found = rows.prefetch_related("covers").order_by("-starts_on")[:SHOWN]
    return [_counted(absence, list(absence.covers.all())) for absence in found]


def _counted(absence: Absence, covers: Sequence[Any]) -> tuple[Absence, int, int]:
    asked = [cover for cover in covers if cover.status != "declined"]
    return absence, sum(cover.status != "proposed" for cover in asked), len(asked)


def people_to_plan_for(viewer: Member) -> list[Member]:
    """Whose absences the viewer may plan: their own first, then of the people they lead; for admins everybody's."""
    people = visible_members(viewer).filter(deactivated_at=None).exclude(pk=viewer.pk).order_by("name", "pk")
    if can_change_workspace(viewer):
        return [viewer, *people[:PEOPLE_MAX]]
    led = led_teams(viewer).order_by().values("pk")
    theirs = TeamMembership.objects.filter(team_id__in=led).values("member_id")
    return [viewer, *people.filter(pk__in=theirs)[:PEOPLE_MAX]]


def people_options(viewer: Member, *, chosen: Collection[UUID], most: int) -> list[Member]:
    """The first active people the viewer sees, by name, and those chosen among the others."""
    people = visible_members(viewer).filter(deactivated_at=None).order_by("name", "pk")
    found = list(people[:most])
    missing = set(chosen) - {each.pk for each in found}
    return [*found, *people.filter(pk__in=missing)] if missing else found


def team_options(viewer: Member, *, most: int) -> list[Team]:
    """The first open teams the viewer sees, by name."""
    return list(visible_teams(viewer).filter(archived_at=None).order_by("name", "pk")[:most])
