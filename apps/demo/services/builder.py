"""Builds the demo from its data, through the services, with every date relative to now."""

import random
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.accounts.models import User
from apps.demo.services.accounts import open_accounts
from apps.demo.services.holding import DemoHoldings
from apps.demo.services.inboxes import fill_inboxes
from apps.demo.services.readings import readings_of
from apps.demo.services.seasons import name_after, season_names
from apps.demo.services.story import (
    later,
    now_care,
    now_intake,
    now_office,
    past_1,
    past_2,
    past_3,
    past_4,
    past_5,
    people,
)
from apps.demo.services.story.shapes import DROPPED, MILESTONE, DemoCheckIn, GoalPlan, Measure, Person, TeamPlan
from apps.goals import services as goals
from apps.goals.models import CheckIn, Cycle, Goal, KeyResult
from apps.workspaces import services as workspaces
from apps.workspaces.models import Member, Team, Value, Workspace

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
CYCLE = 13 * WEEK
GONE = 50 * DAY
"""How long the running cycle has been running, or up to six days more: a little over half."""
PAST = (past_5, past_4, past_3, past_2, past_1)
RUNNING = (
    *now_intake.COMPANY,
    *now_intake.INTAKE,
    *now_care.NURSING,
    *now_care.MEDICINE,
    *now_office.DIGITAL,
    *now_office.FINANCE,
    *now_office.PEOPLE_GOALS,
    *now_office.PRIVATE,
)


@transaction.atomic
def build(at: datetime) -> None:
    """Both workspaces, whole or not at all."""
    _build_clinics(at)
    _build_club(at)
    fill_inboxes(at)


