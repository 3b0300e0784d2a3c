"""The words in which the demo is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ON, RISK, OFF = "on_track", "at_risk", "off_track"
ACHIEVED, MISSED, DROPPED = "achieved", "missed", "dropped"
NUMBER, PERCENT, MILESTONE = "number", "percent", "milestone"
ACCEPTED, DECLINED, OPEN = "accepted", "declined", "offered"
DOING, DONE = "doing", "done"


@dataclass(frozen=True)
class Person:
    """Somebody, by their first name in lower case. `left` is how many days ago they left."""

    key: str
    name: str
    title: str
    manager: str = ""
    role: str = "member"
    hours: int = 36
    zone: str = "Europe/Amsterdam"
    language: str = "en"
    left: int | None = None


@dataclass(frozen=True)
class TeamPlan:
    """A team with its lead and people."""

    key: str
    name: str
    purpose: str
    lead: str
    members: tuple[str, ...]
    parent: str = ""


@dataclass(frozen=True)
class Measure:
    """A key result. Its readings stand one by one, or run from start to `end`; a milestone is done at `done_at`."""

    title: str
    start: float = 0
    target: float = 1
    unit: str = ""
    kind: str = NUMBER
    weight: float = 1
    readings: tuple[float | None, ...] = ()
    end: float | None = None
    done_at: int | None = None


@dataclass(frozen=True)
class DemoCheckIn:
    """A check-in's words. Empty confidence: as before. `ask`: who and what. `first_written`: what an edit replaced."""

    note: str = ""
    confidence: str = ""
    blockers: str = ""
    ask: tuple[str, str] | None = None
    answer: str = ""
    by: str = ""
    progress: float | None = None
    first_written: str = ""


@dataclass(frozen=True)
class GoalPlan:
    """A goal with all that was said on it.

    Of the running cycle: `log` are its check-ins in order, `every` so many days, the last one `ago` days ago.
    Of a cycle of the past: `said` by week, `outcome` and `lesson`.
    """

    title: str
    owner: str
    team: str
    reason: str
    measures: Sequence[Measure] = ()
    key: str = ""
    parent: str = ""
    description: str = ""
    contributors: Mapping[str, float] = field(default_factory=dict)
    supporting: Sequence[str] = ()
    values: Sequence[str] = ()
    labels: Sequence[str] = ()
    importance: int | None = None
    urgency: int | None = None
    visibility: str = "workspace"
    status: str = "active"
    due_before_end: int = 0
    log: Sequence[DemoCheckIn] = ()
    every: int = 7
    ago: int = 2
    said: Mapping[int, DemoCheckIn] = field(default_factory=dict)
    outcome: str = ""
    lesson: str = ""
    made: int = 0
    carried: bool = False


@dataclass(frozen=True)
class Hold:
    """Somebody's role: a person, or a team after an @. Offered `ago` days ago, else with the responsibility."""

    who: str
    role: str
    hours: float = 0
    answer: str = ACCEPTED
    ago: int = 0
    reason: str = ""


@dataclass(frozen=True)
class DutyPlan:
    """A responsibility, to be looked at again `review` days from now; `goal` by its title."""

    key: str
    title: str
    team: str
    description: str
    holds: Sequence[Hold]
    goal: str = ""
    review: int | None = None
    made: int = 200


@dataclass(frozen=True)
class TaskPlan:
    """A task on a goal (by its title or key) or a responsibility (by its key), with days counted from now.

    `made` and `closed` say how many days ago; `alone` why it was closed without asking those consulted.
    """

    title: str
    on: str
    who: str = ""
    due: int | None = None
    importance: int | None = None
    urgency: int | None = None
    hours: float = 0
    status: str = "open"
    made: int = 20
    closed: int = 0
    helpers: Sequence[str] = ()
    description: str = ""
    alone: str = ""


@dataclass(frozen=True)
class Away:
    """Days on which somebody is away, counted from now, and who covers what (by key or title; “” for all else).

    Asked and accepted before it begins; where `is_open` nobody has answered yet.
    """

    who: str
    first: int
    last: int
    covers: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class HandoverPlan:
    """From one person to another: proposed `ago` days ago, and where `is_done` accepted the day after."""

    on: str
    giver: str
    taker: str
    notes: str
    ago: int
    is_done: bool = False


@dataclass(frozen=True)
class DemoConsultation:
    """What the consulted people of a goal or a task (by its title) were asked `ago` days ago, and who answered what."""

    on: str
    question: str
    ago: int
    answers: Mapping[str, str] = field(default_factory=dict)


def accountable(who: str) -> Hold:
    """Accepts it for good or ill."""
    return Hold(who, "accountable")


def responsible(who: str, hours: float = 0, *, answer: str = ACCEPTED, ago: int = 0, reason: str = "") -> Hold:
    """Does the work, for so many hours a week."""
    return Hold(who, "responsible", hours, answer, ago, reason)


def consulted(who: str) -> Hold:
    """Is asked before."""
    return Hold(who, "consulted")


def informed(who: str) -> Hold:
    """Is told after."""
    return Hold(who, "informed")


def measured(title: str, start: float, target: float, unit: str, *readings: float | None, weight: float = 1) -> Measure:
    """A number with each of its readings."""
    return Measure(title, start, target, unit, NUMBER, weight, readings)


def percent(title: str, start: float, target: float, *readings: float | None, weight: float = 1) -> Measure:
    """A share with each of its readings."""
    return Measure(title, start, target, "", PERCENT, weight, readings)


def milestone(title: str, done_at: int | None = None, *, weight: float = 1) -> Measure:
    """Done at a check-in (counted from 1), or not yet."""
    return Measure(title, kind=MILESTONE, weight=weight, done_at=done_at)


def ran(title: str, start: float, target: float, end: float, unit: str = "", *, weight: float = 1) -> Measure:
    """A number of the past, from its start to its end."""
    return Measure(title, start, target, unit, PERCENT if unit == "%" else NUMBER, weight, end=end)
