"""Hours promised against capacity, read for many people and weeks at once in one query.

A reader is shown, and has summed, only the hours on goals that exist for them: of a colleague's week they may see less
than the colleague does. Nothing says that there is more; a total that held what is hidden would tell of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.capacity import access
from apps.capacity.queries import capacity as rules
from apps.capacity.queries.capacity import HoursSubject, Promise, WeekLoad
from apps.capacity.queries.promises import ThingWords, held_rows, promise_of, thing_of, time_rows, words_of
from apps.core.pagination import Page, keyset_page
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member, Team, TeamMembership

PEOPLE_SHOWN = 40
ALLOCATED_SHOWN = 12
WEEKS_BACK, WEEKS_AHEAD = 4, 8
"""How many weeks the pages look back, and ahead with the present one."""


class Worker(Protocol):
    """Somebody with hours to give: a member, or what a page read of one."""

    @property
    def pk(self) -> UUID:
        """Who it is."""

    @property
    def name(self) -> str:
        """What they are called."""

    @property
    def weekly_hours(self) -> Decimal:
        """The hours they have in a week."""


@dataclass(frozen=True)
class Load:
    """The weeks of some people, oldest first, and the words for every thing in them."""

    weeks: dict[UUID, list[WeekLoad]]
    things: dict[HoursSubject, ThingWords]


@dataclass(frozen=True)
class Supposed:
    """A promise that is being typed; it takes the place of what the people contribute to `goal_id` now, and of the
    assignment `assignment_id`.
    """

    promises: tuple[Promise, ...]
    goal_id: UUID | None = None
    assignment_id: UUID | None = None


def load_of(
    people: Collection[Worker], weeks: Sequence[date], *, viewer: Member, supposed: Supposed | None = None
) -> Load:
    """The load of these people in these weeks (Mondays in a row), as far as the viewer sees it.

    A person's promises in a week: what they contribute to goals within each goal's days, and what they hold, offered
    or accepted, from the day it was offered. Assignments of a team are nobody's hours. Covers move hours while they
    last. One query, however many people and weeks.
    """
    if not people or not weeks:
        return Load({person.pk: [] for person in people}, {})
    ids = {person.pk for person in people}
    typed_anew = supposed.assignment_id if supposed else None
    found = time_rows(ids, (weeks[0], weeks[-1] + rules.WEEK), viewer, without=typed_anew)
    things = {thing_of(row): words_of(row, viewer.workspace) for row in found.promises}
    promises = [*_without(found.promises, ids, supposed), *(supposed.promises if supposed else ())]
    weekdays = [rules.working_days(monday, viewer.workspace.working_days) for monday in weeks]
    spent = rules.spend(promises, found.covers, weekdays)
    return Load(
        {
            person.pk: [
                rules.week_load(
                    monday,
                    days,
                    weekly_hours=person.weekly_hours,
                    absences=found.absences.get(person.pk, ()),
                    spent=spent.get((person.pk, monday), {}),
                )
                for monday, days in zip(weeks, weekdays, strict=True)
            ]
            for person in people
        },
        things,
    )


def held_things(person: Member, week: date, *, viewer: Member) -> dict[HoursSubject, ThingWords]:
    """What the person promised time to, or holds without saying how much, in a week; not what others hold for them."""
    rows = held_rows(person, (week, week + rules.WEEK), viewer)
    days = rules.working_days(week, viewer.workspace.working_days)
    return {
        thing_of(row): words_of(row, viewer.workspace)
        for row in rows
        if any(promise_of(row).holds(day) for day in days)
    }


def time_given(said: Collection[tuple[Worker, Decimal | None]]) -> list[tuple[Worker, Decimal | None]]:
    """Each person once with their hours, the most first; by the rule of `spend` the larger of several counts.

    None, and last, where nobody said how much.
    """
    people = {person.pk: person for person, _hours in said}
    hours: dict[UUID, Decimal | None] = dict.fromkeys(people)
    for person, amount in said:
        hours[person.pk] = _larger(hours[person.pk], amount)
    by_name = sorted(people.values(), key=lambda person: (person.name.casefold(), person.pk))
    return sorted(((each, hours[each.pk]) for each in by_name), key=lambda pair: -(pair[1] or Decimal(-1)))


def _larger(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    known = [hours for hours in (first, second) if hours is not None]
    return max(known, default=None)


def _without(
    rows: Iterable[Mapping[str, object]], ids: Collection[UUID], supposed: Supposed | None
) -> Iterable[Promise]:
    """The promises, but for what is being typed anew."""
    for row in rows:
        promise = promise_of(row)
        typed_anew = supposed is not None and promise.is_contribution and promise.thing.pk == supposed.goal_id
        if not (typed_anew and promise.member_id in ids):
            yield promise


@dataclass(frozen=True)
class PersonLoad:
    """One person's weeks."""

    person: Member
    weeks: list[WeekLoad]

    @property
    def over(self) -> list[WeekLoad]:
        """The weeks at work with more promised than there is."""
        return [week for week in self.weeks if week.is_too_much]

    @property
    def order(self) -> list[tuple[HoursSubject, UUID | None]]:
        """What the weeks are made of, the most hours first, so that each thing has one colour in all of them."""
        total: dict[tuple[HoursSubject, UUID | None], Decimal] = defaultdict(Decimal)
        for week in self.weeks:
            for part in week.parts:
                total[part.thing, part.instead_of] += part.hours
        return sorted(total, key=lambda key: (-total[key], key[0], str(key[1] or "")))

    @property
    def scale(self) -> Decimal:
        """How many hours the longest bar stands for."""
        return max([self.person.weekly_hours, *(week.promised for week in self.weeks)], default=Decimal(0))


