"""Writing what a file says, through the bulk services, in the caller's transaction."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db.models import Model

from apps.activity.queries import changed_by_hand
from apps.activity.services import record_many
from apps.core.bulk import refresh_statistics
from apps.goals.access import visible_cycles
from apps.goals.models import CheckIn, Goal, GoalSupport
from apps.goals.services.bulk import (
    CheckInSpec,
    GoalSpec,
    refresh_figures,
    set_goal_parents,
    upsert_check_ins,
    upsert_cycles,
    upsert_goals,
)
from apps.integrations.services.imports.directory import Directory
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.rows import AssignmentRow, GoalRow, ParsedFile, TaskRow
from apps.integrations.services.imports.subjects import subject_key, subjects_of
from apps.responsibilities.models import Assignment, Responsibility
from apps.responsibilities.services.bulk import AssignmentSpec, upsert_assignments, upsert_responsibilities
from apps.tasks.models import Task, TaskHelper, TaskTeam
from apps.tasks.services.bulk import TaskSpec, upsert_tasks
from apps.workspaces.models import Member, Team, TeamMembership
from apps.workspaces.services.bulk import (
    BulkRun,
    Tally,
    add_memberships,
    set_managers,
    set_team_parents,
    upsert_members,
    upsert_teams,
)

Progress = Callable[[int, int], None]
MANY = 2_000


def apply_file(file: ParsedFile, *, by: Member, at: datetime, report: Report, progress: Progress) -> None:
    """Write everything and complete the report. `progress(done, total)` is called now and then.

    Raises PermissionDenied where the member is no admin (any more). The caller's transaction makes it all or nothing.
    """
    _Application(file, by, at, report, progress).run()


class _Application:
    """One import of one file."""

    def __init__(self, file: ParsedFile, by: Member, at: datetime, report: Report, progress: Progress) -> None:
        self.file, self.at, self.report, self.progress = file, at, report, progress
        self.done, self.total = 0, file.total()
        self.bulk = BulkRun(
            by=by, at=at, tell=report.tell, by_hand=changed_by_hand, step=self._step,
            log=lambda events: record_many(events, by=self.bulk.by, at=at, workspace_id=by.workspace_id),
        )  # fmt: skip
        self.directory = Directory(by, report, by_names=file.by_names)

    def run(self) -> None:
        """People, teams, cycles, goals, check-ins, tasks, assignments, in this order: each refers to those before."""
        self.bulk.start()
        self._people()
        self._teams()
        self._cycles()
        tally = self._goals()
        stale = self._parents(tally) | tally.created | tally.updated
        stale |= self._check_ins(tally)
        refresh_figures(stale, workspace=self.bulk.by.workspace, at=self.at)
        self._tasks(tally)
        self._assignments(tally, self._responsibilities())
        self.bulk.flush()
        self.report.finish()

    def _step(self, rows: int) -> None:
        self.done += rows
        self.progress(self.done, self.total)

    def _leave(self, kind: str, label: str, reason: str) -> None:
        """Leave a row out, with the reason; it is done all the same."""
        self.report.tell(kind, label, reason)
        self._step(1)

    def _count(self, kind: str, tally: Tally, *models: type[Model]) -> None:
        """Keep the figures of a kind; after many new rows the planner is told how large its tables are now."""
        if len(tally.created) > MANY:
            refresh_statistics(*models)
        total = len(set(tally.ids.values()))
        self.report.count(kind, created=len(tally.created), updated=len(tally.updated), total=total)

    def _people(self) -> None:
        tally = upsert_members([row.spec for row in self.file.people], self.bulk)
        self.directory.read_people()
        managers: dict[str, UUID] = {}
        for row in self.file.people:
            found = self.directory.person(row.manager, "people", row.spec.key, "manager_key")
            if found in self.directory.gone:
                self.report.tell("people", row.spec.key, "person_left", "manager_key", row.manager or "")
            elif found is not None:
                managers[row.spec.key] = found
        set_managers(managers, tally, self.bulk)
        self._count("people", tally, Member)

    def _teams(self) -> None:
        tally = upsert_teams([row.spec for row in self.file.teams], self.bulk)
        self.directory.read_teams()
        parents: dict[str, UUID] = {}
        places: dict[tuple[str, UUID], bool] = {}
        for row in self.file.teams:
            key = row.spec.key
            parent = self.directory.team(row.parent, "teams", key, "parent")
            if parent is not None:
                parents[key] = parent
            for pk in self.directory.people_of(row.members, "teams", key, "member_keys"):
                places[key, pk] = False
            for pk in self.directory.people_of(row.leads, "teams", key, "lead_keys"):
                places[key, pk] = True
        set_team_parents(parents, tally, self.bulk)
        add_memberships(places, tally, self.bulk)
        self._count("teams", tally, Team, TeamMembership)

    def _cycles(self) -> None:
        tally = upsert_cycles(self.file.cycles, self.bulk)
        for pk, name in visible_cycles(self.bulk.by).order_by().values_list("pk", "name"):
            self.directory.cycles.name(name, pk)
        self._count("cycles", tally)

    def _goals(self) -> Tally:
        return upsert_goals((self._goal(row) for row in self.file.goals), self.bulk, gone=self.directory.gone)

    def _goal(self, row: GoalRow) -> GoalSpec:
        find, key = self.directory, row.key
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
            began_on=row.began_on,
            closed_on=row.closed_on,
            as_of=row.as_of,
        )

    def _parents(self, tally: Tally) -> set[UUID]:
        """Parents are looked for among the file's own goals first, then among those of the workspace."""
        for row in self.file.goals:
            if pk := tally.ids.get(row.key):
                self.directory.goals.add(row.key, pk)
                if self.file.by_names:
                    self.directory.goals.name(row.title or "", pk)
        named = {row.parent for row in self.file.goals if row.parent and row.key in tally.ids}
        self.directory.read_goals(text for text in named if self.directory.goals.find(text)[0] is None)
        parents: dict[str, UUID] = {}
        for row in self.file.goals:
            if row.key in tally.ids:
                parent = self.directory.goal(row.parent, "goals", row.key, "parent")
                if parent is not None:
                    parents[row.key] = parent
        stale = set_goal_parents(parents, tally, self.bulk)
        self._count("goals", tally, Goal, GoalSupport)
        return stale

    def _check_ins(self, goals: Tally) -> set[UUID]:
        tally, stale = upsert_check_ins(self._check_in_specs(goals), self.bulk)
        self._count("check_ins", tally, CheckIn)
        return stale

    def _check_in_specs(self, goals: Tally) -> Iterator[CheckInSpec]:
        for row in self.file.goals:
            goal_id = goals.ids.get(row.key)
            if goal_id is None:
                for update in row.updates:
                    self._leave("check_ins", update.label, "left_out")
                continue
            for update in row.updates:
                author = self.directory.person(update.author, "check_ins", update.label, "author_key")
                named = update.author_name or (self.directory.names_of[author] if author else update.author or "")
                yield CheckInSpec(
                    key=update.key, label=update.label, goal_id=goal_id, made_at=update.made_at, author_id=author,
                    author_name=named[:200], note=update.note, note_format=update.note_format, progress=update.progress,
                    confidence=update.confidence,
                )  # fmt: skip

    def _tasks(self, goals: Tally) -> None:
        tally = upsert_tasks(self._task_specs(goals), self.bulk, gone=self.directory.gone)
        self._count("tasks", tally, Task, TaskHelper, TaskTeam)

    def _task_specs(self, goals: Tally) -> Iterator[TaskSpec]:
        for row in self.file.goals:
            goal_id = goals.ids.get(row.key)
            closed_on = row.updates[-1].made_at.astimezone(self.bulk.by.workspace.zone).date() if row.updates else None
            for task in row.tasks:
                if goal_id is None:
                    self._leave("tasks", task.label, "left_out")
                else:
                    yield self._task(task, goal_id, closed_on)

    def _task(self, row: TaskRow, goal_id: UUID, closed_on: date | None) -> TaskSpec:
        """The first who is named is the assignee, the others help."""
        people = self.directory.people_of(row.owners, "tasks", row.label, "owner_keys")
        teams = (self.directory.team(text, "tasks", row.label, "team_keys") for text in row.teams)
        return TaskSpec(
            key=row.key,
            label=row.label,
            goal_id=goal_id,
            title=row.title,
            description=row.description,
            assignee_id=people[0] if people else None,
            helper_ids=people[1:],
            team_ids=[pk for pk in teams if pk is not None],
            labels=row.labels or None,
            status=row.status,
            closed_on=closed_on,
        )

    def _responsibilities(self) -> Tally:
        specs = subjects_of(self.file.assignments, self.directory.teams.exact, self.report)
        tally = upsert_responsibilities(specs, self.bulk)
        self._count("responsibilities", tally, Responsibility)
        return tally

    def _assignments(self, goals: Tally, responsibilities: Tally) -> None:
        """Goals are looked for among the file's own first, then among those of the workspace."""
        named = {row.goal for row in self.file.assignments if row.goal}
        self.directory.read_goals(text for text in named if self.directory.goals.find(text)[0] is None)
        left_out = {row.key for row in self.file.goals if row.key not in goals.ids}
        specs = self._assignment_specs(left_out, responsibilities)
        tally = upsert_assignments(specs, self.bulk, gone=self.directory.gone)
        self._count("assignments", tally, Assignment)

    def _assignment_specs(self, left_out: set[str], responsibilities: Tally) -> Iterator[AssignmentSpec]:
        for row in self.file.assignments:
            spec = self._assignment(row, responsibilities)
            if row.goal in left_out or (row.subject and spec.responsibility_id is None):
                self._leave("assignments", row.label, "left_out")
            elif (spec.goal_id or spec.responsibility_id) and (spec.member_id or spec.team_id):
                yield spec
            else:
                self._leave("assignments", row.label, "assignment_incomplete")

    def _assignment(self, row: AssignmentRow, responsibilities: Tally) -> AssignmentSpec:
        find, label = self.directory, row.label
        return AssignmentSpec(
            key=row.key,
            label=label,
            role=row.role,
            goal_id=find.goal(row.goal, "assignments", label, "goal_key"),
            responsibility_id=responsibilities.ids.get(subject_key(row.subject)) if row.subject else None,
            member_id=find.person(row.person, "assignments", label, "person_key"),
            team_id=find.team(row.team, "assignments", label, "team_key"),
            note=row.note,
        )
