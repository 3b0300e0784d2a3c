"""Builds who holds what in the demo, what is to be done, and who is away: through the services, in order of time."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.capacity.queries.capacity import HoursSubject
from apps.capacity.services import report_hours
from apps.demo.services.story import away, held_care, held_office, people, tasks_care, tasks_office
from apps.demo.services.story.shapes import (
    ACCEPTED,
    DECLINED,
    DOING,
    Away,
    DemoConsultation,
    DutyPlan,
    HandoverPlan,
    Hold,
    TaskPlan,
)
from apps.goals.models import Goal, Visibility
from apps.handovers.models import Handover
from apps.handovers.services import cover, handovers
from apps.handovers.services.sweeps import sweep_handovers
from apps.notifications.services.inbox import mark_all_read
from apps.responsibilities import services
from apps.responsibilities.models import Responsibility
from apps.tasks import services as task_services
from apps.tasks.models import Task
from apps.workspaces import services as workspaces
from apps.workspaces.models import Absence, Member, Team

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
TEAM = "@"
DUTIES = (
    *held_care.INTAKE,
    *held_care.NURSING,
    *held_care.MEDICINE,
    *held_office.DIGITAL,
    *held_office.FINANCE,
    *held_office.PEOPLE,
)
TASKS = (
    *tasks_care.INTAKE,
    *tasks_care.NURSING,
    *tasks_care.MEDICINE,
    *tasks_office.DIGITAL,
    *tasks_office.FINANCE,
    *tasks_office.PEOPLE,
)
LEADS = {team.key: team.lead for team in people.TEAMS}
Happening = Callable[[datetime], object]


class DemoHoldings:
    """Who holds what in one workspace; `moment` gives a time in the working day of a person, never later than now."""

    def __init__(
        self,
        at: datetime,
        *,
        today: date,
        moment: Callable[[date, Member | None], datetime],
        members: Mapping[str, Member],
        teams: Mapping[str, Team],
        goals: Mapping[str, Goal],
    ) -> None:
        self.at, self.today, self.moment = at, today, moment
        self.members, self.teams, self.goals = members, teams, goals
        self.duties: dict[str, Responsibility] = {}
        self.tasks: dict[str, Task] = {}
        self.happenings: list[tuple[datetime, Happening]] = []

    def build(self) -> None:
        """Everything, in the order of time."""
        for duty in DUTIES:
            self._plan_duty(duty)
        for task in TASKS:
            self._plan_task(task)
        for absence in away.ABSENCES:
            self._plan_absence(absence)
        for handover in away.HANDOVERS:
            self._plan_handover(handover)
        for question in tasks_care.QUESTIONS:
            self._plan_question(question)
        for key, rows in away.REPORTED.items():
            self._plan_reports(self.members[key], rows)
        self.happenings.append((self.at - 2 * DAY, self._read_everything))
        for at, happen in sorted(self.happenings, key=lambda each: each[0]):
            happen(at)

    def _on(self, ago: int, who: Member, happen: Happening) -> datetime:
        """Let something happen on a working day of a person; gives back when."""
        day = self.today - DAY * ago
        at = self.moment(day - DAY * max(0, day.isoweekday() - 5), who)
        self.happenings.append((at, happen))
        return at

    def _after(self, at: datetime, happen: Happening) -> None:
        """Let something happen twenty hours after a moment, or now where that has not come."""
        self.happenings.append((min(at + timedelta(hours=20), self.at), happen))

    def _read_everything(self, at: datetime) -> None:
        """What people were told of long ago does not stand in their inbox as new."""
        for member in self.members.values():
            mark_all_read(by=member, at=at)

    def _lead(self, team: str) -> Member:
        return self.members[LEADS[team]]

    # ---- responsibilities

    def _plan_duty(self, plan: DutyPlan) -> None:
        lead = self._lead(plan.team)
        made_at = self._on(plan.made, lead, lambda at: self._make_duty(plan, by=lead, at=at))
        for hold in plan.holds:
            offered_at = self._on(hold.ago, lead, self._offer(plan, hold, by=lead)) if hold.ago else made_at
            if not hold.ago:
                self.happenings.append((made_at, self._offer(plan, hold, by=lead)))
            self._after(offered_at, self._answer(plan, hold))

    def _make_duty(self, plan: DutyPlan, *, by: Member, at: datetime) -> None:
        fields: services.ResponsibilityFields = {
            "title": plan.title,
            "description": plan.description,
            "team": self.teams[plan.team],
            "goal": self.goals[plan.goal] if plan.goal else None,
            "review_on": None if plan.review is None else self.today + DAY * plan.review,
        }
        self.duties[plan.key] = services.create_responsibility(fields, by=by, at=at)

    def _offer(self, plan: DutyPlan, hold: Hold, *, by: Member) -> Happening:
        fields: services.AssignmentFields = {"role": hold.role, **self._party(hold)}
        if hold.hours:
            fields["hours_per_week"] = Decimal(str(hold.hours))
        return lambda at: services.offer_assignment(self.duties[plan.key], fields, by=by, at=at)

    def _party(self, hold: Hold) -> services.AssignmentFields:
        if hold.who.startswith(TEAM):
            return {"team": self.teams[hold.who.removeprefix(TEAM)]}
        return {"member": self.members[hold.who]}

    def _answer(self, plan: DutyPlan, hold: Hold) -> Happening:
        """The person answers, or the team's lead; what people gave themselves is accepted already."""
        by = self._lead(hold.who.removeprefix(TEAM)) if hold.who.startswith(TEAM) else self.members[hold.who]

        def answer(at: datetime) -> None:
            row = self.duties[plan.key].assignments.get(role=hold.role, **self._party(hold))
            if hold.answer == ACCEPTED:
                services.accept_assignment(row, by=by, at=at)
            elif hold.answer == DECLINED:
                services.decline_assignment(row, reason=hold.reason, by=by, at=at)

        return answer

    # ---- tasks

    def _plan_task(self, plan: TaskPlan) -> None:
        thing = self.goals.get(plan.on)
        duty = next((each for each in DUTIES if each.key == plan.on), None) if thing is None else None
        by = self._lead(duty.team) if duty else self._owner(plan.on)
        made_at = self._on(plan.made, by, lambda at: self._make_task(plan, by=by, at=at))
        who = self.members[plan.who] if plan.who else by
        if plan.closed:
            self._on(plan.closed, who, lambda at: self._move(plan, by=who, at=at))
        elif plan.status == DOING:
            self._after(made_at, lambda at: self._move(plan, by=who, at=at))

    def _owner(self, goal: str) -> Member:
        owner_id = self.goals[goal].owner_id
        return next((each for each in self.members.values() if each.pk == owner_id), self.members["theo"])

    def _make_task(self, plan: TaskPlan, *, by: Member, at: datetime) -> None:
        fields: task_services.TaskFields = {
            "title": plan.title,
            "description": plan.description,
            "assignee": self.members[plan.who] if plan.who else None,
            "helpers": [self.members[key] for key in plan.helpers],
            "due_on": None if plan.due is None else self.today + DAY * plan.due,
            "importance": plan.importance,
            "urgency": plan.urgency,
            "hours": Decimal(str(plan.hours)) if plan.hours else None,
        }
        if plan.on in self.goals:
            fields["goal"] = self.goals[plan.on]
        else:
            fields["responsibility"] = self.duties[plan.on]
        self.tasks[plan.title] = task_services.create_task(fields, by=by, at=at)

    def _move(self, plan: TaskPlan, *, by: Member, at: datetime) -> None:
        task_services.move_task(self.tasks[plan.title], plan.status, by=by, at=at, without_answers=plan.alone)

    # ---- absences, covers, handovers

    def _plan_absence(self, plan: Away) -> None:
        """Planned two weeks ahead (or a week ago), and covered the day after. Covers begin and end by themselves."""
        who = self.members[plan.who]
        made: dict[str, Absence] = {}

        def go(at: datetime) -> None:
            days: workspaces.AbsenceFields = {
                "starts_on": self.today + DAY * plan.first,
                "ends_on": self.today + DAY * plan.last,
            }
            made[plan.who] = workspaces.create_absence(who, days, by=who, at=at)
            if plan.covers:
                self._ask_for_covers(made[plan.who], plan, at=at)

        planned_at = self._on(max(14 - plan.first, 7), who, go)
        if plan.covers and not plan.is_open:
            self._after(planned_at, lambda at: self._accept_covers(made[plan.who], at=at))
        for day in (plan.first, plan.last + 1):
            if plan.covers and day <= 0:
                self._on(-day, who, lambda at: sweep_handovers(at=at))

    def _ask_for_covers(self, absence: Absence, plan: Away, *, at: datetime) -> None:
        named = {self._title(on): taker for on, taker in plan.covers.items() if on}
        takers = {
            held.key: self.members[named.get(held.title, plan.covers.get("", ""))]
            for _kind, rows in cover.held_in(absence, viewer=absence.member)
            for held in rows
            if not self._is_private(held.title)
        }
        cover.propose_covers(absence, takers, notes=plan.notes, by=absence.member, at=at)

    def _is_private(self, title: str) -> bool:
        goal = self.goals.get(title)
        return goal is not None and goal.visibility == Visibility.PRIVATE

    def _title(self, on: str) -> str:
        return next((duty.title for duty in DUTIES if duty.key == on), on)

    def _accept_covers(self, absence: Absence, *, at: datetime) -> None:
        for row in absence.covers.order_by("pk").select_related("to_member__workspace"):
            handovers.accept_handover(row, by=row.to_member, at=at)

    def _plan_handover(self, plan: HandoverPlan) -> None:
        giver, taker = self.members[plan.giver], self.members[plan.taker]
        made: list[Handover] = []

        def propose(at: datetime) -> None:
            duty = self.duties[plan.on]
            fields: handovers.HandoverFields = {"notes": plan.notes}
            made.append(handovers.propose_handover(duty, fields, giver=giver, receiver=taker, by=giver, at=at))

        proposed_at = self._on(plan.ago, giver, propose)
        if plan.is_done:
            self._after(proposed_at, lambda at: handovers.accept_handover(made[0], by=taker, at=at))

    # ---- consulting, hours

    def _plan_question(self, plan: DemoConsultation) -> None:
        by = next(self.members[task.who] for task in TASKS if task.title == plan.on)

        def ask(at: datetime) -> None:
            task_services.ask_consulted(self.tasks[plan.on], question=plan.question, by=by, at=at)

        def answer(at: datetime) -> None:
            for row in self.tasks[plan.on].consultations.select_related("member__workspace"):
                for who, words in plan.answers.items():
                    if row.member_id == self.members[who].pk:
                        task_services.answer_consultation(row, answer=words, by=self.members[who], at=at)

        asked_at = self._on(plan.ago, by, ask)
        self._after(asked_at, answer)

    def _plan_reports(self, who: Member, rows: Mapping[str, tuple[float, ...]]) -> None:
        """The weeks before this one, each written down on its Friday."""
        monday = self.today - DAY * (self.today.isoweekday() - 1)
        weeks = len(next(iter(rows.values())))
        for number in range(weeks):
            week = monday - WEEK * (weeks - number)
            hours = {on: Decimal(str(each[number])) for on, each in rows.items()}
            self._on((self.today - week).days - 4, who, self._report(who, week, hours))

    def _report(self, who: Member, week: date, hours: Mapping[str, Decimal]) -> Happening:
        return lambda at: report_hours(week, {self._thing(on): each for on, each in hours.items()}, by=who, at=at)

    def _thing(self, on: str) -> HoursSubject | None:
        if not on:
            return None
        if on in self.duties:
            return HoursSubject("responsibility", self.duties[on].pk)
        return HoursSubject("goal", self.goals[on].pk)
