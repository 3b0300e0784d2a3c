"""Assignments from a file: who is what to which goal or responsibility."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.activity.queries import mentioned_by_hand
from apps.core.bulk import insert_many
from apps.core.registries import Hook
from apps.goals import access as goals
from apps.goals.models import Goal
from apps.responsibilities.models import Assignment, AssignmentStatus, Responsibility
from apps.responsibilities.services.bulk.known import Known
from apps.workspaces.services.bulk import BulkRun, BulkTally, batches

GIVEN_AWAY: Hook[[Collection[UUID]], set[tuple[UUID, UUID]]] = Hook(
    "GIVEN_AWAY",
    "called with ids of goals and responsibilities for each batch of an import; pairs of a member and a thing of these "
    "that they gave away by hand, so that no file gives it back to them",
)


@dataclass(slots=True)
class AssignmentSpec:
    """An assignment as the file has it: one party, one thing. Its key says all of that; `label` is for the report."""

    key: str
    label: str
    role: str
    goal_id: UUID | None = None
    responsibility_id: UUID | None = None
    member_id: UUID | None = None
    team_id: UUID | None = None
    note: str = ""


def upsert_assignments(rows: Iterable[AssignmentSpec], run: BulkRun, *, gone: Collection[UUID]) -> BulkTally:
    """Make the assignments that are not here. `gone` are deactivated people, who are given nothing new.

    Any mix is stored as it is: several accountable, one person in two roles, the same row twice. A file says what
    is, so they are accepted; by nobody, for nobody was asked. One that is here is left as it is, also where it was
    declined or handed over since, and one that somebody took away stays away.
    """
    tally, things = BulkTally(), _Things()
    for batch in batches(rows):
        now = _AssignmentBatch(batch, run, gone)
        new = []
        for row in batch:
            found = now.known.find(row.key)
            reason = "" if found is not None else now.refuse(row)
            if found is None and not reason:
                found = _new_assignment(row, now.known, run)
                new.append(found)
                tally.created.add(found.pk)
            if found is None:
                run.tell("assignments", row.label, reason)
            else:
                tally.ids[row.key] = found.pk
        insert_many(new)
        things.add(new)
    things.record(run)
    return tally


class _AssignmentBatch:
    """What one batch of assignments needs to know, read in a fixed number of queries."""

    def __init__(self, rows: Sequence[AssignmentSpec], run: BulkRun, gone: Collection[UUID]) -> None:
        self.known = Known(Assignment, rows, run)
        self.gone = gone
        goal_ids = {row.goal_id for row in rows if row.goal_id}
        open_to_me = goals.visible_goals(run.by).filter(goals.changeable(run.by), pk__in=goal_ids)
        self.changeable = set(open_to_me.order_by().values_list("pk", flat=True))
        ids = [*goal_ids, *{row.responsibility_id for row in rows if row.responsibility_id}]
        self.withdrawn = mentioned_by_hand(
            ["responsibility.withdrawn"], "assignment", subject_types=["goal", "responsibility"], subject_ids=ids
        )
        self.given_away = set[tuple[UUID, UUID]]().union(*GIVEN_AWAY(ids))

    def refuse(self, row: AssignmentSpec) -> str:
        """Why there is no such assignment and none is made."""
        if row.goal_id is not None and row.goal_id not in self.changeable:
            return "left_out"
        if row.member_id in self.gone:
            return "person_left"
        given_away = (row.member_id, row.goal_id or row.responsibility_id) in self.given_away
        return "kept_by_hand" if given_away or str(self.known.ids[row.key]) in self.withdrawn else ""


def _new_assignment(row: AssignmentSpec, known: Known[Assignment], run: BulkRun) -> Assignment:
    return Assignment(
        id=known.ids[row.key], workspace_id=run.by.workspace_id, external_id=row.key, goal_id=row.goal_id,
        responsibility_id=row.responsibility_id, member_id=row.member_id, team_id=row.team_id, role=row.role,
        note=row.note, status=AssignmentStatus.ACCEPTED, offered_by_id=run.by.pk, offered_at=run.at,
        answered_at=run.at, created_at=run.at,
    )  # fmt: skip


class _Things:
    """What assignments were made on: one event a thing, not one an assignment, as with check-ins."""

    def __init__(self) -> None:
        self.goals: dict[UUID, int] = {}
        self.responsibilities: dict[UUID, int] = {}

    def add(self, made: Iterable[Assignment]) -> None:
        """Count those that were just made."""
        for row in made:
            counts, pk = (self.goals, row.goal_id) if row.goal_id else (self.responsibilities, row.responsibility_id)
            if pk is not None:
                counts[pk] = counts.get(pk, 0) + 1

    def record(self, run: BulkRun) -> None:
        """Log them."""
        for pk, count in self.goals.items():
            run.record("goal.assignments_imported", Goal(pk=pk), {"count": count})
        for pk, count in self.responsibilities.items():
            run.record("responsibility.assignments_imported", Responsibility(pk=pk), {"count": count})
