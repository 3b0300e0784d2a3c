"""The matrix of who holds what: responsibilities or goals as rows, people and teams as columns."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Exists, ExpressionWrapper, Model, OuterRef, Q, QuerySet

from apps.core.pagination import Keyset, Page
from apps.goals.access import visible_goals
from apps.goals.models import OPEN_STATUSES, Goal
from apps.goals.queries.filters import as_uuid, matches
from apps.responsibilities import access
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.responsibilities.queries.findings import (
    Finding,
    Moment,
    accountable_counts,
    any_finding,
    found,
    gone,
    with_findings,
)
from apps.responsibilities.queries.teams import first_own, teams_offered
from apps.workspaces.access import visible_absences, visible_members
from apps.workspaces.models import Absence, Member, Team

ROWS, COLUMNS = 50, 60
ROLES = list(AssignmentRole)


@dataclass(frozen=True)
class MatrixFilters:
    """The choices of one reader; empty means that nothing was chosen. `team` and `person` are ids, `team` or "none".

    With `with_empty` those of the team who hold nothing here have columns too.
    """

    things: str = "responsibilities"
    team: str = ""
    person: str = ""
    finding: str = ""
    q: str = ""
    archived: bool = False
    with_empty: bool = False


@dataclass(frozen=True)
class MatrixFilterChoices:
    """What may stand in the filters: (id, name) of teams and people the reader sees; the first `own` teams are theirs.

    `opening` is the id of the team that is shown where none is chosen, empty for everybody.
    """

    teams: list[tuple[str, str]]
    people: list[tuple[str, str]]
    own: int = 0
    opening: str = ""


@dataclass(frozen=True)
class Letter:
    """What a party is to a thing: the role, and whether it was accepted."""

    role: AssignmentRole
    is_open: bool
    assignment_id: UUID


@dataclass(frozen=True)
class Party:
    """Who can hold something: a person or a team."""

    id: UUID
    name: str
    is_team: bool
    is_gone: bool


@dataclass
class Column:
    """A party of the matrix, since when away and until when, and for how many things accountable where too many."""

    party: Party
    held: Counter[str] = field(default_factory=Counter)
    absence: Absence | None = None
    overloaded: int = 0


@dataclass
class MatrixRow:
    """A row: the thing, its findings, and the letters of each party, by the party's id."""

    id: UUID
    title: str
    team: str
    may_change: bool
    is_archived: bool
    findings: list[Finding]
    letters: dict[UUID, list[Letter]] = field(default_factory=dict)
    parties: dict[str, list[tuple[Party, Letter]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Matrix:
    """A page of rows with the columns they need.

    `left_out` says how many parties had no room, `folded` how many of the team hold nothing here and are left out.
    """

    lines: list[MatrixRow]
    columns: list[Column]
    left_out: int
    page: Page[Any]
    folded: int = 0


def matrix_choices(member: Member, *, things: str = "", team: str = "", person: str = "") -> MatrixFilterChoices:
    """The open teams, one's own first, and what is chosen already (ids as text, or anything) where visible.

    It opens with the first of one's own teams that has any of the things; a guest opens with everybody: what they were
    asked to hold may be of any team, and is never much.
    """
    offered = teams_offered(member, as_uuid(team), others=True)
    own = None if member.is_guest or team else first_own(offered, of=_rows(member, things))
    person_id, people = as_uuid(person), list[tuple[str, str]]()
    if person_id is not None:
        rows = visible_members(member).filter(pk=person_id).values_list("pk", "name")
        people = [(str(pk), name) for pk, name in rows]
    return MatrixFilterChoices(
        teams=[(str(each.pk), each.name) for each, _is_mine in offered],
        people=people,
        own=sum(is_mine for _team, is_mine in offered),
        opening=str(own.pk) if own else "",
    )


def things_for(member: Member, chosen: MatrixFilters, moment: Moment) -> QuerySet[Model]:
    """The responsibilities or goals that pass the filters, each with its findings and `may_change`."""
    rows = _rows(member, chosen.things, archived=chosen.archived)
    may = access.assignable(member) if chosen.things == "goals" else access.changeable(member)
    rows = with_findings(rows.filter(_in_team(chosen.team)), moment)
    if chosen.person:
        column = "goal" if chosen.things == "goals" else "responsibility"
        held = Assignment.objects.held().filter(member_id=chosen.person, **{column: OuterRef("pk")})
        rows = rows.filter(Exists(held))
    if chosen.finding:
        rows = rows.filter(any_finding() if chosen.finding == "any" else Q(**{chosen.finding: True}))
    if chosen.q:
        rows = rows.filter(matches(chosen.q))
    annotated: QuerySet[Any] = rows.annotate(may_change=may)
    return annotated


def _rows(member: Member, things: str, *, archived: bool = False) -> QuerySet[Model]:
    if things == "goals":
        goals: QuerySet[Model] = visible_goals(member).filter(status__in=OPEN_STATUSES)
        return goals
    return access.visible_responsibilities(member).filter(archived_at__isnull=not archived)


def matrix(member: Member, chosen: MatrixFilters, moment: Moment, *, cursor: str = "", size: int = ROWS) -> Matrix:
    """One page of the matrix, in five queries however large it is. An unreadable cursor gives the first page."""
    names = ("id", "title", "team__name", "may_change", *map(str, Finding))
    if chosen.things != "goals":
        names += ("archived_at",)
    rows = things_for(member, chosen, moment).values(*names)
    keyset = Keyset("title", "id")
    try:
        page = keyset.page(rows, cursor=cursor, size=size)
    except ValidationError:
        page = keyset.page(rows, size=size)
    lines = [_line(values) for values in page.rows]
    columns = _fill(lines, chosen.things)
    empty = [party for party in _team_parties(member, chosen.team) if party.id not in columns]
    if chosen.with_empty or not columns:  # where nobody holds anything the team is where to begin
        columns |= {party.id: Column(party) for party in empty}
        empty = []
    ordered = sorted(columns.values(), key=lambda each: (each.party.is_team, each.party.name.casefold(), each.party.id))
    if len(ordered) > COLUMNS:  # those who hold most are shown
        most = sorted(ordered, key=lambda each: -sum(each.held.values()))[:COLUMNS]
        kept = {each.party.id for each in most}
        ordered = [each for each in ordered if each.party.id in kept]
    _mark(ordered, moment)
    return Matrix(lines, ordered, len(columns) - len(ordered), page, folded=len(empty))


def line_of(member: Member, thing: Responsibility | Goal, moment: Moment) -> MatrixRow | None:
    """One row of the matrix as it is now; None where it is in none: archived, closed or hidden."""
    things = "goals" if isinstance(thing, Goal) else "responsibilities"
    names = ("id", "title", "team__name", "may_change", *map(str, Finding))
    rows = things_for(member, MatrixFilters(things=things), moment).filter(pk=thing.pk).values(*names)
    values = rows.first()
    if values is None:
        return None
    line = _line(values)
    _fill([line], things)
    return line


def _in_team(team: str) -> Q:
    if team == "none":
        return Q(team=None)
    if not team:
        return Q()
    below = Team.objects.filter(Q(pk=team) | Q(ancestor_ids__contains=[team])).order_by()
    return Q(team_id__in=below.values("pk"))


def _line(values: Mapping[str, Any]) -> MatrixRow:
    return MatrixRow(
        id=values["id"],
        title=values["title"],
        team=values["team__name"] or "",
        may_change=values["may_change"] and not values.get("archived_at"),
        is_archived=bool(values.get("archived_at")),
        findings=found(dict(values)),
    )


def _fill(lines: Iterable[MatrixRow], things: str) -> dict[UUID, Column]:
    """Put the letters into the lines; gives back the columns they need."""
    column = "goal_id" if things == "goals" else "responsibility_id"
    by_id = {line.id: line for line in lines}
    rows = (
        Assignment.objects.held()
        .filter(**{f"{column}__in": list(by_id)})
        .annotate(is_gone=ExpressionWrapper(gone(), output_field=BooleanField()))
        .order_by("role", "pk")
        .values("pk", column, "role", "status", "member_id", "member__name", "team_id", "team__name", "is_gone")
    )
    columns: dict[UUID, Column] = {}
    for row in rows:
        party = _party(row)
        letter = Letter(AssignmentRole(row["role"]), row["status"] == AssignmentStatus.OFFERED, row["pk"])
        line = by_id[row[column]]
        before = line.letters.setdefault(party.id, [])
        if any(each.role == letter.role for each in before):
            continue  # an import may say the same several times
        before.append(letter)
        line.parties.setdefault(letter.role, []).append((party, letter))
        columns.setdefault(party.id, Column(party)).held[letter.role] += 1
    for line in by_id.values():
        for letters in line.letters.values():
            letters.sort(key=lambda each: ROLES.index(each.role))
    return columns


def _party(row: Mapping[str, Any]) -> Party:
    if row["member_id"]:
        return Party(row["member_id"], row["member__name"], is_team=False, is_gone=row["is_gone"])
    return Party(row["team_id"], row["team__name"], is_team=True, is_gone=row["is_gone"])


def _team_parties(member: Member, team: str) -> list[Party]:
    """The people of the team that is filtered for."""
    if team in {"", "none"}:
        return []
    people = visible_members(member).filter(memberships__team_id=team, deactivated_at=None).order_by("name", "pk")
    return [Party(pk, name, is_team=False, is_gone=False) for pk, name in people.values_list("pk", "name")[:COLUMNS]]


def _mark(columns: list[Column], moment: Moment) -> None:
    """Who is away today, and who is accountable for too much."""
    people = [column.party.id for column in columns if not column.party.is_team]
    if not people:
        return
    absences = visible_absences(moment.member).filter(
        member_id__in=people, starts_on__lte=moment.today, ends_on__gte=moment.today
    )
    away = {absence.member_id: absence for absence in absences}
    over: dict[UUID, int] = defaultdict(int)
    if not moment.member.is_guest:
        most = moment.member.workspace.accountable_most
        counts = accountable_counts(moment.member.workspace_id).filter(member_id__in=people, things__gt=most)
        over.update((row["member_id"], row["things"]) for row in counts)
    for column in columns:
        column.absence = away.get(column.party.id)
        column.overloaded = over[column.party.id]
