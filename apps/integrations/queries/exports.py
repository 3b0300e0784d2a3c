"""Goals as a table, a thousand at a time: only what the member sees, and of what these name only what they see."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from uuid import UUID

from django.db.models import QuerySet

from apps.goals.access import shows_progress, visible_cycles, visible_goals
from apps.goals.models import Goal, GoalSupport
from apps.goals.queries.filters import GoalFilters, filtered
from apps.integrations.models import safe_cell
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

CHUNK = 1_000
COLUMNS = (
    "id", "external_id", "title", "reason", "description", "cycle", "team", "supporting_teams", "owner", "parent",
    "parent_title", "status", "lesson", "visibility", "starts_on", "due_on", "importance", "urgency", "labels", "url",
    "progress", "confidence", "last_check_in_at", "updated_at",
)  # fmt: skip


def goal_table(member: Member, chosen: GoalFilters, *, today: date) -> Iterator[list[str]]:
    """The header, then one line a goal in the order of the lists; every cell is safe to open in a spreadsheet."""
    yield list(COLUMNS)
    visible = visible_goals(member)
    names = _Names(member)
    goals = filtered(visible, chosen, member=member, today=today).order_by("cycle_id", "rank", "id").defer("search")
    rows = goals.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        parents = _titles(visible, {goal.parent_id for goal in chunk if goal.parent_id})
        supports = _supports(chunk)
        for goal in chunk:
            yield [safe_cell(cell) for cell in _cells(goal, names, parents, supports, member)]


class _Names:
    """What people, teams and cycles are called in a table, as an import finds them again."""

    def __init__(self, member: Member) -> None:
        teams = list(visible_teams(member).order_by().values_list("pk", "name", "ancestor_ids"))
        called = {pk: name for pk, name, _path in teams}
        self.teams = {
            pk: " / ".join([*(called[each] for each in path if each in called), name]) for pk, name, path in teams
        }
        people = visible_members(member).order_by().values_list("pk", "email", "external_id", "name")
        self.people = {pk: email or key or name for pk, email, key, name in people}
        self.cycles = dict(visible_cycles(member).order_by().values_list("pk", "name"))

    @staticmethod
    def of(names: dict[UUID, str], pk: UUID | None) -> str:
        """The name, empty for none and for what the reader does not see."""
        return names.get(pk, "") if pk else ""


def _titles(visible: QuerySet[Goal], ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(visible.filter(pk__in=list(ids)).order_by().values_list("pk", "title"))


def _supports(goals: list[Goal]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    rows = GoalSupport.objects.filter(goal_id__in=[goal.pk for goal in goals]).order_by("id")
    for goal_id, team_id in rows.values_list("goal_id", "team_id"):
        found[goal_id].append(team_id)
    return found


def join_several(parts: Iterable[str]) -> str:
    """Several texts in one cell: between semicolons, or a line each where one of them holds a semicolon."""
    several = list(parts)
    return "\n".join([*several, ""]) if any(";" in part for part in several) else "; ".join(several)


def _cells(
    goal: Goal, names: _Names, parents: dict[UUID, str], supports: dict[UUID, list[UUID]], member: Member
) -> list[str]:
    parent_id = goal.parent_id if goal.parent_id in parents else None
    values: tuple[object, ...] = (
        goal.pk, goal.external_id, goal.title, goal.reason, goal.description,
        names.of(names.cycles, goal.cycle_id), names.of(names.teams, goal.team_id),
        join_several(names.teams[pk] for pk in supports.get(goal.pk, ()) if pk in names.teams),
        names.of(names.people, goal.owner_id), parent_id, parents.get(parent_id, "") if parent_id else "",
        goal.status, goal.lesson, goal.visibility, goal.starts_on, goal.due_on, goal.importance, goal.urgency,
        join_several(goal.labels), goal.url,
        round(goal.progress, 4) if goal.is_measured and shows_progress(member, goal) else None,
        goal.confidence, goal.last_check_in_at and goal.last_check_in_at.isoformat(), goal.updated_at.isoformat(),
    )  # fmt: skip
    return ["" if value is None else str(value) for value in values]
