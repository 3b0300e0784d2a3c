"""Cycles, goals, their key results, and the check-ins that say how they go."""

from apps.goals.models.checkin import CheckIn, CheckInRevision, NoteFormat, Reading
from apps.goals.models.cycle import Cycle
from apps.goals.models.goal import (
    OPEN_STATUSES,
    Confidence,
    Contributor,
    Goal,
    GoalSupport,
    GoalValue,
    ProgressSource,
    Status,
    Visibility,
)
from apps.goals.models.keyresult import KeyResult, KeyResultKind
from apps.goals.models.standin import StandIn

__all__ = [
    "OPEN_STATUSES",
    "CheckIn",
    "CheckInRevision",
    "Confidence",
    "Contributor",
    "Cycle",
    "Goal",
    "GoalSupport",
    "GoalValue",
    "KeyResult",
    "KeyResultKind",
    "NoteFormat",
    "ProgressSource",
    "Reading",
    "StandIn",
    "Status",
    "Visibility",
]
