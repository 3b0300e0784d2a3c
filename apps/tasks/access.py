"""Who sees which tasks and consultations, who may add, change and work on tasks, and who is to be consulted."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.refusals import refuses
from apps.core.registries import Hook
from apps.goals import access as goals
from apps.goals.models import Contributor, Goal
from apps.responsibilities.access.assignments import can_assign
from apps.responsibilities.access.things import assignable, can_see, changeable, on_visible_thing
from apps.responsibilities.models import HELD, Assignment, AssignmentRole, AssignmentStatus, Responsibility
from apps.tasks.models import Consultation, Task
from apps.workspaces.access import led_teams
from apps.workspaces.models import Member, TeamMembership

WORKED_BY: Hook[[Member], Exists] = Hook(
    "WORKED_BY",
    "called with a member in access rules; a condition on tasks under which they work on one in the place of its "
    "assignee",
)


def visible_tasks(member: Member) -> QuerySet[Task]:
    """Those on responsibilities and goals the member sees."""
    rows: QuerySet[Task] = Task.objects.filter(workspace_id=member.workspace_id)
    return rows.filter(on_visible_thing(member))


def shared_tasks(workspace_id: UUID) -> QuerySet[Task]:
    """Those that exist for each member of a workspace but guests."""
    everybodys = Q(responsibility__isnull=False) | Q(goal__in=goals.shared_goals(workspace_id))
    return Task.objects.filter(everybodys, workspace_id=workspace_id)


def has_task(who: Any) -> Exists:
    """Whether somebody is the assignee of a task of a responsibility, or helps with one: a condition on its rows.

    `who` is an id, or an expression for one.
    """
    return Exists(Task.objects.filter(Q(assignee_id=who) | Q(helps__member_id=who), responsibility=OuterRef("pk")))


def can_add_task(member: Member, thing: Responsibility | Goal) -> bool:
    """Whoever may change the thing and its accountable people; on a goal its contributors, else who holds it."""
    if not member.is_active or thing.workspace_id != member.workspace_id:
        return False
    if can_assign(member, thing):
        return True
    if isinstance(thing, Goal):
        return goals.can_check_in(member, thing)
    return not member.is_guest and _holds(member).filter(responsibility_id=thing.pk).exists()


def goals_taking_tasks(member: Member) -> Q:
    """The same rule as can_add_task, as a condition on the rows of visible_goals."""
    return assignable(member) | Q(goals.takes_part(member))


def responsibilities_taking_tasks(member: Member) -> Q:
    """The same rule as can_add_task, as a condition on the rows of visible_responsibilities."""
    may = changeable(member) or ~Q(pk__in=[])
    return may if member.is_guest else may | Q(Exists(_holds(member).filter(responsibility=OuterRef("pk"))))


def _holds(member: Member) -> QuerySet[Assignment]:
    """What the member, or a team of theirs, is responsible for."""
    teams = TeamMembership.objects.filter(member_id=member.pk).values("team_id")
    mine = Q(member_id=member.pk) | Q(team_id__in=teams)
    rows: QuerySet[Assignment] = Assignment.objects.filter(mine, role=AssignmentRole.RESPONSIBLE, status__in=HELD)
    return rows


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
    return can_change_task(member, task) or (_stands_in(member, task) and can_see(member, task.thing))


def _stands_in(member: Member, task: Task) -> bool:
    return member.is_active and Task.objects.filter(_in_place_of(member), pk=task.pk).exists()


def _in_place_of(member: Member) -> Q:
    """Tasks on which the member acts in the place of the assignee, as apps above say."""
    condition = Q(pk__in=[])
    for stands_in in WORKED_BY(member):
        condition |= Q(stands_in)
    return condition


def workable(member: Member) -> Q:
    """The same rule as can_work_on_task, as a condition on the rows of visible_tasks, for pages that list many."""
    return Q(assignee_id=member.pk) | _in_place_of(member) | alterable(member)


def alterable(member: Member) -> Q:
    """The same rule as can_change_task, as a condition on the rows of visible_tasks."""
    on_goal = Q(goal__in=goals.visible_goals(member).filter(goals.changeable(member)).order_by().values("pk"))
    wrote = Q(created_by_id=member.pk)
    contributed = Exists(Contributor.objects.filter(goal=OuterRef("goal_id"), member_id=member.pk))
    if member.is_guest:
        return on_goal | (wrote & Q(contributed))
    led = led_teams(member).order_by().values("pk")
    answers = Assignment.objects.filter(
        Q(member_id=member.pk) | Q(team_id__in=led),
        role=AssignmentRole.ACCOUNTABLE,
        status=AssignmentStatus.ACCEPTED,
    )
    accountable = Exists(answers.filter(goal=OuterRef("goal_id"))) | Exists(
        answers.filter(responsibility=OuterRef("responsibility_id"))
    )
    on_responsibility = Q(responsibility__isnull=False) if member.is_admin else Q(responsibility__team_id__in=led)
    holds = Exists(_holds(member).filter(responsibility=OuterRef("responsibility_id")))
    return on_goal | Q(accountable) | on_responsibility | (wrote & (Q(contributed) | Q(holds)))


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