class Builder:
    """One workspace in the making: its people, teams, values, goals by their keys."""

    def __init__(self, at: datetime, *, zone: str, domain: str) -> None:
        self.at = at
        self.zone = ZoneInfo(zone)
        self.today = at.astimezone(self.zone).date()
        self.domain = domain
        self.chance = random.Random(domain)  # noqa: S311 - the same demo each time
        self.people: dict[str, Member] = {}
        self.teams: dict[str, Team] = {}
        self.values: dict[str, Value] = {}
        self.goals: dict[str, Goal] = {}

    # ---- people and teams

    def hire(self, owner: Person, others: Sequence[Person], *, name: str, slug: str, at: datetime) -> Workspace:
        """The workspace, its owner, and everybody else in the place an admin has made for them."""
        accounts = open_accounts([self._account(person) for person in (owner, *others)], password=people.PASSWORD)
        workspace = workspaces.create_workspace(
            accounts[self.email(owner)], name=name, timezone=str(self.zone), slug=slug, at=at
        )
        boss = self.people[owner.key] = workspace.members.get()
        workspaces.update_member(boss, {"title": owner.title, "weekly_hours": Decimal(owner.hours)}, by=boss, at=at)
        for person in others:
            self.people[person.key] = workspaces.create_member(
                {
                    "name": person.name,
                    "email": self.email(person),
                    "title": person.title,
                    "weekly_hours": Decimal(person.hours),
                },
                role=person.role,
                manager=self.people.get(person.manager),
                by=boss,
                at=at,
            )
        token = workspaces.create_link(by=boss, at=at, days=30).url.rstrip("/").rpartition("/")[2]
        for number, person in enumerate(others):
            joined_at = self.moment(self.day_of(at) + DAY * (1 + number % 12))
            self.people[person.key] = workspaces.accept_invitation(
                token, user=accounts[self.email(person)], at=joined_at
            )
        return workspace

    def _account(self, person: Person) -> User:
        return User(email=self.email(person), name=person.name, timezone=person.zone, language=person.language)

    def email(self, person: Person) -> str:
        """A person's address."""
        return people.email_of(person, self.domain)

    def found(self, plans: Iterable[TeamPlan], *, by: Member, at: datetime) -> None:
        """The teams with their people."""
        for plan in plans:
            team = workspaces.create_team(
                {"name": plan.name, "purpose": plan.purpose, "parent": self.teams.get(plan.parent)}, by=by, at=at
            )
            places = {self.people[plan.lead]: True} | {self.people[key]: False for key in plan.members}
            self.teams[plan.key] = workspaces.set_team_members(team, places, by=by, at=at)

    # ---- goals

    def set_goal(self, plan: GoalPlan, cycle: Cycle, *, at: datetime) -> Goal:
        """The goal and its key results, as its owner wrote them."""
        by = self.people[plan.owner or "theo"]
        goal = goals.create_goal(
            {
                "title": plan.title,
                "reason": plan.reason,
                "description": plan.description,
                "cycle": cycle,
                "team": self.teams.get(plan.team),
                "owner": self.people.get(plan.owner),
                "parent": self.goals.get(plan.parent),
                "supporting_teams": [self.teams[key] for key in plan.supporting],
                "contributors": [(self.people[key], Decimal(str(hours))) for key, hours in plan.contributors.items()],
                "values": [self.values[name] for name in plan.values],
                "labels": list(plan.labels),
                "importance": plan.importance,
                "urgency": plan.urgency,
                "visibility": plan.visibility,
                "status": plan.status,
                "due_on": cycle.ends_on - DAY * plan.due_before_end if plan.due_before_end and cycle.ends_on else None,
            },
            by=by,
            at=at,
        )
        for measure in plan.measures:
            self._measure(goal, measure, by=by, at=at)
        self.goals[plan.title] = goal
        if plan.key:
            self.goals[plan.key] = goal
        return goal

    def _measure(self, goal: Goal, measure: Measure, *, by: Member, at: datetime) -> KeyResult:
        fields: goals.KeyResultFields = {
            "title": measure.title,
            "kind": measure.kind,
            "weight": Decimal(str(measure.weight)),
        }
        if measure.kind != MILESTONE:
            fields |= {
                "start_value": Decimal(str(measure.start)),
                "target_value": Decimal(str(measure.target)),
                "unit": measure.unit,
            }
        return goals.create_key_result(goal, fields, by=by, at=at)

    def say(self, goal: Goal, plan: GoalPlan, said: Sequence[tuple[date, DemoCheckIn]]) -> None:
        """The check-ins of a goal, each with what was measured that day."""
        key_results = list(goal.key_results.order_by("position"))
        rows = [readings_of(measure, len(said), self.chance) for measure in plan.measures]
        entries, confidence = [], ""
        for number, (day, words) in enumerate(said):
            author = self.people[words.by or plan.owner]
            made_at = self.moment(day, author)
            confidence = words.confidence or confidence
            readings = {
                key_result.pk: value
                for key_result, row in zip(key_results, rows, strict=True)
                if (value := row[number]) is not None
            }
            fields = self._words(words, confidence)
            answered_at = min(made_at + timedelta(hours=21), self.at)
            entries.append(goals.PastCheckIn(author, made_at, fields, readings, words.answer, answered_at))
        made = goals.record_history(goal, entries)
        self._mend_last(made, said)

    def _words(self, words: DemoCheckIn, confidence: str) -> goals.CheckInFields:
        fields: goals.CheckInFields = {
            "note": words.first_written or words.note,
            "confidence": confidence or None,
            "blockers": words.blockers,
            "progress": words.progress,
        }
        if words.ask:
            fields |= {"ask_to": self.people[words.ask[0]], "ask": words.ask[1]}
        return fields

    def _mend_last(self, made: Sequence[CheckIn], said: Sequence[tuple[date, DemoCheckIn]]) -> None:
        """One who wrote too fast writes again, twenty minutes later; what stood there first is kept."""
        if said and said[-1][1].first_written and made[-1].author is not None:
            last = made[-1]
            goals.edit_check_in(
                last, {"note": said[-1][1].note}, readings=None, by=made[-1].author,
                at=last.made_at + timedelta(minutes=20),
            )  # fmt: skip

    # ---- time

    def day_of(self, at: datetime) -> date:
        """The date in the workspace."""
        return at.astimezone(self.zone).date()

    def moment(self, day: date, who: Member | None = None) -> datetime:
        """Some time in the working day of a person, never later than now."""
        zone = who.zone if who else self.zone
        there = datetime.combine(day, time(self.chance.randint(8, 15), self.chance.randint(0, 59)), tzinfo=zone)
        return min(there, self.at)

    def weekday(self, day: date) -> date:
        """The day itself, or the Friday before a weekend."""
        return day - DAY * max(0, day.isoweekday() - 5)

    def regular(self, plan: GoalPlan) -> list[tuple[date, DemoCheckIn]]:
        """The check-ins of the running cycle, backwards from the last one."""
        count = len(plan.log)
        days = [self.today - DAY * (plan.ago + plan.every * (count - 1 - number)) for number in range(count)]
        return [(self.weekday(day), said) for day, said in zip(days, plan.log, strict=True)]

    def weekly(self, plan: GoalPlan, starts_on: date) -> list[tuple[date, DemoCheckIn]]:
        """The check-ins of a past cycle: each week on the same day, most of them without a word."""
        habit = self.chance.randint(0, 4)
        last = max(plan.said) if plan.outcome == DROPPED else 12
        return [
            (starts_on + WEEK * number + DAY * habit, plan.said.get(number, DemoCheckIn()))
            for number in range(1, last + 1)
        ]


