"""The tree of goals from a file."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from apps.goals.models import Goal
from apps.goals.services.locks import MAX_DEPTH, hold_tree, levels_below_many, lock_together
from apps.workspaces.services.bulk import BATCH, BulkRun, BulkTally, Forest, apply_changes, batches, kept_by_hand


def set_goal_parents(parents: Mapping[str, UUID], tally: BulkTally, run: BulkRun) -> set[UUID]:
    """Put goals beneath others (`parents`: the goal's key → the parent's id, of a goal the actor sees).

    Circles and too many levels are told and left out. Gives back the goals that were moved and those they stood
    beneath before, for their figures.
    """
    if not run.plan:
        hold_tree(run.by.workspace_id)
    tree = forest_of({tally.ids[key] for key in parents} | set(parents.values()))
    run.existing({tally.ids[key] for key in parents} - tally.created)
    wanted = {key: parent_id for key, parent_id in parents.items() if tree.parent(tally.ids[key]) != parent_id}
    beneath = levels_below_many(tally.ids[key] for key in wanted)
    moved: dict[UUID, UUID] = {}
    stale: set[UUID] = set()
    for key, parent_id in wanted.items():
        pk = tally.ids[key]
        reason = tree.refuse(pk, parent_id, levels=MAX_DEPTH, beneath=beneath.get(pk, 0))
        if not reason and pk not in tally.created and kept_by_hand("goal", pk, ["parent"], run):
            reason = "kept_by_hand"
        if reason:
            run.tell("goals", key, reason, "parent")
            continue
        stale |= {pk, tree.parent(pk) or pk}
        tree.move(pk, parent_id)
        moved[pk] = parent_id
        tally.touch(pk)
    _move(moved, tally, run)
    return stale


def _move(moved: Mapping[UUID, UUID], tally: BulkTally, run: BulkRun) -> None:
    if not run.plan:
        lock_together(moved)
    goals = list(Goal.objects.filter(pk__in=moved).defer("search").order_by("pk"))
    for goal in goals:
        if goal.pk in tally.created:
            goal.parent_id = moved[goal.pk]
        else:
            apply_changes(goal, {"parent_id": moved[goal.pk]}, "goal.updated", run)
    run.update(goals, ["parent", "updated_at"], made=tally.created)


def forest_of(ids: Iterable[UUID]) -> Forest:
    """The goals and all above them: one query a level (and a batch)."""
    above: dict[UUID, UUID | None] = {}
    wanted = set(ids)
    while wanted:
        for batch in batches(wanted, BATCH * 4):
            above.update(Goal.objects.filter(pk__in=batch).values_list("pk", "parent_id"))
        wanted = {parent for parent in above.values() if parent is not None and parent not in above}
    return Forest(above)
