"""Who holds what and what is to be done in a generated workspace; the same for the same size and day."""

from random import Random
from typing import TYPE_CHECKING, Any

from apps.responsibilities.models import Assignment, Responsibility
from apps.tasks.models import Task
from benchmarks.generate_words import CRAFTS, DESCRIPTION, PLACES, THINGS, VERBS

if TYPE_CHECKING:
    from benchmarks.generate_rows import Planned, RowWriter

NULL = r"\N"
DAY = 1_440
COLUMNS: dict[type[Any], str] = {
    Responsibility: "id created_at updated_at workspace_id title description team_id review_on",
    Assignment: "id created_at updated_at workspace_id responsibility_id goal_id member_id team_id role status "
    "hours_per_week offered_by_id offered_at answered_by_id answered_at",
    Task: "id created_at updated_at workspace_id title goal_id responsibility_id assignee_id importance urgency due_on "
    "status hours created_by_id closed_at closed_by_id",
}
KINDS = ("responsibility", "assignment", "task")
STATUSES = ("open", "open", "doing", "done", "done", "done", "dropped")
PER_TEAM = 12
HELD_SINCE = -700 * DAY


class Work:
    """Writes responsibilities, assignments and tasks. Its chance is its own: the other rows do not depend on it."""

    def __init__(self, rows: "RowWriter") -> None:
        self.rows = rows
        self.random = Random(f"work {rows.size}")

    def of_teams(self) -> None:
        """Twelve responsibilities a team, most of them held as they should be, each with a task or two."""
        rows, chance = self.rows, self.random.random
        for number in range(rows.size.teams * PER_TEAM):
            team = number % rows.size.teams
            pk, head = rows.head("responsibility", HELD_SINCE)
            title = f"{CRAFTS[number % len(CRAFTS)].capitalize()}: {THINGS[number % 10]} {PLACES[number // 10 % 10]}"
            review = rows.days[int(chance() * 220) - 30] if chance() < 0.8 else NULL
            rows.write[Responsibility](f"{head}\t{title} ({number})\t{DESCRIPTION}\t{rows.teams[team]}\t{review}")
            thing = f"{pk}\t{NULL}"
            self._hold(thing, team, HELD_SINCE)
            for _turn in range(int(chance() * 3)):
                self._task(f"{NULL}\t{pk}", team, -int(chance() * 200) * DAY - 60, -60)

    def of_goal(self, goal: "Planned", pk: str, minute: int) -> None:
        """What hangs on a goal that everybody sees: a third have roles, most have a task or two."""
        chance = self.random.random
        if chance() < 0.33:
            self._hold(f"{NULL}\t{pk}", goal.team, minute)
        for _turn in range(int(chance() * 3.5)):
            self._task(f"{pk}\t{NULL}", goal.team, minute, goal.until or -60)

    def _hold(self, thing: str, team: int, minute: int) -> None:
        """One accountable (seldom none or two), one or two responsible, somebody consulted, a team informed."""
        rows, chance = self.rows, self.random.random
        first = self.random.randrange(8)
        turn = chance()
        roles = ["accountable"] * (0 if turn < 0.05 else 2 if turn > 0.97 else 1)
        roles += ["responsible"] * (1 + (chance() < 0.4)) + ["consulted"] * (chance() < 0.5)
        for place, role in enumerate(roles):
            member = rows.members[(team * 8 + (first + place) % 8) % len(rows.members)]
            self._assignment(thing, f"{member}\t{NULL}", role, team, minute, member)
        if chance() < 0.3:
            other = rows.teams[(team + 1) % len(rows.teams)]
            self._assignment(thing, f"{NULL}\t{other}", "informed", team, minute, rows.members[team * 8])

    def _assignment(self, thing: str, party: str, role: str, team: int, minute: int, answers: str) -> None:
        rows, turn = self.rows, self.random.random()
        status = "offered" if turn < 0.04 else "declined" if turn < 0.06 else "accepted"
        at, lead = rows.at(minute), rows.members[team * 8]
        answer = f"{NULL}\t{NULL}" if status == "offered" else f"{answers}\t{at}"
        hours = f"{1 + int(turn * 8)}.0" if role == "responsible" else NULL
        _pk, head = rows.head("assignment", minute)
        rows.write[Assignment](f"{head}\t{thing}\t{party}\t{role}\t{status}\t{hours}\t{lead}\t{at}\t{answer}")

    def _task(self, thing: str, team: int, since: int, until: int) -> None:
        """Made on a day of its time; closed some days later where it is closed."""
        rows, chance = self.rows, self.random.random
        made = since + int(chance() * max(DAY, until - since - DAY))
        made = min(made, -2 * DAY)
        number = int(chance() * 1_100)
        status = STATUSES[int(chance() * 7)]
        who = rows.members[(team * 8 + self.random.randrange(8)) % len(rows.members)]
        weight = f"{1 + int(chance() * 5)}\t{1 + int(chance() * 5)}" if chance() < 0.8 else f"{NULL}\t{NULL}"
        due = rows.days[made // DAY + 1 + int(chance() * 40)] if chance() < 0.7 else NULL
        closed = f"{rows.at(min(made + int(chance() * 30) * DAY, -60))}\t{who}"
        if status in {"open", "doing"}:
            closed = f"{NULL}\t{NULL}"
        _pk, head = rows.head("task", made)
        title = f"{VERBS[number % 11]} {THINGS[number // 11 % 10]} {PLACES[number // 110 % 10]}"
        assignee = who if chance() < 0.9 else NULL
        rows.write[Task](
            f"{head}\t{title}\t{thing}\t{assignee}\t{weight}\t{due}\t{status}\t{1 + int(chance() * 16)}.0\t"
            f"{rows.members[team * 8]}\t{closed}"
        )
