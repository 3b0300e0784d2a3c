"""Who sees which tasks and consultations, who may add, change and work on tasks, and who is to be consulted."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.registries import Hook
from apps.core.sql import Rule, of_table
from apps.goals import access as goals
from apps.goals.models import Goal
from apps.responsibilities.access.assignments import can_assign
from apps.responsibilities.access.things import (
    ASSIGNS_ON_GOAL,
    CHANGES,
    ME,
    ROW,
    can_see,
    on_visible_thing,
    sees_thing,
)
from apps.responsibilities.models import HELD, Assignment, AssignmentRole, Responsibility
from apps.tasks.models import Consultation, Task
from apps.workspaces.models import Member, TeamMembership

WORKED_BY: Hook[[], str] = Hook(
    "WORKED_BY",
    "called when the rule of who works on a task is put together; a SQL condition over `{task}` and `{member}` under "
    "which they work on one in the place of its assignee",
)

HAS_TASK = """EXISTS (
    SELECT FROM tasks_task todo WHERE todo.responsibility_id = {responsibility.id} AND (
        todo.assignee_id = {member}
        OR EXISTS (SELECT FROM tasks_taskhelper help WHERE help.task_id = todo.id AND help.member_id = {member})
    )
)"""
"""Whether somebody is the assignee of a task of a responsibility, or helps with one."""

ADDS_TO_GOAL = f"({ASSIGNS_ON_GOAL} OR {goals.SEES} AND {goals.TAKES_PART})"
"""Whether a member adds tasks to a goal: whoever may give it out, and who checks in there."""

ADDS_TO_RESPONSIBILITY = f"""({CHANGES} OR EXISTS (
    SELECT FROM workspaces_member me WHERE {ME} {{responsibility.workspace_id}} AND me.role <> 'guest'
) AND EXISTS (
    SELECT FROM responsibilities_assignment held
    WHERE held.responsibility_id = {{responsibility.id}} AND held.status IN ('offered', 'accepted')
    AND held.role = 'responsible' AND (
        held.member_id = {{member}}
        OR held.team_id IN (SELECT team_id FROM workspaces_teammembership WHERE member_id = {{member}})
    )
))"""  # noqa: S608 - constants
"""Whether a member adds tasks to a responsibility: whoever may change it, and who (or whose team) is responsible."""

CHANGES_TASK = f"""({{task.goal_id}} IS NOT NULL AND EXISTS (
    SELECT FROM goals_goal aim WHERE aim.id = {{task.goal_id}} AND (
        {of_table(ASSIGNS_ON_GOAL, goal="aim")}
        OR {{task.created_by_id}} = {{member}} AND {of_table(ADDS_TO_GOAL, goal="aim")}
    )
) OR {{task.responsibility_id}} IS NOT NULL AND EXISTS (
    SELECT FROM responsibilities_responsibility duty WHERE duty.id = {{task.responsibility_id}} AND (
        {of_table(CHANGES, responsibility="duty")}
        OR {{task.created_by_id}} = {{member}} AND {of_table(ADDS_TO_RESPONSIBILITY, responsibility="duty")}
    )
))"""  # noqa: S608 - constants
"""Whether a member may change a task: whoever may give out what it hangs on, and who wrote it while they may still add
there.
"""


def works_on() -> str:
    """The rule of who says where a task stands, over `{task}` and `{member}`: whoever may change it, and of those who
    see it its assignee and who acts in their place.
    """
    parts = " OR ".join(["({task.assignee_id} IS NOT NULL AND {task.assignee_id} = {member})", *WORKED_BY()])
    seen = sees_thing().replace("{row.", "{task.")
    return f"(({parts}) AND {seen} OR {CHANGES_TASK})"


def visible_tasks(member: Member) -> QuerySet[Task]:
    """Those on responsibilities and goals the member sees."""
    rows: QuerySet[Task] = Task.objects.filter(workspace_id=member.workspace_id)
    return rows.filter(on_visible_thing(member))


def shared_tasks(workspace_id: UUID) -> QuerySet[Task]:
    """Those that exist for each member of a workspace but guests."""
    everybodys = Q(responsibility__isnull=False) | Q(goal__in=goals.shared_goals(workspace_id))
    return Task.objects.filter(everybodys, workspace_id=workspace_id)


def part_taken() -> str:
    """Whoever has a task of a responsibility, or helps with one, takes part in it."""
    return HAS_TASK


def can_add_task(member: Member, thing: Responsibility | Goal) -> bool:
    """Whoever may change the thing and its accountable people; on a goal its contributors, else who holds it."""
    if not member.is_active or thing.workspace_id != member.workspace_id:
        return False
    if can_assign(member, thing):
        return True
    if isinstance(thing, Goal):
        return goals.can_check_in(member, thing)
    return Responsibility.objects.filter(responsibilities_taking_tasks(member), pk=thing.pk).exists()


def goals_taking_tasks(member: Member) -> Rule:
    """The same rule as can_add_task, as a condition on goals: see ADDS_TO_GOAL."""
    return Rule(ADDS_TO_GOAL, {"goal": ROW, "member": member.pk})


def responsibilities_taking_tasks(member: Member) -> Rule:
    """The same rule as can_add_task, as a condition on responsibilities: see ADDS_TO_RESPONSIBILITY."""
    return Rule(ADDS_TO_RESPONSIBILITY, {"responsibility": ROW, "member": member.pk})


def can_add_some_task(member: Member) -> bool:
    """Whether there may be something the member can add tasks to: for guests only goals that name them."""
    return member.is_active and (not member.is_guest or goals.visible_goals(member).exists())


@refuses(_("Only those who may change what it belongs to, and who wrote it, can change a task."))
def can_change_task(member: Member, task: Task) -> bool:
    """Whoever may change what it hangs on, its accountable people, and who wrote it while they may still add there."""
    thing = task.thing
    if can_assign(member, thing):
        return True
    return task.created_by_id == member.pk and can_add_task(member, thing)


@refuses(_("Only those who may change what it belongs to, and who wrote it, can delete a task."))
def can_delete_task(member: Member, task: Task) -> bool:
    """Whoever may change it."""
    return can_change_task(member, task)


def can_work_on_task(member: Member, task: Task) -> bool:
    """Say where it stands and how long it takes: whoever may change it, its assignee, who may also hand it back, and
    whoever covers for the assignee there.
    """
    if task.assignee_id == member.pk and member.is_active and can_see(member, task.thing):
        return True
    return can_change_task(member, task) or Task.objects.filter(workable(member), pk=task.pk).exists()


def workable(member: Member) -> Rule:
    """The same rule as can_work_on_task, as a condition on tasks: see `works_on`."""
    return Rule(works_on(), {"task": ROW, "member": member.pk})


def alterable(member: Member) -> Rule:
    """The same rule as can_change_task, as a condition on tasks: see CHANGES_TASK."""
    return Rule(CHANGES_TASK, {"task": ROW, "member": member.pk})


def who_can_take(task: Task) -> QuerySet[Member]:
    """Who can be given a task: of a goal those who see it; of a responsibility everybody, since a task opens it."""
    if task.goal is not None:
        return goals.readers_of(task.goal)
    people: QuerySet[Member] = Member.objects.filter(workspace_id=task.workspace_id, deactivated_at=None)
    return people


def visible_consultations(member: Member) -> QuerySet[Consultation]:
    """Those about goals and tasks the member sees."""
    rows: QuerySet[Consultation] = Consultation.objects.filter(workspace_id=member.workspace_id)
    return rows.filter(Q(goal__in=goals.visible_goals(member)) | Q(task__in=visible_tasks(member)))


@refuses(_("Only the person who is asked can answer."))
def can_answer_consultation(member: Member, consultation: Consultation) -> bool:
    """The person it asks."""
    return member.is_active and consultation.member_id == member.pk


@refuses(_("Only those who may close it ask the consulted people."))
def can_consult(member: Member, thing: Goal | Task) -> bool:
    """Who asks the consulted people of a goal or task: whoever may close it."""
    return goals.can_close_goal(member, thing) if isinstance(thing, Goal) else can_work_on_task(member, thing)


def consulted_on(thing: Goal | Task) -> QuerySet[Member]:
    """Who is to be consulted before a goal or a task is closed: members, and of teams the leads, offered or accepted.

    On a goal: those of the goal itself and of the responsibilities that serve it. On a task: those of its
    responsibility. Only people with an account who see the thing, since nobody else could answer.
    """
    if isinstance(thing, Goal):
        on = Q(goal_id=thing.pk) | Q(responsibility__goal_id=thing.pk, responsibility__archived_at=None)
        readers = goals.readers_of(thing)
    else:
        on = Q(responsibility_id=thing.responsibility_id) if thing.responsibility_id else Q(pk__in=[])
        readers = who_can_take(thing)
    asked = Assignment.objects.filter(on, role=AssignmentRole.CONSULTED, status__in=HELD).order_by()
    of_teams = TeamMembership.objects.filter(
        team_id__in=asked.filter(team__isnull=False).values("team_id"), is_lead=True
    ).values("member_id")
    people = Q(pk__in=asked.filter(member__isnull=False).values("member_id")) | Q(pk__in=of_teams)
    return readers.filter(people, user__is_active=True).order_by("name", "pk")
