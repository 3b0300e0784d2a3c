"""Writing what a file says, a batch of one step at a time, through the bulk services, in the caller's transaction."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Model

from apps.activity.queries import changed_by_hand
from apps.activity.services import record_many
from apps.core.bulk import refresh_statistics
from apps.goals.models import CheckIn, Goal
from apps.goals.services.bulk import (
    CheckInSpec,
    CycleSpec,
    GoalSpec,
    Ranks,
    refresh_figures,
    set_goal_parents,
    upsert_check_ins,
    upsert_cycles,
    upsert_goals,
)
from apps.integrations.models import ImportJob, ImportRecord
from apps.integrations.services.imports.directory import Directory
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.rows import (
    AssignmentRow,
    GoalRow,
    PersonRow,
    SubjectRow,
    TaskRow,
    TeamRow,
    UpdateRow,
    from_record,
)
from apps.integrations.services.imports.staged import mark_changed, mark_outcomes, mark_told, tally_of, write_lines
from apps.integrations.services.imports.subjects import responsibility_of, subject_key
from apps.responsibilities.models import Assignment
from apps.responsibilities.services.bulk import AssignmentSpec, upsert_assignments, upsert_responsibilities
from apps.tasks.models import Task
from apps.tasks.services.bulk import TaskSpec, upsert_tasks
from apps.workspaces.models import Member
from apps.workspaces.services.bulk import (
    BulkRun,
    BulkTally,
    add_memberships,
    set_managers,
    set_team_parents,
    upsert_members,
    upsert_teams,
)

Records = Sequence[ImportRecord]


@dataclass(frozen=True)
class Step:
    """A part of an import: what it does with the records of a kind, how many of them at once.

    `counts`: whether a record is done with it, for the progress bar. `model`: what grows by it.
    """

    kind: str
    work: Callable[["Application", Records], None]
    size: int = 500
    counts: bool = True
    model: type[Model] | None = None


@dataclass
class Application:
    """Some batches of one import, worked on one after the other by one worker."""

    job: ImportJob
    by: Member
    at: datetime
    report: Report
    plan: bool = False
    bulk: BulkRun = field(init=False)
    find: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.bulk = BulkRun(
            by=self.by, at=self.at, tell=self.report.tell, by_hand=changed_by_hand, plan=self.plan,
            log=lambda events: record_many(events, by=self.by, at=self.at, workspace_id=self.by.workspace_id),
        )  # fmt: skip

    def run_batch(self) -> int:
        """Do the next batch of the step that the job is at, and move on. How many rows are done with it.

        Raises PermissionDenied where the actor is no admin (any more). The job is changed and not saved.
        """
        step = STEPS[self.job.step]
        records = list(
            ImportRecord.objects.filter(job=self.job, kind=step.kind, position__gt=self.job.after).order_by("position")[
                : step.size
            ]
        )
        if records:
            self.bulk.start()
            self.find = Directory(self.job, self.bulk.by, self.report)
            step.work(self, records)
            self.bulk.flush()
            mark_told(self.job, self.report)
            if not self.plan:
                write_lines(self.job, self.report)
            self.job.after = records[-1].position
        if len(records) < step.size:
            if step.model is not None and self.job.after > MANY:
                refresh_statistics(step.model)
            self.job.step, self.job.after = NEXT[self.job.step], 0
        return len(records) if step.counts else 0

    @cached_property
    def ranks(self) -> Ranks:
        """The next free ranks."""
        return Ranks(self.bulk.by)


def people(app: Application, records: Records) -> None:
    """The people themselves."""
    rows = [from_record(PersonRow, record.data) for record in records]

    def met_before(ids: Collection[UUID]) -> set[UUID]:
        earlier = ImportRecord.objects.filter(job=app.job, kind="people", row_id__in=ids)
        return {pk for pk in earlier.values_list("row_id", flat=True) if pk is not None}

    tally = upsert_members([row.spec for row in rows], app.bulk, met_before=met_before)
    _mark(records, tally)


def managers(app: Application, records: Records) -> None:
    """Whom they report to."""
    tally, find = tally_of(records), app.find
    managers: dict[str, UUID] = {}
    for row in (from_record(PersonRow, record.data) for record in records):
        found = find.person(row.manager, "people", row.spec.key, "manager_key")
        if found in find.gone:
            app.report.tell("people", row.spec.key, "person_left", "manager_key", row.manager or "")
        elif found is not None:
            managers[row.spec.key] = found
    set_managers(managers, tally, app.bulk)
    mark_changed(records, tally)


def teams(app: Application, records: Records) -> None:
    """The teams themselves."""
    tally = upsert_teams([from_record(TeamRow, record.data).spec for record in records], app.bulk)
    _mark(records, tally)


def places(app: Application, records: Records) -> None:
    """The teams' places in the tree, and the people in them."""
    tally, find = tally_of(records), app.find
    parents: dict[str, UUID] = {}
    people: dict[tuple[str, UUID], bool] = {}
    for row in (from_record(TeamRow, record.data) for record in records):
        key = row.spec.key
        parent = find.team(row.parent, "teams", key, "parent")
        if parent is not None:
            parents[key] = parent
        for pk in find.people_of(row.members, "teams", key, "member_keys"):
            people[key, pk] = False
        for pk in find.people_of(row.leads, "teams", key, "lead_keys"):
            people[key, pk] = True
    set_team_parents(parents, tally, app.bulk)
    add_memberships(people, tally, app.bulk)
    mark_changed(records, tally)


