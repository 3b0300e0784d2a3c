"""Responsibilities from a file: what assignments speak of that is no goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.core.bulk import insert_many
from apps.responsibilities.models import Responsibility
from apps.responsibilities.services.bulk.known import Known
from apps.workspaces.services.bulk import BulkRun, BulkTally, apply_changes, batches, kept_by_hand

FIELDS = ("title", "description", "team_id")
STORED = [*(name.removesuffix("_id") for name in FIELDS), "updated_at"]


@dataclass(slots=True)
class ResponsibilitySpec:
    """A responsibility as the file has it; None where it says nothing. `label` names it in the report."""

    key: str
    label: str
    title: str
    description: str | None = None
    team_id: UUID | None = None


def upsert_responsibilities(rows: Sequence[ResponsibilitySpec], run: BulkRun) -> BulkTally:
    """Make responsibilities, or change those that are here by their key (external id)."""
    tally = BulkTally()
    for batch in batches(rows):
        known = Known(Responsibility, batch, run)
        new, changed = [], []
        for row in batch:
            found = known.find(row.key)
            if found is None and known.was_removed(row.key):
                run.tell("responsibilities", row.label, "kept_by_hand")
                continue
            if found is None:
                found = _new_responsibility(row, known, run)
                new.append(found)
                tally.created.add(found.pk)
            elif _update_responsibility(found, row, run):
                changed.append(found)
                tally.touch(found.pk)
            tally.ids[row.key] = found.pk
        insert_many(new)
        run.update(changed, STORED, made=tally.created)
    return tally


def _new_responsibility(row: ResponsibilitySpec, known: Known[Responsibility], run: BulkRun) -> Responsibility:
    made = Responsibility(
        id=known.ids[row.key], workspace_id=run.by.workspace_id, external_id=row.key, title=row.title,
        description=row.description or "", team_id=row.team_id, created_at=run.at,
    )  # fmt: skip
    run.record("responsibility.created", made, {"title": made.title})
    return made


def _update_responsibility(found: Responsibility, row: ResponsibilitySpec, run: BulkRun) -> bool:
    wanted: dict[str, object] = {name: getattr(row, name) for name in FIELDS}
    differing = {name: value for name, value in wanted.items() if value not in (None, "", getattr(found, name))}
    words = {name.removesuffix("_id") for name in differing}
    for name in kept_by_hand("responsibility", found.pk, words, run) if differing else ():
        value = differing.pop(name if name in differing else f"{name}_id")
        run.tell("responsibilities", row.label, "kept_by_hand", name, str(value))
    return apply_changes(found, differing, "responsibility.updated", run)
