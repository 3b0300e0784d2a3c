"""The rows of a file as records in the database, written once while the file is read, and taken from there in batches.

So an import holds a batch in memory and not the file, goes on where it was broken off, and knows what became of each
row.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Count, Q, Sum

from apps.core.bulk import insert_many, update_many
from apps.core.models import new_id
from apps.goals.services.bulk import CycleSpec
from apps.integrations.models import ImportJob, ImportRecord, ImportRow
from apps.integrations.services.imports.report import COUNTED, NAMELESS, OUTCOMES, Report
from apps.integrations.services.imports.rows import (
    AssignmentRow,
    GoalRow,
    PersonRow,
    Row,
    SubjectRow,
    TaskRow,
    TeamRow,
    UpdateRow,
    same_key,
    to_record,
)
from apps.integrations.services.imports.subjects import subjects_of
from apps.integrations.services.imports.work import KEY_SHOWN
from apps.workspaces.services.bulk import BulkTally

LABEL_MAX = 255
Outcome = ImportRecord.Outcome
KINDS: dict[type[Row], str] = {
    PersonRow: "people", TeamRow: "teams", CycleSpec: "cycles", GoalRow: "goals", UpdateRow: "check_ins",
    TaskRow: "tasks", SubjectRow: "responsibilities", AssignmentRow: "assignments",
}  # fmt: skip


def digest_of(text: str) -> str:
    """A text in any case and with any blanks, as records are found by it."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


class Stage:
    """Writes the rows of one file as records."""

    def __init__(self, job: ImportJob, report: Report) -> None:
        self.job, self.report = job, report
        self.records = ImportRecord.objects.filter(job=job)
        self.places: Counter[str] = Counter()

    def here(self, kind: str, keys: Collection[str]) -> set[str]:
        """Which of these keys of a kind are here already."""
        found = self.records.filter(kind=kind, key__in=keys)
        return set(found.order_by().values_list("key", flat=True)) if keys else set()

    def add(self, rows: Sequence[Row]) -> None:
        """Write these, and what the report says of them."""
        assignments = [row for row in rows if isinstance(row, AssignmentRow)]
        subjects = list(subjects_of(assignments))
        known = self.here("responsibilities", [row.key for row in subjects])
        made = [self._record(row) for row in rows]
        made += [self._record(row) for row in subjects if row.key not in known]
        self._number([record for record in made if record.kind == "assignments"])
        self._mark(made)
        insert_many(made)
        write_lines(self.job, self.report)

    def _record(self, row: Row) -> ImportRecord:
        kind, key, label = _names(row)
        self.places[kind] += 1
        return ImportRecord(
            id=new_id(), job=self.job, kind=kind, position=self.places[kind], key=key, label=label[:LABEL_MAX],
            folded=digest_of(key) if kind in ("goals", "assignments") else "",
            name=digest_of(row.title) if isinstance(row, GoalRow) and row.title else "", data=to_record(row),
        )  # fmt: skip

    def _number(self, records: Sequence[ImportRecord]) -> None:
        """A row that stands in the file twice is two: the second one's key says so."""
        same = self.records.filter(kind="assignments", folded__in=[record.folded for record in records])
        met = Counter(dict(same.order_by().values_list("folded").annotate(Count("pk")))) if records else Counter()
        for record in records:
            met[record.folded] += 1
            if met[record.folded] > 1:
                record.key = record.data["key"] = f"{record.key}:{met[record.folded]}"

    def _mark(self, made: Iterable[ImportRecord]) -> None:
        """Note on records that the report speaks of them, and count the rows that became none."""
        told = self.report.take_told()
        left = {kind: set(labels) for kind, labels in told.items()}
        for record in made:
            if record.label in told.get(record.kind, ()):
                record.told = True
                left[record.kind].discard(record.label)
        for kind, labels in left.items():
            earlier = self.records.filter(kind=kind, label__in=[each for each in labels if each[:1] != NAMELESS])
            known = set(earlier.order_by().values_list("label", flat=True)) if labels else set()
            earlier.update(told=True)
            self.report.nowhere[kind] += len(labels - known)


