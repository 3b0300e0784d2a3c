"""Cycles with what became of their goals, counted over the goals the reader sees."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet

from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Confidence, Cycle, Goal, ProgressSource, Status
from apps.goals.models.progress import expected_progress
from apps.workspaces.models import Member

TEAMS_MAX = 100
CARRY_MAX = 200


@dataclass(frozen=True)
class CycleRow:
    """A cycle of the list."""

    cycle: Cycle
    status: Cycle.Status
    gone: float | None
    goals: int
    open: int
    achieved: int
    missed: int
    dropped: int


@dataclass(frozen=True)
class CyclePage:
    """What a cycle's page tells."""

    statuses: dict[str, int]
    confidences: dict[str, int]
    teams: list[dict[str, Any]]
    carried_from: list[dict[str, Any]]
    carried_to: list[dict[str, Any]]

    @property
    def total(self) -> int:
        """How many goals the reader sees in the cycle."""
        return sum(self.statuses.values())


def cycle_rows(member: Member, cycles: Collection[Cycle], today: date) -> list[CycleRow]:
    """The cycles with the counts of their goals, in one query for all of them."""
    counts: Iterable[Any] = (
        access.visible_goals(member)
        .filter(cycle_id__in=[cycle.pk for cycle in cycles])
        .order_by()
        .values("cycle_id")
        .annotate(
            goals=Count("pk"),
            open=Count("pk", filter=Q(status__in=OPEN_STATUSES)),
            achieved=Count("pk", filter=Q(status=Status.ACHIEVED)),
            missed=Count("pk", filter=Q(status=Status.MISSED)),
            dropped=Count("pk", filter=Q(status=Status.DROPPED)),
        )
    )
    by_cycle: dict[UUID, dict[str, int]] = {row["cycle_id"]: _counts(row) for row in counts} if cycles else {}
    nothing = {"goals": 0, "open": 0, "achieved": 0, "missed": 0, "dropped": 0}
    return [
        CycleRow(
            cycle=cycle,
            status=cycle.status_on(today),
            gone=expected_progress(cycle.starts_on, cycle.ends_on, today),
            **by_cycle.get(cycle.pk, nothing),
        )
        for cycle in cycles
    ]


def _counts(row: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in row.items() if name != "cycle_id"}


def cycle_page(member: Member, cycle: Cycle) -> CyclePage:
    """Goals by status and by team, and those that were carried over, of one cycle."""
    visible = access.visible_goals(member)
    goals = visible.filter(cycle=cycle).order_by()
    statuses = goals.values_list("status").annotate(goals=Count("pk"))
    active = goals.filter(status=Status.ACTIVE).values_list("confidence").annotate(goals=Count("pk"))
    seen = access.visible_cycles(member).order_by().values("pk")
    arrived: QuerySet[Any, Any] = (
        goals.filter(carried_from__in=seen)
        .values("carried_from_id", "carried_from__name")
        .annotate(goals=Count("pk"))
        .order_by("carried_from__name")[:TEAMS_MAX]
    )
    left: QuerySet[Any, Any] = (
        visible.filter(carried_from=cycle)
        .exclude(cycle=cycle)
        .values("cycle_id", "cycle__name")
        .annotate(goals=Count("pk"))
        .order_by("cycle__name")[:TEAMS_MAX]
    )
    return CyclePage(
        statuses=dict(statuses),
        confidences={confidence or "none": count for confidence, count in active},
        teams=list(_by_team(goals, member)),
        carried_from=list(arrived),
        carried_to=list(left),
    )


def _by_team(goals: QuerySet[Goal], member: Member) -> QuerySet[Any, Any]:
    """Teams with their goals and the plain mean of their measured progress, without drafts and dropped goals."""
    unread = Q(progress_source=ProgressSource.NONE) | access.hides_progress(member)
    return (
        goals.exclude(status__in=(Status.DRAFT, Status.DROPPED))
        .values("team_id", "team__name")
        .annotate(
            goals=Count("pk"),
            mean=Avg("progress", filter=~unread),
            at_risk=Count("pk", filter=Q(status=Status.ACTIVE, confidence=Confidence.AT_RISK)),
            off_track=Count("pk", filter=Q(status=Status.ACTIVE, confidence=Confidence.OFF_TRACK)),
            achieved=Count("pk", filter=Q(status=Status.ACHIEVED)),
        )
        .order_by("team__name", "team_id")[:TEAMS_MAX]
    )


def open_goals(member: Member, cycle: Cycle) -> QuerySet[Goal]:
    """The open goals of a cycle that the member sees, in their order."""
    return (
        access.visible_goals(member)
        .filter(cycle=cycle, status__in=OPEN_STATUSES)
        .select_related("team", "owner")
        .only("id", "title", "progress", "progress_source", "confidence", "status", "team__name", "owner__name")
        .order_by("rank", "id")
    )
