"""Who holds a thing, and what a person holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core.pagination import Page, keyset_page
from apps.goals.models import OPEN_STATUSES, Goal
from apps.responsibilities import access
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.responsibilities.queries.findings import Moment, accountable_counts
from apps.workspaces.access import led_teams, visible_absences
from apps.workspaces.models import Absence, Member, TeamMembership
from apps.workspaces.queries import listed_people

SHOWN_MAX = 200
TITLES_MAX = 8
LONG = (
    *("responsibility__description", "responsibility__search"),
    *("goal__reason", "goal__description", "goal__lesson", "goal__search"),
)
"""What lists of what somebody holds do not show."""


@dataclass(frozen=True)
class Held:
    """An assignment on a page: whether the reader answers it."""

    assignment: Assignment
    may_answer: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.assignment.status == AssignmentStatus.OFFERED

    @property
    def is_gone(self) -> bool:
        """Whether the person is deactivated, or the team archived."""
        member, team = self.assignment.member, self.assignment.team
        return bool((member and member.deactivated_at) or (team and team.archived_at))


@dataclass(frozen=True)
class RoleGroup:
    """Those who are one thing to a responsibility or goal."""

    role: AssignmentRole
    held: list[Held]


@dataclass(frozen=True)
class Holders:
    """Everybody on a thing: by role, and those who declined with their reasons."""

    groups: list[RoleGroup]
    declined: list[Held]

    @property
    def waiting(self) -> list[Held]:
        """What waits for the reader's own answer."""
        return [each for group in self.groups for each in group.held if each.is_open and each.may_answer]


def holders_of(thing: Responsibility | Goal, viewer: Member) -> Holders:
    """Who is what to a thing that the viewer sees; all four roles, also where nobody is there."""
    column = "goal" if isinstance(thing, Goal) else "responsibility"
    rows = access.visible_assignments(viewer).filter(**{column: thing.pk})
    rows = rows.select_related("member", "team", "offered_by").order_by("offered_at", "pk")
    every = _as_held(list(rows[:SHOWN_MAX]), viewer)
    groups = [
        RoleGroup(role, [each for each in every if each.assignment.role == role and each.assignment.is_held])
        for role in AssignmentRole
    ]
    return Holders(groups, [each for each in every if not each.assignment.is_held])


def _as_held(rows: Iterable[Assignment], viewer: Member) -> list[Held]:
    """The same rule as access.can_answer, for many rows with at most one query."""
    rows = list(rows)
    teams = {row.team_id for row in rows if row.team_id}
    led = set(led_teams(viewer).filter(pk__in=teams).values_list("pk", flat=True)) if teams else set()
    return [
        Held(row, viewer.is_active and (row.team_id in led if row.team_id else row.member_id == viewer.pk))
        for row in rows
    ]


@dataclass
class Holding:
    """What a person holds that the reader sees."""

    person: Member
    waiting: list[Held] = field(default_factory=list)
    groups: list[RoleGroup] = field(default_factory=list)
    through_teams: list[Held] = field(default_factory=list)
    hours: Decimal = Decimal(0)
    absence: Absence | None = None
    is_cut: bool = False

    @property
    def count(self) -> int:
        """How many roles they hold themselves."""
        return sum(len(group.held) for group in self.groups)


def in_force() -> Q:
    """Assignments on what is still there: responsibilities that are not archived, goals that are open."""
    return Q(responsibility__isnull=False, responsibility__archived_at=None) | Q(goal__status__in=OPEN_STATUSES)


def _held_rows(viewer: Member) -> QuerySet[Assignment]:
    rows = access.visible_assignments(viewer).held().filter(in_force())  # type: ignore[attr-defined]
    found: QuerySet[Assignment] = rows.select_related("responsibility", "goal", "member", "team", "offered_by")
    return found.defer(*LONG)


