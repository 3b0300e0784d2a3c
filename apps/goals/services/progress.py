"""Keeping a goal's stored progress, and that of the goals above it, true."""

from apps.goals import access
from apps.goals.models import Goal, ProgressSource, Status
from apps.goals.models.progress import key_result_progress, weighted_mean
from apps.goals.services.locks import MAX_DEPTH


def refresh_progress(goal: Goal) -> Goal:
    """Work out the progress of a locked goal, store it, and go up the tree while it changes something there.

    A goal's progress is the weighted mean of its key results; without any, the plain mean of the goals beneath it that
    everyone who reads it may see (drafts and dropped ones left out); without these, what its last check-in says.
    Rows are locked from the child to the parent, always in that order.
    """
    _store_progress(goal)
    below = goal
    for _level in range(2 * MAX_DEPTH):
        if below.parent_id is None:
            break
        parent = Goal.objects.select_for_update(of=("self",), no_key=True).get(pk=below.parent_id)
        if not _store_progress(parent):
            break
        below = parent
    return goal


def _store_progress(goal: Goal) -> bool:
    before = (goal.progress, goal.progress_source)
    goal.progress, goal.progress_source = measure(goal)
    if (goal.progress, goal.progress_source) == before:
        return False
    goal.save(update_fields=["progress", "progress_source"])
    return True


def measure(goal: Goal) -> tuple[float, ProgressSource]:
    """The goal's progress (0 to 1) and what it is drawn from, read anew from the rows."""
    parts = [
        (key_result_progress(start, target, current), float(weight))
        for start, target, current, weight in goal.key_results.values_list(
            "start_value", "target_value", "current_value", "weight"
        )
    ]
    mean = weighted_mean(parts)
    if mean is not None:
        return mean, ProgressSource.KEY_RESULTS
    mean = _mean_of_children(goal)
    if mean is not None:
        return mean, ProgressSource.CHILDREN
    said = goal.check_ins.exclude(progress=None).order_by("-made_at", "-id").values_list("progress", flat=True).first()
    if said is not None:
        return said, ProgressSource.CHECK_IN
    return 0.0, ProgressSource.NONE


def _mean_of_children(goal: Goal) -> float | None:
    """The plain mean; a child that nothing measures yet counts as 0, but if that is so of all, they say nothing."""
    children = goal.children.exclude(status__in=(Status.DRAFT, Status.DROPPED)).only(
        "visibility", "team_id", "progress", "progress_source"
    )
    counted = [child for child in children if access.rolls_up(child, goal)]
    if not any(child.is_measured for child in counted):
        return None
    return weighted_mean((child.progress, 1.0) for child in counted)
