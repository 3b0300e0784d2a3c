"""Cycles from a file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.core.bulk import insert_many
from apps.goals.models import Cycle
from apps.workspaces.services.bulk import BulkRun, BulkTally, apply_changes, batches, kept_by_hand


@dataclass(slots=True)
class CycleSpec:
    """A cycle as the file has it, known by its name; None where it says nothing."""

    name: str
    starts_on: date | None = None
    ends_on: date | None = None
    rest: dict[str, Any] = field(default_factory=dict)


def upsert_cycles(rows: Sequence[CycleSpec], run: BulkRun) -> BulkTally:
    """Make cycles, or fill in and change the dates of those that have the name already, in any case."""
    tally = BulkTally()
    for batch in batches(rows):
        cycles = Cycle.objects.filter(workspace_id=run.by.workspace_id)
        known = {cycle.name.casefold(): cycle for cycle in run.locked(cycles)}
        run.existing(cycle.pk for cycle in known.values())
        new, changed = [], []
        for row in batch:
            cycle = known.get(row.name.casefold())
            if cycle is None:
                cycle = Cycle(
                    workspace_id=run.by.workspace_id, name=row.name, starts_on=row.starts_on, ends_on=row.ends_on,
                    created_at=run.at,
                )  # fmt: skip
                known[row.name.casefold()] = cycle
                new.append(cycle)
                tally.created.add(cycle.pk)
                run.record("cycle.created", cycle, {"name": cycle.name, "source": row.rest})
            elif cycle.pk not in tally.created and _update_cycle(cycle, row, run):
                changed.append(cycle)
                tally.touch(cycle.pk)
            tally.ids[row.name] = cycle.pk
        insert_many(new)
        run.update(changed, ["starts_on", "ends_on", "updated_at"], made=tally.created)
    return tally


def _update_cycle(cycle: Cycle, row: CycleSpec, run: BulkRun) -> bool:
    wanted = {"starts_on": row.starts_on, "ends_on": row.ends_on}
    differing = {name: value for name, value in wanted.items() if value is not None and value != getattr(cycle, name)}
    for name in kept_by_hand("cycle", cycle.pk, differing, run) if differing else ():
        run.tell("cycles", row.name, "kept_by_hand", name, str(differing.pop(name)))
    starts_on, ends_on = (differing.get(name, getattr(cycle, name)) for name in ("starts_on", "ends_on"))
    if differing and starts_on and ends_on and ends_on < starts_on:
        run.tell("cycles", row.name, "ends_before_start", "end", str(ends_on))
        return False
    return apply_changes(cycle, differing, "cycle.updated", run)