def held_by(person: Member, viewer: Member, moment: Moment) -> Holding:
    """Everything a person holds in force that the viewer sees: by role, with hours, and what waits for their answer.

    What teams hold that they are in stands apart; offers to teams they lead are among what waits.
    """
    teams = TeamMembership.objects.filter(member_id=person.pk).values("team_id")
    rows = _held_rows(viewer).filter(Q(member_id=person.pk) | Q(team_id__in=teams)).order_by("offered_at", "pk")
    found = list(rows[: SHOWN_MAX + 1])
    every = _as_held(found[:SHOWN_MAX], person)
    own = [each for each in every if each.assignment.member_id]
    holding = Holding(
        person,
        waiting=[each for each in every if each.is_open and each.may_answer],
        groups=[RoleGroup(role, [each for each in own if each.assignment.role == role]) for role in AssignmentRole],
        through_teams=[each for each in every if each.assignment.team_id],
        hours=_hours(own),
        is_cut=len(found) > SHOWN_MAX,
    )
    absences = visible_absences(viewer).filter(member_id=person.pk)
    holding.absence = absences.filter(starts_on__lte=moment.today, ends_on__gte=moment.today).first()
    return holding


def first_held(person: Member, viewer: Member, *, most: int) -> list[Assignment]:
    """The first things a person holds themselves that the viewer sees, at most `most`."""
    rows = _held_rows(viewer).filter(member_id=person.pk).order_by("role", "offered_at", "pk")
    return list(rows[:most])


def _hours(held: Iterable[Held]) -> Decimal:
    """The hours a week promised by what was accepted."""
    accepted = (each.assignment for each in held if not each.is_open)
    return sum((row.hours_per_week or Decimal(0) for row in accepted), Decimal(0))


@dataclass
class Holder:
    """A line of the list by person: how often they are what, and the first things they hold."""

    person: Member
    counts: dict[str, int]
    first: list[Held]
    more: int
    waiting: int
    hours: Decimal
    absence: Absence | None
    overloaded: int


def holder_page(
    viewer: Member, chosen: Mapping[str, str], place: Mapping[str, str], moment: Moment
) -> tuple[list[Holder], Page[Member]]:
    """A page of people by name with what they hold, in a number of queries that does not grow with it.

    `chosen` may hold q and team (with the teams beneath it).
    """
    page = keyset_page(listed_people(viewer, chosen), place)
    ids = [person.pk for person in page.rows]
    by_person: dict[Any, list[Held]] = defaultdict(list)
    for each in _as_held(_held_rows(viewer).filter(member_id__in=ids).order_by("role", "offered_at", "pk"), viewer):
        by_person[each.assignment.member_id].append(each)
    away = visible_absences(viewer).filter(member_id__in=ids)
    absences = {each.member_id: each for each in away.filter(starts_on__lte=moment.today, ends_on__gte=moment.today)}
    over = _overloaded(ids, moment)
    return [
        _holder(person, by_person[person.pk], absences.get(person.pk), over.get(person.pk, 0)) for person in page.rows
    ], page


def _overloaded(ids: list[UUID], moment: Moment) -> dict[UUID, int]:
    if moment.member.is_guest:
        return {}
    most = moment.member.workspace.accountable_most
    rows = accountable_counts(moment.member.workspace_id).filter(member_id__in=ids, things__gt=most)
    return {row["member_id"]: row["things"] for row in rows}


ORDER = {role: place for place, role in enumerate(("accountable", "responsible", "consulted", "informed"))}


def _holder(person: Member, held: list[Held], absence: Absence | None, overloaded: int) -> Holder:
    held.sort(key=lambda each: ORDER[each.assignment.role])
    counts = {role.value: sum(each.assignment.role == role for each in held) for role in AssignmentRole}
    waiting = sum(each.is_open for each in held)
    shown = held[:TITLES_MAX]
    return Holder(person, counts, shown, len(held) - len(shown), waiting, _hours(held), absence, overloaded)
