"""Who holds a thing, and what a person holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from apps.core.pagination import Page, keyset_page
from apps.core.registries import Hook
from apps.goals.models import OPEN_STATUSES, Goal
from apps.responsibilities import access
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.responsibilities.queries.findings import Moment, accountable_counts
from apps.workspaces.access import visible_absences
from apps.workspaces.models import Absence, Member, TeamMembership
from apps.workspaces.queries import listed_people

PROMISED: Hook[[Sequence[Member], Member, date], Mapping[UUID, Decimal]] = Hook(
    "PROMISED",
    "called with (people, viewer, day) for the list of holders; the hours that each promised in the week of that day, "
    "by their id, of those whose load the viewer may look at",
)
SHOWN_MAX = 200
TITLES_MAX = 8
LONG = (
    *("responsibility__description", "responsibility__search"),
    *("goal__reason", "goal__description", "goal__lesson", "goal__search"),
)
"""What lists of what somebody holds do not show."""


@dataclass(frozen=True)
class HeldAssignment:
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
    held: list[HeldAssignment]


@dataclass(frozen=True)
class Holders:
    """Everybody on a thing: by role, and those who declined with their reasons."""

    groups: list[RoleGroup]
    declined: list[HeldAssignment]

    def __bool__(self) -> bool:
        return bool(self.declined) or any(group.held for group in self.groups)

    @property
    def waiting(self) -> list[HeldAssignment]:
        """What waits for the reader's own answer."""
        return [each for group in self.groups for each in group.held if each.is_open and each.may_answer]

    @property
    def hours(self) -> list[tuple[Member, Decimal | None]]:
        """The people, not the teams, with the hours of each of their roles."""
        every = (each.assignment for group in self.groups for each in group.held)
        return [(row.member, row.hours_per_week) for row in every if row.member is not None]


def holders_of(thing: Responsibility | Goal, viewer: Member) -> Holders:
    """Who is what to a thing that the viewer sees; all four roles, also where nobody is there."""
    column = "goal" if isinstance(thing, Goal) else "responsibility"
    rows = access.visible_assignments(viewer).filter(**{column: thing.pk})
    rows = rows.select_related("member", "team", "offered_by").order_by("offered_at", "pk")
    every = _as_held(_with_answers(rows, viewer)[:SHOWN_MAX])
    groups = [
        RoleGroup(role, [each for each in every if each.assignment.role == role and each.assignment.is_held])
        for role in AssignmentRole
    ]
    return Holders(groups, [each for each in every if not each.assignment.is_held])


def _with_answers(rows: QuerySet[Assignment], person: Member) -> QuerySet[Model]:
    """The rows with `may_answer`, whether the person answers them."""
    return rows.annotate(may_answer=access.answerable(person))


def _as_held(rows: Iterable[Any]) -> list[HeldAssignment]:
    return [HeldAssignment(row, bool(row.may_answer)) for row in rows]


@dataclass
class HeldByMember:
    """What a person holds that the reader sees."""

    person: Member
    waiting: list[HeldAssignment] = field(default_factory=list)
    groups: list[RoleGroup] = field(default_factory=list)
    through_teams: list[HeldAssignment] = field(default_factory=list)
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


def held_by(person: Member, viewer: Member, moment: Moment) -> HeldByMember:
    """Everything a person holds in force that the viewer sees: by role, and what waits for their answer.

    What teams hold that they are in stands apart; offers to teams they lead are among what waits.
    """
    teams = TeamMembership.objects.filter(member_id=person.pk).values("team_id")
    rows = _held_rows(viewer).filter(Q(member_id=person.pk) | Q(team_id__in=teams)).order_by("offered_at", "pk")
    found = list(_with_answers(rows, person)[: SHOWN_MAX + 1])
    every = _as_held(found[:SHOWN_MAX])
    own = [each for each in every if each.assignment.member_id]
    holding = HeldByMember(
        person,
        waiting=[each for each in every if each.is_open and each.may_answer],
        groups=[RoleGroup(role, [each for each in own if each.assignment.role == role]) for role in AssignmentRole],
        through_teams=[each for each in every if each.assignment.team_id],
        is_cut=len(found) > SHOWN_MAX,
    )
    absences = visible_absences(viewer).filter(member_id=person.pk)
    holding.absence = absences.filter(starts_on__lte=moment.today, ends_on__gte=moment.today).first()
    return holding


def first_held(person: Member, viewer: Member, *, most: int) -> list[Assignment]:
    """The first things a person holds themselves that the viewer sees, at most `most`."""
    rows = _held_rows(viewer).filter(member_id=person.pk).order_by("role", "offered_at", "pk")
    return list(rows[:most])


@dataclass
class Holder:
    """A line of the list by person: how often they are what, and the first things they hold.

    `hours` are what they promised this week, covers and contributions included; None where that is not for the reader.
    """

    person: Member
    counts: dict[str, int]
    first: list[HeldAssignment]
    more: int
    waiting: int
    hours: Decimal | None
    away_until: date | None
    overloaded: int


def holder_page(
    viewer: Member, chosen: Mapping[str, str], place: Mapping[str, str], moment: Moment
) -> tuple[list[Holder], Page[Member]]:
    """A page of people by name with what they hold, in a number of queries that does not grow with it.

    `chosen` may hold q and team (with the teams beneath it).
    """
    away = visible_absences(viewer).on(moment.today).filter(member_id=OuterRef("pk"))  # type: ignore[attr-defined]
    away_until = Subquery(away.order_by("-ends_on").values("ends_on")[:1])
    page: Page[Any] = keyset_page(listed_people(viewer, chosen).annotate(away_until=away_until), place)
    ids = [person.pk for person in page.rows]
    by_person: dict[object, list[HeldAssignment]] = defaultdict(list)
    rows = _held_rows(viewer).filter(member_id__in=ids).order_by("role", "offered_at", "pk")
    for each in _as_held(_with_answers(rows, viewer)):
        by_person[each.assignment.member_id].append(each)
    over = _overloaded(ids, moment)
    hours: dict[UUID, Decimal] = {}
    for promised in PROMISED(page.rows, viewer, moment.today):
        hours.update(promised)
    return [
        _holder(person, by_person[person.pk], over.get(person.pk, 0), hours.get(person.pk)) for person in page.rows
    ], page


def _overloaded(ids: list[UUID], moment: Moment) -> dict[UUID, int]:
    if moment.member.is_guest:
        return {}
    most = moment.member.workspace.accountable_most
    rows = accountable_counts(moment.member.workspace_id).filter(member_id__in=ids, things__gt=most)
    return {row["member_id"]: row["things"] for row in rows}


ORDER = {role: place for place, role in enumerate(("accountable", "responsible", "consulted", "informed"))}


def _holder(person: Any, held: list[HeldAssignment], overloaded: int, hours: Decimal | None) -> Holder:
    held.sort(key=lambda each: ORDER[each.assignment.role])
    counts = {role.value: sum(each.assignment.role == role for each in held) for role in AssignmentRole}
    waiting = sum(each.is_open for each in held)
    shown = held[:TITLES_MAX]
    return Holder(person, counts, shown, len(held) - len(shown), waiting, hours, person.away_until, overloaded)