def cycles(app: Application, records: Records) -> None:
    """The cycles."""
    rows = [from_record(CycleSpec, record.data) for record in records]
    tally = upsert_cycles(rows, app.bulk)
    mark_outcomes(records, {record.pk: row.name for record, row in zip(records, rows, strict=True)}, tally)


def goals(app: Application, records: Records) -> None:
    """The goals, each by itself."""
    rows = [from_record(GoalRow, record.data) for record in records]
    tally = upsert_goals((_goal(row, app) for row in rows), app.bulk, gone=app.find.gone, ranks=app.ranks)
    _refresh(app, tally.updated)
    _mark(records, tally)


def _goal(row: GoalRow, app: Application) -> GoalSpec:
    find, key = app.find, row.key
    supporting = (find.team(text, "goals", key, "supporting_teams") for text in row.supporting)
    return GoalSpec(
        key=key,
        pk=row.pk,
        title=row.title,
        reason=row.reason,
        description=row.description,
        cycle_id=find.cycle(row.cycle, "goals", key, "cycle"),
        team_id=find.team(row.team, "goals", key, "team"),
        supporting_ids=[pk for pk in supporting if pk is not None],
        owner_id=find.person(row.owner, "goals", key, "owner"),
        labels=row.labels or None,
        url=row.url,
        importance=row.importance,
        urgency=row.urgency,
        visibility=row.visibility,
        starts_on=row.starts_on,
        due_on=row.due_on,
        status=row.status,
        lesson=row.lesson,
        began_on=row.began_on,
        closed_on=row.closed_on,
        as_of=row.as_of,
    )


def parents(app: Application, records: Records) -> None:
    """Their places in the tree; parents are looked for among the file's own goals first."""
    tally = tally_of(records)
    rows = [from_record(GoalRow, record.data) for record in records if record.row_id is not None]
    app.find.read_goals({row.parent for row in rows if row.parent})
    found: dict[str, UUID] = {}
    for row in rows:
        parent = app.find.goal(row.parent, "goals", row.key, "parent")
        if parent is not None:
            found[row.key] = parent
    _refresh(app, set_goal_parents(found, tally, app.bulk))
    mark_changed(records, tally)


def check_ins(app: Application, records: Records) -> None:
    """What was said of them."""
    rows = [from_record(UpdateRow, record.data) for record in records]
    goals = app.find.own_goals({row.goal for row in rows})
    tally, stale = upsert_check_ins(_check_ins(rows, goals, app), app.bulk)
    _refresh(app, stale)
    _mark(records, tally)


def _check_ins(rows: Sequence[UpdateRow], goals: dict[str, UUID | None], app: Application) -> Iterator[CheckInSpec]:
    for row in rows:
        goal_id = goals[row.goal]
        if goal_id is None:
            app.report.tell("check_ins", row.label, "left_out")
            continue
        author = app.find.person(row.author, "check_ins", row.label, "author_key")
        named = row.author_name or (app.find.names_of[author] if author else row.author or "")
        yield CheckInSpec(
            key=row.key, label=row.label, goal_id=goal_id, made_at=row.made_at, author_id=author,
            author_name=named[:200], note=row.note, note_format=row.note_format, progress=row.progress,
            confidence=row.confidence,
        )  # fmt: skip


def tasks(app: Application, records: Records) -> None:
    """What is to be done for them."""
    rows = [from_record(TaskRow, record.data) for record in records]
    goals = app.find.own_goals({row.goal for row in rows})
    tally = upsert_tasks(_tasks(rows, goals, app), app.bulk, gone=app.find.gone)
    _mark(records, tally)


