"""Teams of many people: what a week brought, and what drifts. Private goals are nowhere in here."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from apps.goals.models import CheckIn, Confidence, Goal, Status, Visibility
from apps.goals.queries import Drift, drifting_in_teams
from apps.workspaces.models import Role, Team, TeamMembership

WEEK = timedelta(days=7)
ENDS = (Status.ACHIEVED, Status.MISSED, Status.DROPPED)
WORRIES = (Confidence.AT_RISK, Confidence.OFF_TRACK)


@dataclass(frozen=True)
class TeamOf:
    """A team somebody is in, or leads."""

    member_id: UUID
    pk: UUID
    name: str


@dataclass(frozen=True)
class WeekGoal:
    """A goal that ended, began to worry people, or is due in the week that begins."""

    pk: UUID
    title: str
    status: str
    confidence: str | None
    due_on: date | None
    lesson: str


@dataclass(frozen=True)
class TeamNews:
    """A team's last week: the goals worth naming, and how many check-ins were made on how many goals."""

    goals: list[WeekGoal]
    check_ins: int
    goals_checked: int


@dataclass(frozen=True)
class DriftingGoal:
    """A goal that drifts, and how."""

    pk: UUID
    title: str
    owner: str
    drifts: list[Drift]


def teams_of(people: Collection[UUID]) -> list[TeamOf]:
    """The open teams each is in. A guest is told of no team's goals: they see only those they are named on."""
    rows = (
        TeamMembership.objects.filter(member_id__in=people, team__archived_at=None)
        .exclude(member__role=Role.GUEST)
        .order_by("team__name", "team_id")
        .values_list("member_id", "team_id", "team__name")
    )
    return [TeamOf(*row) for row in rows]


def leads_among(people: Collection[UUID]) -> set[UUID]:
    """Those of these people who lead an open team, in one query; for them there is a page of what drifts there."""
    rows = TeamMembership.objects.filter(member_id__in=people, is_lead=True, team__archived_at=None)
    return set(rows.exclude(member__role=Role.GUEST).values_list("member_id", flat=True))


def led_teams_of(people: Collection[UUID]) -> list[TeamOf]:
    """The open teams each leads, with all beneath them (workspaces.access.led_teams), in two queries."""
    rows = TeamMembership.objects.filter(member_id__in=people, is_lead=True).exclude(member__role=Role.GUEST)
    leads: dict[UUID, set[UUID]] = defaultdict(set)
    for member_id, team_id in rows.values_list("member_id", "team_id"):
        leads[team_id].add(member_id)
    tree = Team.objects.open().filter(Q(pk__in=leads.keys()) | Q(ancestor_ids__overlap=list(leads))) if leads else ()
    return [
        TeamOf(member_id, team.pk, team.name)
        for team in tree
        for member_id in sorted(
            set().union(*(leads[above] for above in (team.pk, *team.ancestor_ids) if above in leads))
        )
    ]


def team_news(teams: Collection[UUID], *, today: date, until: datetime) -> dict[UUID, TeamNews]:
    """What the last seven days brought to each of these teams, in two queries."""
    shown = ~Q(visibility=Visibility.PRIVATE)
    ended = Q(status__in=ENDS, closed_at__gt=until - WEEK)
    worries = Q(status=Status.ACTIVE, confidence__in=WORRIES, confidence_since__gt=today - WEEK)
    due = Q(status=Status.ACTIVE, due_on__range=(today, today + WEEK))
    goals: dict[UUID, list[WeekGoal]] = defaultdict(list)
    rows = Goal.objects.filter(shown & (ended | worries | due), team_id__in=teams).order_by(
        "-closed_at", "due_on", "pk"
    )
    columns = ("team_id", "pk", "title", "status", "confidence", "due_on", "lesson")
    for team_id, pk, title, status, confidence, due_on, lesson in rows.values_list(*columns):
        goals[team_id].append(WeekGoal(pk, title, status, confidence, due_on, lesson))
    said = CheckIn.objects.filter(made_at__gt=until - WEEK, made_at__lte=until, goal__team_id__in=teams)
    counted = (
        said.exclude(goal__visibility=Visibility.PRIVATE)
        .order_by()
        .values("goal__team_id")
        .annotate(check_ins=Count("pk"), checked=Count("goal_id", distinct=True))
        .values_list("goal__team_id", "check_ins", "checked")
    )
    counts = {team_id: (check_ins, checked) for team_id, check_ins, checked in counted}
    return {pk: TeamNews(goals[pk], *counts.get(pk, (0, 0))) for pk in teams if pk in goals or pk in counts}


def drifting_goals(teams: Collection[UUID], *, today: date) -> dict[UUID, list[DriftingGoal]]:
    """The goals of each team that drift, the most pressing way first, in one query."""
    ways = list(Drift)
    found: dict[UUID, list[DriftingGoal]] = defaultdict(list)
    rows = drifting_in_teams(teams, today=today).order_by("check_in_due_on", "pk")
    for row in rows.values("pk", "team_id", "title", "owner__name", *map(str, ways)):
        drifts = [way for way in ways if row[str(way)]]
        found[row["team_id"]].append(DriftingGoal(row["pk"], row["title"], row["owner__name"] or "", drifts))
    return {pk: sorted(goals, key=lambda goal: ways.index(goal.drifts[0])) for pk, goals in found.items()}