def people_in(viewer: Member, team_id: UUID | None) -> QuerySet[Member]:
    """Whose load the viewer may look at; with a team those in it and in the teams beneath."""
    people = access.people_with_load(viewer)
    if team_id is None:
        return people
    teams = Team.objects.filter(Q(pk=team_id) | Q(ancestor_ids__contains=[team_id])).order_by()
    return people.filter(Exists(TeamMembership.objects.filter(member=OuterRef("pk"), team__in=teams.values("pk"))))


def load_page(
    viewer: Member, weeks: Sequence[date], *, team_id: UUID | None, place: Mapping[str, str], size: int = PEOPLE_SHOWN
) -> tuple[list[PersonLoad], Page[Member]]:
    """A page of people by name, each with their weeks, in two queries."""
    page = keyset_page(people_in(viewer, team_id).select_related("user"), place, size=size)
    return rows_of(page.rows, load_of(page.rows, weeks, viewer=viewer)), page


def rows_of(people: Iterable[Member], load: Load) -> list[PersonLoad]:
    """The people in their order, each with their weeks."""
    return [PersonLoad(person, load.weeks[person.pk]) for person in people]


def one_week(ids: Collection[UUID], monday: date, *, viewer: Member) -> dict[UUID, WeekLoad]:
    """One week of those of these people whose load the viewer may look at, by their id. Two queries."""
    people = list(access.people_with_load(viewer).filter(pk__in=ids)) if ids else []
    return {pk: weeks[0] for pk, weeks in load_of(people, [monday], viewer=viewer).weeks.items()}


def promised_in_week(people: Sequence[Member], viewer: Member, day: date) -> dict[UUID, Decimal]:
    """The hours that each person promised in the week of a day, of those whose load the viewer may look at."""
    shown = [person for person in people if access.has_load_for(viewer, person)]
    load = load_of(shown, [rules.monday_of(day)], viewer=viewer)
    return {pk: weeks[0].promised for pk, weeks in load.weeks.items()}


def people_named(viewer: Member, ids: Collection[UUID]) -> list[Member]:
    """These people, as far as the viewer sees them."""
    return list(visible_members(viewer).filter(pk__in=ids)) if ids else []


def together(rows: Sequence[PersonLoad]) -> list[tuple[Decimal, Decimal]]:
    """(promised, capacity) of all these people, for each week."""
    weeks = zip(*(row.weeks for row in rows), strict=True)
    return [
        (sum((w.promised for w in each), Decimal(0)), sum((w.capacity for w in each), Decimal(0))) for each in weeks
    ]