def _tasks(rows: Sequence[TaskRow], goals: dict[str, UUID | None], app: Application) -> Iterator[TaskSpec]:
    """The first who is named is the assignee, the others help."""
    for row in rows:
        goal_id = goals[row.goal]
        if goal_id is None:
            app.report.tell("tasks", row.label, "left_out")
            continue
        people = app.find.people_of(row.owners, "tasks", row.label, "owner_keys")
        teams = (app.find.team(text, "tasks", row.label, "team_keys") for text in row.teams)
        yield TaskSpec(
            key=row.key, label=row.label, goal_id=goal_id, title=row.title, description=row.description,
            assignee_id=people[0] if people else None, helper_ids=people[1:],
            team_ids=[pk for pk in teams if pk is not None], labels=row.labels or None, status=row.status,
            closed_on=row.closed_on,
        )  # fmt: skip


def responsibilities(app: Application, records: Records) -> None:
    """What assignments speak of that is no goal."""
    teams = app.find.teams.exact
    rows = (from_record(SubjectRow, record.data) for record in records)
    _mark(records, upsert_responsibilities([responsibility_of(row, teams, app.report) for row in rows], app.bulk))


def assignments(app: Application, records: Records) -> None:
    """Who is what to which; goals are looked for among the file's own first."""
    rows = [from_record(AssignmentRow, record.data) for record in records]
    named = {row.goal for row in rows if row.goal}
    app.find.read_goals(named)
    left_out = {key for key, goal_id in app.find.own_goals(named).items() if goal_id is None}
    keys = {subject_key(row.subject) for row in rows if row.subject}
    known = ImportRecord.objects.filter(job=app.job, kind="responsibilities", key__in=keys, row_id__isnull=False)
    subjects: dict[str, UUID | None] = dict(known.order_by().values_list("key", "row_id"))
    specs = _assignments(rows, left_out, subjects, app)
    _mark(records, upsert_assignments(specs, app.bulk, gone=app.find.gone))


def _assignments(
    rows: Sequence[AssignmentRow], left_out: set[str], subjects: dict[str, UUID | None], app: Application
) -> Iterator[AssignmentSpec]:
    for row in rows:
        spec = _assignment(row, subjects, app)
        if row.goal in left_out or (row.subject and spec.responsibility_id is None):
            app.report.tell("assignments", row.label, "left_out")
        elif (spec.goal_id or spec.responsibility_id) and (spec.member_id or spec.team_id):
            yield spec
        else:
            app.report.tell("assignments", row.label, "assignment_incomplete")


def _assignment(row: AssignmentRow, subjects: dict[str, UUID | None], app: Application) -> AssignmentSpec:
    find, label = app.find, row.label
    return AssignmentSpec(
        key=row.key,
        label=label,
        role=row.role,
        goal_id=find.goal(row.goal, "assignments", label, "goal_key"),
        responsibility_id=subjects.get(subject_key(row.subject)) if row.subject else None,
        member_id=find.person(row.person, "assignments", label, "person_key"),
        team_id=find.team(row.team, "assignments", label, "team_key"),
        note=row.note,
    )


def _mark(records: Records, tally: BulkTally) -> None:
    mark_outcomes(records, {record.pk: record.key for record in records}, tally)


def _refresh(app: Application, stale: set[UUID]) -> None:
    """Bring up to date what goals keep of what was just written, in the same batch; a plan leaves it."""
    if stale and not app.plan:
        refresh_figures(stale, workspace=app.bulk.by.workspace, at=app.at)


MANY = 2_000
"""After this many new rows the planner is told how large a table is now."""
STEPS: dict[str, Step] = {
    "people": Step("people", people, counts=False),
    "managers": Step("people", managers),
    "teams": Step("teams", teams, counts=False),
    "places": Step("teams", places, size=200),
    "cycles": Step("cycles", cycles),
    "goals": Step("goals", goals, counts=False, model=Goal),
    "parents": Step("goals", parents),
    "check_ins": Step("check_ins", check_ins, model=CheckIn),
    "tasks": Step("tasks", tasks, model=Task),
    "responsibilities": Step("responsibilities", responsibilities),
    "assignments": Step("assignments", assignments, model=Assignment),
}
"""In this order, for each refers to those before."""
NEXT: dict[str, str] = dict(zip(STEPS, [*list(STEPS)[1:], ""], strict=True))
FIRST = next(iter(STEPS))


def counted_by(job: ImportJob, step: Step) -> int:
    """How many rows the progress bar counts for a step."""
    return ImportRecord.objects.filter(job=job, kind=step.kind).count() if step.counts else 0