def _build_clinics(at: datetime) -> None:
    made = Builder(at, zone=people.ZONE, domain=people.DOMAIN)
    start = made.today - GONE
    start -= DAY * (start.isoweekday() - 1)
    first = start - CYCLE * len(PAST)
    opened_at = made.moment(first - 40 * DAY)
    made.hire(people.PEOPLE[0], people.PEOPLE[1:], name=people.NAME, slug=people.SLUG, at=opened_at)
    ana = made.people["ana"]
    made.found(people.TEAMS, by=ana, at=made.moment(first - 20 * DAY))
    for name, statement in people.VALUES:
        made.values[name] = workspaces.create_value(name=name, statement=statement, shared=True, by=ana, at=opened_at)
    for key, name, statement in people.OWN_VALUES:
        workspaces.create_value(name=name, statement=statement, shared=False, by=made.people[key], at=opened_at)
    names = season_names(start + CYCLE / 2, len(PAST) + 1)
    cycles = [_cycle(made, name, start - CYCLE * back, by=ana) for back, name in sorted(enumerate(names), reverse=True)]
    for cycle, module in zip(cycles, PAST, strict=False):
        _live_through(made, cycle, module.GOALS)
    for cycle in cycles[:-2]:
        _end(made, cycle, by=ana)
    _run(made, cycles[-2], cycles[-1], by=ana)
    coming = _cycle(made, name_after(names[0]), start + CYCLE, by=ana)
    for plan in later.NEXT:
        made.set_goal(plan, coming, at=made.moment(made.weekday(made.today - 3 * DAY)))
    DemoHoldings(
        made.at, today=made.today, moment=made.moment, members=made.people, teams=made.teams, goals=made.goals
    ).build()
    for person in people.PEOPLE:
        if person.left is not None:
            gone_at = made.moment(made.today - DAY * person.left)
            workspaces.deactivate_member(made.people[person.key], choices={}, by=made.people["carla"], at=gone_at)


def _cycle(made: Builder, name: str, starts_on: date, *, by: Member) -> Cycle:
    at = made.moment(min(starts_on - 12 * DAY, made.today - 2 * DAY))
    return goals.create_cycle({"name": name, "starts_on": starts_on, "ends_on": starts_on + CYCLE - DAY}, by=by, at=at)


def _live_through(made: Builder, cycle: Cycle, plans: Sequence[GoalPlan]) -> None:
    """A cycle of the past, from its first day to its honest end."""
    if cycle.starts_on is None or cycle.ends_on is None:
        return
    for plan in plans:
        goal = made.set_goal(plan, cycle, at=made.moment(cycle.starts_on))
        said = made.weekly(plan, cycle.starts_on)
        made.say(goal, plan, said)
        closed_on = said[-1][0] + DAY if plan.outcome == DROPPED else cycle.ends_on + DAY
        goals.close_goal(
            goal, outcome=plan.outcome, lesson=plan.lesson, by=made.people[plan.owner], at=made.moment(closed_on)
        )


def _end(made: Builder, cycle: Cycle, *, carry: Collection[UUID] = (), into: Cycle | None = None, by: Member) -> None:
    if cycle.ends_on is not None:
        goals.close_cycle(cycle, carry=carry, into=into, by=by, at=made.moment(cycle.ends_on + 3 * DAY))


def _run(made: Builder, before: Cycle, cycle: Cycle, *, by: Member) -> None:
    """The cycle that is running, with what was carried over into it."""
    if cycle.starts_on is None:
        return
    planned_on = made.weekday(cycle.starts_on - 3 * DAY)
    set_goals = []
    for plan in RUNNING:
        on = made.weekday(made.today - DAY * plan.made) if plan.made else planned_on
        set_goals.append((plan, made.set_goal(plan, before if plan.carried else cycle, at=made.moment(on))))
    carry = [goal.pk for plan, goal in set_goals if plan.carried]
    _end(made, before, carry=carry, into=cycle, by=by)
    for plan, goal in set_goals:
        made.say(goal, plan, made.regular(plan))
    top = made.goals["waiting"]
    goals.move_goal(
        made.goals["nine-days"], after=None, before=top, by=made.people["maya"], at=made.moment(cycle.starts_on)
    )


def _build_club(at: datetime) -> None:
    """The small workspace in which Maya is, too."""
    made = Builder(at, zone=people.ZONE, domain=people.CLUB_DOMAIN)
    starts_on = made.today - GONE
    made.hire(
        people.CLUB_OWNER,
        people.CLUB_PEOPLE,
        name=people.CLUB_NAME,
        slug=people.CLUB_SLUG,
        at=made.moment(starts_on - 30 * DAY),
    )
    piet = made.people["piet"]
    made.found(people.CLUB_TEAMS, by=piet, at=made.moment(starts_on - 15 * DAY))
    cycle = _cycle(made, "This season", starts_on, by=piet)
    for plan in later.CLUB:
        goal = made.set_goal(plan, cycle, at=made.moment(starts_on))
        made.say(goal, plan, made.regular(plan))
