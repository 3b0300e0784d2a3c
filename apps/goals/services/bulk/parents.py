"""The tree of goals from a file."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from apps.core.bulk import update_many
from apps.goals.models import Goal
from apps.goals.services.locks import MAX_DEPTH, hold_tree, levels_below
from apps.workspaces.services.bulk import BATCH, BulkRun, Forest, Tally, apply_changes, batches, kept_by_hand


def set_goal_parents(parents: Mapping[str, UUID], tally: Tally, run: BulkRun) -> set[UUID]:
    """Put goals beneath others (`parents`: the goal's key → the parent's id, of a goal the actor sees).

    Circles and too many levels are told and left out. Gives back the goals whose children changed, for their figures.
    """
    hold_tree(run.by.workspace_id)
    tree = forest_of({tally.ids[key] for key in parents} | set(parents.values()))
    run.existing({tally.ids[key] for key in parents} - tally.created)
    moved: dict[UUID, UUID] = {}
    left: set[UUID] = set()
    for key, parent_id in parents.items():
        pk = tally.ids[key]
        old = tree.parent(pk)
        if old == parent_id:
            continue
        if reason := _refuse(pk, parent_id, tree, tally, run):
            run.tell("goals", key, reason, "parent")
            continue
        tree.move(pk, parent_id)
        moved[pk] = parent_id
        tally.touch(pk)
        left.update({parent_id} if old is None else {parent_id, old})
    for batch in batches(sorted(moved)):
        rows = Goal.objects.filter(pk__in=batch).defer("search").order_by("pk")
        goals = list(rows.select_for_update(of=("self",), no_key=True))
        for goal in goals:
            if goal.pk in tally.created:
                goal.parent_id = moved[goal.pk]
            else:
                apply_changes(goal, {"parent_id": moved[goal.pk]}, "goal.updated", run)
        update_many(goals, ["parent", "updated_at"])
    return left


def _refuse(pk: UUID, parent_id: UUID, tree: Forest, tally: Tally, run: BulkRun) -> str:
    made_now = pk in tally.created
    beneath = 0 if made_now else levels_below(pk)
    if reason := tree.refuse(pk, parent_id, levels=MAX_DEPTH, beneath=beneath):
        return reason
    return "" if made_now or not kept_by_hand("goal", pk, ["parent"], run) else "kept_by_hand"


def forest_of(ids: Iterable[UUID]) -> Forest:
    """The goals and all above them: one query a level (and a batch)."""
    above: dict[UUID, UUID | None] = {}
    wanted = set(ids)
    while wanted:
        for batch in batches(wanted, BATCH * 4):
            above.update(Goal.objects.filter(pk__in=batch).values_list("pk", "parent_id"))
        wanted = {parent for parent in above.values() if parent is not None and parent not in above}
    return Forest(above)