def _names(row: Row) -> tuple[str, str, str]:
    """(kind, key, how the report calls it)."""
    kind = KINDS[type(row)]
    match row:
        case PersonRow() | TeamRow():
            return kind, row.spec.key, row.spec.key
        case CycleSpec():
            return kind, same_key(kind, row.name), row.name
        case SubjectRow():
            return kind, row.key, row.subject[:KEY_SHOWN]
        case GoalRow():
            return kind, row.key, row.key
        case _:
            return kind, row.key, row.label


def write_lines(job: ImportJob, report: Report) -> None:
    """Write the lines of the report that wait."""
    before = report.written
    lines = enumerate(report.take_lines(), before + 1)
    rows = [ImportRow(id=new_id(), job=job, position=place, **line.as_dict()) for place, line in lines]
    insert_many(rows)


def mark_told(job: ImportJob, report: Report) -> None:
    """Note on records that the report speaks of them."""
    for kind, labels in report.take_told().items():
        ImportRecord.objects.filter(job=job, kind=kind, label__in=labels, told=False).update(told=True)


def mark_outcomes(records: Sequence[ImportRecord], keys: Mapping[UUID, str], tally: BulkTally) -> None:
    """Write down what became of these records of one kind. `keys` are the keys of `tally` by record."""
    taken = [record for record in records if keys[record.pk] in tally.ids]
    for record in taken:
        record.row_id = tally.ids[keys[record.pk]]
    made = tally.created | _made_before(taken)
    for record in taken:
        row_id = record.row_id
        changed = Outcome.UPDATED if row_id in tally.updated else Outcome.UNCHANGED
        record.outcome = Outcome.CREATED if row_id in made else changed
    update_many(taken, ["row_id", "outcome"])


def _made_before(records: Sequence[ImportRecord]) -> set[UUID]:
    """Which of the people here an earlier row of the file made: two rows of a file may be one person."""
    if not records or records[0].kind != "people":
        return set()
    earlier = ImportRecord.objects.filter(job_id=records[0].job_id, kind="people", outcome=Outcome.CREATED)
    found = earlier.filter(row_id__in=[record.row_id for record in records]).values_list("row_id", flat=True)
    return {pk for pk in found if pk is not None}


def mark_changed(records: Iterable[ImportRecord], tally: BulkTally) -> None:
    """Note that rows which were as the file has them are no longer so, since a later step changed them."""
    changed = [record.pk for record in records if record.row_id in tally.updated]
    ImportRecord.objects.filter(pk__in=changed, outcome=Outcome.UNCHANGED).update(outcome=Outcome.UPDATED)


def tally_of(records: Iterable[ImportRecord]) -> BulkTally:
    """The tally as a step before left it: the ids here by key, and which were made by this import."""
    tally = BulkTally()
    for record in records:
        if record.row_id is not None:
            tally.ids[record.key] = record.row_id
            if record.outcome == Outcome.CREATED:
                tally.created.add(record.row_id)
    return tally


def counts_of(job: ImportJob, report: Report) -> dict[str, dict[str, int]]:
    """What became of the rows of each kind, counted by the rows here: two rows of a file may be one here."""
    of_kind = ImportRecord.objects.filter(job=job).order_by().values_list("kind")
    counted = of_kind.annotate(
        total=Count("row_id", distinct=True),
        made=Count("row_id", distinct=True, filter=Q(outcome=Outcome.CREATED)),
        changed=Count("row_id", distinct=True, filter=Q(outcome=Outcome.UPDATED)),
        reported=Count("label", distinct=True, filter=Q(told=True)),
    )
    counts = {kind: dict.fromkeys(OUTCOMES, 0) for kind in COUNTED}
    for kind, total, created, updated, told in counted:
        counts[kind] = {
            "created": created, "updated": updated, "unchanged": total - created - updated, "reported": told,
        }  # fmt: skip
    for kind, count in report.nowhere.items():
        if kind in counts:
            counts[kind]["reported"] += count
    return counts


def summary_of(job: ImportJob, counts: Mapping[str, object]) -> dict[str, object]:
    """What the job keeps of the report beside its lines: the counts, and how often each reason was given."""
    lines = ImportRow.objects.filter(job=job).order_by()
    reasons = lines.values_list("kind", "reason").annotate(count=Sum("count")).order_by("kind", "reason")
    return {
        "counts": counts,
        "reasons": [{"kind": kind, "reason": reason, "count": n} for kind, reason, n in reasons],
        "lines": lines.count(),
    }
