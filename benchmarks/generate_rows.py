"""The rows of a generated workspace, the same ones for the same size and day: no clock, no chance but a seeded one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from apps.accounts.models import User
from apps.activity.models import Event
from apps.goals.models import (
    CheckIn,
    CheckInRevision,
    Contributor,
    Cycle,
    Goal,
    GoalSupport,
    GoalValue,
    KeyResult,
    Reading,
)
from apps.workspaces.models import Member, Team, TeamMembership, Value, Workspace
from benchmarks.generate_loading import Writer, array
from benchmarks.generate_words import (
    CONFIDENCES,
    CRAFTS,
    DESCRIPTION,
    FIRST,
    LANGUAGES,
    LAST,
    PLACES,
    REASON,
    SENTENCES,
    THINGS,
    UNITS,
    VERBS,
    ZONES,
)
from benchmarks.generate_work import COLUMNS as WORK_COLUMNS
from benchmarks.generate_work import KINDS as WORK_KINDS
from benchmarks.generate_work import Work
from benchmarks.size import WorkspaceSize

SLUG = "bench"
NULL = r"\N"
DAY = 1_440
EARLIEST, LATEST = -1_000, 200
CYCLES, CURRENT, CYCLE_DAYS, CYCLE_GONE = 9, 7, 91, 45
BLOCK, CHILDREN, FAN = 13, 3, 40
BEFORE = (
    '{"confidence": null, "progress": null, "note": "Before.", "blockers": "", "ask": "", "ask_to_id": null, '
    '"readings": {}}'
)
KINDS = {
    name: f"{number % 16:x}"
    for number, name in enumerate(
        (
            *("workspace", "user", "member", "team", "membership", "cycle", "goal", "key_result"),
            *("check_in", "reading", "event", "contributor", "support", "value", "goal_value", "revision"),
            *WORK_KINDS,
        )
    )
}
COLUMNS: dict[type[Any], str] = {
    User: "id email name language timezone password",
    Workspace: "id created_at updated_at name slug timezone",
    Member: "id created_at updated_at workspace_id user_id name email title role manager_id",
    Team: "id created_at updated_at workspace_id name purpose parent_id ancestor_ids",
    TeamMembership: "id created_at updated_at workspace_id team_id member_id is_lead",
    Value: "id created_at updated_at workspace_id name",
    Cycle: "id created_at updated_at workspace_id name starts_on ends_on closed_at closed_by_id",
    Goal: "id created_at updated_at workspace_id cycle_id title reason description team_id owner_id parent_id labels "
    "importance urgency rank status visibility due_on activated_at closed_at closed_by_id lesson",
    Contributor: "id created_at updated_at workspace_id goal_id member_id hours_per_week",
    GoalSupport: "id created_at updated_at workspace_id goal_id team_id",
    GoalValue: "id created_at updated_at workspace_id goal_id value_id",
    KeyResult: "id created_at updated_at workspace_id goal_id title kind start_value target_value unit weight position",
    CheckIn: "id created_at updated_at workspace_id goal_id author_id author_name made_at confidence progress note ask "
    "ask_to_id answer answered_at edited_at",
    Reading: "id created_at updated_at workspace_id check_in_id key_result_id value",
    CheckInRevision: "id created_at updated_at workspace_id check_in_id edited_by_id edited_at before",
    Event: "id created_at updated_at workspace_id verb subject_type subject_id actor_id at data",
    **WORK_COLUMNS,
}


@dataclass
class Planned:
    """What is decided about a goal before its rows are written. Times are minutes from the day."""

    number: int
    cycle: int
    team: int
    parent: int | None
    is_leaf: bool
    status: str
    since: int
    until: int

    @property
    def is_draft(self) -> bool:
        """Drafts have no check-ins."""
        return self.status == "draft"


class RowWriter:
    """Writes one workspace through the writers of its tables."""

    def __init__(self, writers: dict[type[Any], Writer], size: WorkspaceSize, *, day: date) -> None:
        self.size = size
        self.day = day
        self.write = {model: writer.add for model, writer in writers.items()}
        self.random = Random(f"{size}")
        self.salt = f"{self.random.randrange(256):02x}"
        self.midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
        self.days = {number: str(day + timedelta(number)) for number in range(EARLIEST, LATEST)}
        self.minutes = [f"{minute // 60:02}:{minute % 60:02}:00+00" for minute in range(DAY)]
        self.numbers = {name: number // 16 << 56 for number, name in enumerate(KINDS)}
        self.workspace = self.new_id("workspace", -800 * DAY)
        self.users: list[str] = []
        self.members: list[str] = []
        self.names: list[str] = []
        self.teams: list[str] = []
        self.values: list[str] = []
        self.cycles: list[str] = []
        self.goals: dict[int, str] = {}
        self.work = Work(self)

    def new_id(self, kind: str, minute: int) -> str:
        """A UUIDv7 of that minute whose other bits are the kind, the size and a running number.

        Beyond sixteen kinds the numbers of the others begin far away.
        """
        number = self.numbers[kind] = self.numbers[kind] + 1
        return f"{self.midnight + minute * 60_000:012x}7{KINDS[kind]}{self.salt}8{number:015x}"

    def at(self, minute: int) -> str:
        """A moment."""
        return f"{self.days[minute // DAY]} {self.minutes[minute % DAY]}"

    def head(self, kind: str, minute: int) -> tuple[str, str]:
        """(id, the first four columns of most rows)."""
        pk, at = self.new_id(kind, minute), self.at(minute)
        return pk, f"{pk}\t{at}\t{at}\t{self.workspace}"

    def everything(self) -> None:
        """All rows, each table's in the order they were made."""
        self.people()
        self.places()
        self.spans()
        self.work.of_teams()
        planned = self.plan()
        talked = [goal for goal in planned if not goal.is_draft]
        base, rest = divmod(self.size.check_ins, len(talked))
        swing = min(4, base // 2)
        turn = 0
        for goal in planned:
            self.goal(goal)
            if goal.is_draft:
                continue
            # Some say more than others; over every two of them the sum is twice the base.
            more = swing if turn % 2 else -swing
            if turn == len(talked) - 1 and not turn % 2:
                more = 0
            self.check_ins(goal, base + more + (turn < rest))
            turn += 1

    # ---- people -------------------------------------------------------------------------------------------------

    def people(self) -> None:
        """Members with accounts; eight report to each."""
        start = -800 * DAY
        at = self.at(start)
        self.write[Workspace](f"{self.workspace}\t{at}\t{at}\tBench\t{SLUG}\tEurope/Berlin")
        for number in range(self.size.people):
            user = self.new_id("user", start)
            name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]} {number}"
            mail = f"person{number}@example.org"
            language = LANGUAGES[number // len(ZONES) % len(LANGUAGES)]
            self.write[User](f"{user}\t{mail}\t{name}\t{language}\t{ZONES[number % len(ZONES)]}\t!{'x' * 40}")
            pk, head = self.head("member", start)
            manager = self.members[(number - 1) // 8] if number else NULL
            role = "owner" if not number else "admin" if number < 4 else "guest" if number % 20 == 19 else "member"
            title = f"{CRAFTS[number % len(CRAFTS)]} specialist"
            self.write[Member](f"{head}\t{user}\t{name}\t{mail}\t{title}\t{role}\t{manager}")
            self.users.append(user)
            self.members.append(pk)
            self.names.append(name)

    def places(self) -> None:
        """Teams in a tree, led by the first of their eight; some people are in a second team. Six values."""
        start = -790 * DAY
        above: list[list[str]] = []
        for number in range(self.size.teams):
            parent = (number - 3) // 6 if number >= 3 else None
            ancestors = [] if parent is None else [*above[parent], self.teams[parent]]
            pk, head = self.head("team", start)
            name = f"{CRAFTS[number % len(CRAFTS)]} {number}"
            parent_id = self.teams[parent] if parent is not None else NULL
            self.write[Team](f"{head}\t{name}\t{REASON}\t{parent_id}\t{array(ancestors)}")
            self.teams.append(pk)
            above.append(ancestors)
        for number, member in enumerate(self.members):
            places = {self.team_of(number): number % 8 == 0}
            if number % 3 == 0:
                places.setdefault((number * 7 + 1) % self.size.teams, False)
            for team, is_lead in places.items():
                _pk, head = self.head("membership", start)
                self.write[TeamMembership](f"{head}\t{self.teams[team]}\t{member}\t{'t' if is_lead else 'f'}")
        for name in ("Candour", "Care", "Craft", "Courage", "Calm", "Curiosity"):
            pk, head = self.head("value", start)
            self.write[Value](f"{head}\t{name}")
            self.values.append(pk)

    def team_of(self, number: int) -> int:
        """The team a person is in first."""
        return min(number // 8, self.size.teams - 1)

    def person_in(self, team: int) -> int:
        """Somebody of a team."""
        return team * 8 + self.random.randrange(8)

    def spans(self) -> None:
        """Seven closed quarters, the current one and the next."""
        for number in range(CYCLES):
            start, end = self.span(number)
            pk, head = self.head("cycle", (start - 20) * DAY)
            closed = f"{self.at((end + 2) * DAY)}\t{self.members[0]}" if number < CURRENT else f"{NULL}\t{NULL}"
            self.write[Cycle](f"{head}\tQuarter {number + 1}\t{self.days[start]}\t{self.days[end]}\t{closed}")
            self.cycles.append(pk)

    def span(self, cycle: int) -> tuple[int, int]:
        """The first and last day of a cycle, counted from the day."""
        start = (cycle - CURRENT) * CYCLE_DAYS - CYCLE_GONE
        return start, start + CYCLE_DAYS - 1

    # ---- goals --------------------------------------------------------------------------------------------------

    def plan(self) -> list[Planned]:
        """Goals in blocks of thirteen (one, its three, theirs), half of the blocks beneath another of their cycle."""
        planned: list[Planned] = []
        blocks: dict[int, list[int]] = {number: [] for number in range(CYCLES)}
        for number in range(self.size.goals):
            place = number % BLOCK
            if place == 0:
                cycle = self.cycle_of(number // BLOCK)
                team = self.random.randrange(self.size.teams)
                blocks[cycle].append(number)
            parent = self.parent_of(number, place, blocks[cycle])
            status, since, until = self.life(cycle)
            its_team = team if place < BLOCK - 9 else (team * 6 + 3 + (place - 4) // 3) % self.size.teams
            planned.append(Planned(number, cycle, its_team, parent, place >= BLOCK - 9, status, since, until))
        return planned

    def cycle_of(self, block: int) -> int:
        """Three tenths of the goals are of the current cycle, a few of the next."""
        if block < CYCLES:
            return (CURRENT + block) % CYCLES
        chance = self.random.random()
        return CURRENT if chance < 0.3 else CURRENT + 1 if chance < 0.32 else self.random.randrange(CURRENT)

    def parent_of(self, number: int, place: int, blocks: list[int]) -> int | None:
        if place:
            return number - place + (place - 1) // CHILDREN
        if len(blocks) % 2 == 0 and len(blocks) > 1:
            return blocks[(len(blocks) - 2) // FAN] + 1 + len(blocks) % CHILDREN
        return None

    def life(self, cycle: int) -> tuple[str, int, int]:
        """Status, when it became active (or was drafted) and until when it is talked about."""
        chance, wait = self.random.random(), self.random.randrange(10 * DAY)
        start, end = self.span(cycle)
        if cycle > CURRENT:
            return ("draft", -20 * DAY + wait, 0) if chance < 0.7 else ("active", -14 * DAY + wait, -60)
        since = start * DAY + wait
        if cycle == CURRENT:
            if chance < 0.06:
                return "draft", since, 0
            if chance < 0.86:
                return "active", since, -20 * DAY if self.random.random() < 0.12 else -60
            status = "achieved" if chance < 0.93 else "missed" if chance < 0.97 else "dropped"
            return status, since, -1 * DAY - self.random.randrange(20 * DAY)
        if chance < 0.02:
            return "active", since, end * DAY
        status = "achieved" if chance < 0.62 else "missed" if chance < 0.87 else "dropped"
        return status, since, (end + 1) * DAY - self.random.randrange(20 * DAY)

    def goal(self, goal: Planned) -> None:
        """The goal with its people, teams, values, key results and what was done to it."""
        made = goal.since - 3 * DAY
        pk, head = self.head("goal", made)
        self.goals[goal.number] = pk
        random = self.random.random
        chance, owner = random(), self.person_in(goal.team)
        visibility = "private" if chance < 0.04 else "team" if chance < 0.12 else "workspace"
        is_owned = visibility == "private" or random() > 0.02
        is_closed = goal.status not in {"draft", "active"}
        number = goal.number
        title = f"{VERBS[number % 11]} {THINGS[number // 11 % 10]} {PLACES[number // 110 % 10]} ({number})"
        labels = array(f"label-{(goal.number * 7 + step * 11) % 40}" for step in range(int(random() * 3)))
        weight = f"{1 + int(random() * 5)}\t{1 + int(random() * 5)}" if random() < 0.7 else f"{NULL}\t{NULL}"
        due = self.days[goal.until // DAY + 5] if is_closed and random() < 0.3 else NULL
        closed = f"{NULL}\t{NULL}\t"
        if is_closed:
            closed = f"{self.at(goal.until)}\t{self.members[owner]}\tWe should have asked earlier."
        parent = self.goals[goal.parent] if goal.parent is not None else NULL
        self.write[Goal](
            f"{head}\t{self.cycles[goal.cycle]}\t{title}\t{REASON}\t{DESCRIPTION if random() < 0.7 else ''}\t"
            f"{self.teams[goal.team]}\t{self.members[owner] if is_owned else NULL}\t"
            f"{parent}\t{labels}\t{weight}\t{(number + 1) << 16}\t"
            f"{goal.status}\t{visibility}\t{due}\t{NULL if goal.is_draft else self.at(goal.since)}\t{closed}"
        )
        self.event("goal.created", pk, owner, made, f'{{"title": "{title}"}}')
        if is_closed:
            self.event(f"goal.{goal.status}", pk, owner, goal.until, '{"lesson": "We should have asked earlier."}')
        self.around(goal, pk, owner, made)
        goal_key_results = self.key_results(goal, pk, owner, made)
        if visibility == "workspace":
            self.work.of_goal(goal, pk, made)
        self.current = (pk, owner, goal_key_results)

    def around(self, goal: Planned, pk: str, owner: int, minute: int) -> None:
        """Contributors, a supporting team, a value."""
        random = self.random.random
        for step in range(int(random() * 2.6)):
            _pk, head = self.head("contributor", minute)
            member = self.members[(owner + 1 + step * 5) % len(self.members)]
            self.write[Contributor](f"{head}\t{pk}\t{member}\t{4 + step * 2}.0")
        if random() < 0.1:
            _pk, head = self.head("support", minute)
            self.write[GoalSupport](f"{head}\t{pk}\t{self.teams[(goal.team + 1) % len(self.teams)]}")
        if random() < 0.3:
            _pk, head = self.head("goal_value", minute)
            self.write[GoalValue](f"{head}\t{pk}\t{self.values[goal.number % len(self.values)]}")

    def key_results(self, goal: Planned, pk: str, owner: int, minute: int) -> list[tuple[str, str, int, float]]:
        """One to three for most of the goals at the leaves. (id, kind, target, how far it will come) of each."""
        random = self.random.random
        if random() > (0.75 if goal.is_leaf else 0.15):
            return []
        made = []
        for position in range(1 + int(random() * 3)):
            key_result, head = self.head("key_result", minute)
            kind = "milestone" if random() < 0.15 else "percent" if random() < 0.3 else "number"
            start, target = (100, 20) if random() < 0.2 else (0, 10 * (1 + int(random() * 50)))
            if kind == "milestone":
                start, target = 0, 1
            unit = UNITS[position] if kind == "number" else ""
            title = f"{THINGS[(goal.number + position) % 10].capitalize()} {PLACES[position]}"
            self.write[KeyResult](
                f"{head}\t{pk}\t{title}\t{kind}\t{start}\t{target}\t{unit}\t{1 + int(random() * 3)}\t{position + 1}"
            )
            data = f'{{"title": "{title}", "key_result": "{key_result}"}}'
            self.event("goal.key_result_added", pk, owner, minute, data)
            made.append((key_result, kind, start, (target - start) * (0.3 + random())))
        return made

    def check_ins(self, goal: Planned, number: int) -> None:
        """Evenly from the activation to the end of the talk; readings of most key results at each."""
        pk, owner, key_results = self.current
        random = self.random.random
        step = max(1, (goal.until - goal.since) // (number + 1))
        confidence, said = "on_track", random()
        for turn in range(1, number + 1):
            minute = goal.since + turn * step
            at = self.at(minute)
            if random() < 0.25:
                confidence = CONFIDENCES[int(random() * 5)]
            spoken = NULL if random() < 0.05 else confidence
            progress = NULL if key_results or random() < 0.3 else f"{said * turn / number:.2f}"
            note = SENTENCES[int(random() * 8)] + (" " + SENTENCES[int(random() * 8)] if random() < 0.5 else "")
            ask = "\t\\N\t\t\\N"
            if random() < 0.02:
                ask = f"Can you spare somebody for a week?\t{self.members[owner // 8]}\t"
                ask += f"Yes, from Monday on.\t{at}" if random() < 0.6 else "\t\\N"
            is_edited = random() < 0.01
            check_in = self.new_id("check_in", minute)
            self.write[CheckIn](
                f"{check_in}\t{at}\t{at}\t{self.workspace}\t{pk}\t{self.members[owner]}\t{self.names[owner]}\t{at}\t"
                f"{spoken}\t{progress}\t{note}\t{ask}\t{at if is_edited else NULL}"
            )
            for key_result, kind, start, way in key_results:
                if random() < 0.8:
                    value = turn == number if kind == "milestone" else start + way * turn / number
                    reading = self.new_id("reading", minute)
                    self.write[Reading](
                        f"{reading}\t{at}\t{at}\t{self.workspace}\t{check_in}\t{key_result}\t{value:.4f}"
                    )
            known = "null" if spoken == NULL else f'"{spoken}"'
            self.event("goal.checked_in", pk, owner, minute, f'{{"check_in": "{check_in}", "confidence": {known}}}')
            if is_edited:
                _pk, head = self.head("revision", minute)
                self.write[CheckInRevision](f"{head}\t{check_in}\t{self.members[owner]}\t{at}\t{BEFORE}")

    def event(self, verb: str, goal: str, owner: int, minute: int, data: str) -> None:
        """One line of the log about a goal."""
        at = self.at(minute)
        pk = self.new_id("event", minute)
        self.write[Event](
            f"{pk}\t{at}\t{at}\t{self.workspace}\t{verb}\tgoal\t{goal}\t{self.members[owner]}\t{at}\t{data}"
        )
