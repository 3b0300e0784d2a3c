"""What a person chose to see of the tasks, as conditions on the rows they may see; and the names of what they chose."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from apps.goals.access import visible_goals
from apps.goals.queries.filters import as_uuid, matches
from apps.responsibilities import access
from apps.tasks.models import OPEN_TASK_STATUSES, Task, TaskStatus
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team

ME, NONE = "me", "none"
CHOICES_MAX = 200
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class TaskFilters:
    """The choices of one reader; empty means that nothing was chosen. `status` is also "todo", "closed" or "any"."""

    assignee: str = ""
    team: str = ""
    goal: str = ""
    responsibility: str = ""
    status: str = "todo"
    due: str = ""
    q: str = ""


@dataclass
class TaskChoices:
    """What may stand in the filters: (id, name) of what the reader sees."""

    teams: list[tuple[str, str]] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    goals: list[tuple[str, str]] = field(default_factory=list)
    responsibilities: list[tuple[str, str]] = field(default_factory=list)


def task_choices(member: Member, chosen: dict[str, str]) -> TaskChoices:
    """The teams, at most CHOICES_MAX, and what is `chosen` already as far as the member sees it; in one query."""
    teams = visible_teams(member).filter(archived_at=None).order_by("name", "pk")
    arms = [_arm("team", teams, "name")[:CHOICES_MAX]]
    for name, rows, column in (
        ("team", visible_teams(member), "name"),
        ("assignee", visible_members(member), "name"),
        ("goal", visible_goals(member), "title"),
        ("responsibility", access.visible_responsibilities(member), "title"),
    ):
        pk = as_uuid(chosen.get(name, ""))
        if pk is not None:
            arms.append(_arm(name, rows.filter(pk=pk).order_by(), column))
    return _read(arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0])


def _arm(kind: str, rows: QuerySet[Any], column: str) -> QuerySet[Any, Any]:
    arm: QuerySet[Model, Any] = rows.annotate(
        arm=Value(kind, output_field=CharField()), key=Cast("pk", TextField()), label=Cast(column, TextField())
    ).values_list("arm", "key", "label")
    return arm


def _read(rows: Iterable[tuple[str, str, str]]) -> TaskChoices:
    found: dict[str, dict[str, str]] = {"team": {}, "assignee": {}, "goal": {}, "responsibility": {}}
    for kind, key, label in rows:
        found[kind][key] = label
    by_name = {
        kind: sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0])) for kind, names in found.items()
    }
    return TaskChoices(by_name["team"], by_name["assignee"], by_name["goal"], by_name["responsibility"])


def filtered_tasks(tasks: QuerySet[Task], chosen: TaskFilters, *, member: Member, today: date) -> QuerySet[Task]:
    """The tasks (of those the member sees) that pass every filter but the status, which `with_status` is for."""
    conditions = (
        _of_assignee(chosen.assignee, member),
        _of_team(chosen.team),
        Q(goal_id=chosen.goal) if chosen.goal else Q(),
        Q(responsibility_id=chosen.responsibility) if chosen.responsibility else Q(),
        _due(chosen.due, today),
        matches(chosen.q) if chosen.q else Q(),
    )
    for condition in conditions:
        if condition:
            tasks = tasks.filter(condition)
    return tasks


def with_status(status: str) -> Q:
    """ "todo": open or in progress; "closed": done or dropped; "any"; or one state."""
    if status == "todo":
        return Q(status__in=OPEN_TASK_STATUSES)
    if status == "closed":
        return ~Q(status__in=OPEN_TASK_STATUSES)
    return Q(status=status) if status in TaskStatus.values else Q()


def _of_assignee(assignee: str, member: Member) -> Q:
    if assignee in {"", NONE}:
        return Q(assignee=None) if assignee else Q()
    pk: UUID | str = member.pk if assignee == ME else assignee
    return Q(assignee_id=pk)


def _of_team(team: str) -> Q:
    """Tasks on what the team, or one beneath it, carries, or that it is named for."""
    if not team:
        return Q()
    below = Team.objects.filter(Q(pk=team) | Q(ancestor_ids__contains=[team])).order_by().values("pk")
    named = Task.objects.filter(team_asks__team_id__in=below).order_by().values("pk")
    return Q(goal__team_id__in=below) | Q(responsibility__team_id__in=below) | Q(pk__in=named)


def _due(due: str, today: date) -> Q:
    return {
        "overdue": Q(due_on__lt=today, status__in=OPEN_TASK_STATUSES),
        "week": Q(due_on__gte=today, due_on__lte=today + WEEK),
        "later": Q(due_on__gt=today + WEEK),
        NONE: Q(due_on=None),
    }.get(due, Q())
