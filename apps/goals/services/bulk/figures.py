"""What goals keep of their check-ins, key results and children, worked out for many goals at once.

The rules are those of the services for one goal: checkins (last words), dates (the next check-in) and progress
(roll-up); tests compare the two.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from apps.core.bulk import update_many
from apps.goals import access
from apps.goals.models import CheckIn, Goal, KeyResult, ProgressSource, Status
from apps.goals.models.progress import key_result_progress, weighted_mean
from apps.goals.services.bulk.parents import forest_of
from apps.goals.services.dates import set_check_in_dates
from apps.workspaces.models import Workspace
from apps.workspaces.services.bulk import batches

WORDS = ["last_check_in_at", "confidence", "confidence_since", "check_in_due_on", "remind_on"]
NEEDED = ("workspace_id", "status", "visibility", "team_id", "progress", "progress_source", "parent_id")


def refresh_figures(goal_ids: Collection[UUID], *, workspace: Workspace, at: datetime) -> None:
    """Bring up to date what the goals, and those above them, keep: last words, next check-in, progress.

    Locks goals from the deepest to the root, as refresh_progress does.
    """
    tree = forest_of(goal_ids)
    by_level: dict[int, list[UUID]] = defaultdict(list)
    for pk in tree.above:
        by_level[len(tree.path(pk))].append(pk)
    stale = set(goal_ids)
    for level in sorted(by_level, reverse=True):
        for batch in batches(sorted(by_level[level])):
            goals = _locked(batch)
            _take_over_last_words([goal for goal in goals if goal.pk in stale], workspace, at)
            _store_progress(goals)


def _locked(ids: Collection[UUID]) -> list[Goal]:
    goals = Goal.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(goals.only(*NEEDED, *WORDS, "activated_at", "created_at"))


def _take_over_last_words(goals: list[Goal], workspace: Workspace, at: datetime) -> None:
    """The last check-in's day, the last confidence said, and when the next is due.

    Whoever imports the past is not to be reminded of it: a due day that is gone is shown, and no mail is sent about it.
    """
    ids = [goal.pk for goal in goals]
    last = dict(CheckIn.objects.filter(goal_id__in=ids).order_by().values_list("goal_id").annotate(Max("made_at")))
    said = _last_said(ids, "confidence")
    changed = []
    for goal in goals:
        before = {name: getattr(goal, name) for name in WORDS}
        goal.last_check_in_at = last.get(goal.pk)
        confidence, made_at = said.get(goal.pk, (None, None))
        if confidence != goal.confidence:
            goal.confidence = confidence
            goal.confidence_since = made_at.date() if made_at else None
        set_check_in_dates(goal, workspace=workspace)
        due_on = goal.check_in_due_on
        if due_on != before["check_in_due_on"] and due_on and due_on <= at.astimezone(workspace.zone).date():
            goal.remind_on = None
        if before != {name: getattr(goal, name) for name in WORDS}:
            changed.append(goal)
    update_many(changed, WORDS)


def _last_said(ids: Collection[UUID], name: str) -> dict[UUID, tuple[Any, datetime]]:
    """The value of a field in each goal's newest check-in that has one, and when it was made."""
    rows = (
        CheckIn.objects.filter(goal_id__in=ids, **{f"{name}__isnull": False})
        .order_by("goal_id", "-made_at", "-id")
        .distinct("goal_id")
        .values_list("goal_id", name, "made_at")
    )
    return {goal_id: (value, made_at) for goal_id, value, made_at in rows}


def _store_progress(goals: list[Goal]) -> None:
    ids = [goal.pk for goal in goals]
    parts: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    key_results = KeyResult.objects.filter(goal_id__in=ids)
    for goal_id, start, target, current, weight in key_results.values_list(
        "goal_id", "start_value", "target_value", "current_value", "weight"
    ):
        parts[goal_id].append((key_result_progress(start, target, current), float(weight)))
    children: dict[UUID | None, list[Goal]] = defaultdict(list)
    counted = Goal.objects.filter(parent_id__in=ids).exclude(status__in=(Status.DRAFT, Status.DROPPED))
    for child in counted.only(*NEEDED):
        children[child.parent_id].append(child)
    said = _last_said(ids, "progress")
    changed = []
    for goal in goals:
        figures = _measure(goal, parts.get(goal.pk, ()), children.get(goal.pk, ()), said)
        if figures != (goal.progress, goal.progress_source):
            goal.progress, goal.progress_source = figures
            changed.append(goal)
    update_many(changed, ["progress", "progress_source"])


def _measure(
    goal: Goal,
    parts: Iterable[tuple[float, float]],
    children: Iterable[Goal],
    said: Mapping[UUID, tuple[float, datetime]],
) -> tuple[float, str]:
    """As progress.measure: key results, else children everyone sees, else the last check-in that says a progress."""
    mean = weighted_mean(parts)
    if mean is not None:
        return mean, ProgressSource.KEY_RESULTS
    counted = [child for child in children if access.rolls_up(child, goal)]
    if any(child.is_measured for child in counted):
        mean = weighted_mean((child.progress, 1.0) for child in counted)
        if mean is not None:
            return mean, ProgressSource.CHILDREN
    if goal.pk in said:
        return said[goal.pk][0], ProgressSource.CHECK_IN
    return 0.0, ProgressSource.NONE
