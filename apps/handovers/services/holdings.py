"""What a person holds here, asked for one by one before somebody is deactivated: roles, tasks, what they are to take.

Nothing of private goals is among it: nobody but their people may know of them, so they stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.urls import reverse_in
from apps.goals.models import OPEN_STATUSES, Goal, Visibility
from apps.handovers import access
from apps.handovers.models import CameToNothing, Handover, HandoverStatus
from apps.handovers.queries.cover import thing_of, thing_url
from apps.handovers.services import notices
from apps.handovers.services.effects import check_possible, close, finish, locked, log_deed, refresh_stand_ins
from apps.handovers.services.moving import move_assignments, move_tasks
from apps.responsibilities.access import can_see, visible_assignments
from apps.responsibilities.models import HELD, AssignmentRole, Responsibility
from apps.responsibilities.services.locks import Thing, lock_thing
from apps.tasks.access import visible_tasks
from apps.tasks.models import Task
from apps.workspaces.models import Member
from apps.workspaces.services import Holding, HoldingKind

NOT_SECRET = Q(goal__isnull=True) | ~Q(goal__visibility=Visibility.PRIVATE)
STILL_OPEN = Q(goal__status__in=OPEN_STATUSES) | Q(responsibility__isnull=False, responsibility__archived_at=None)


def _roles(member: Member, viewer: Member, **only: object) -> list[Holding]:
    """One holding for each thing: its roles pass together."""
    rows = visible_assignments(viewer).filter(NOT_SECRET, STILL_OPEN, member_id=member.pk, status__in=HELD)
    found: dict[UUID, tuple[Thing, list[str]]] = {}
    for row in rows.filter(**only).select_related("responsibility", "goal").order_by("created_at", "pk"):
        thing = thing_of(row)
        label = str(AssignmentRole(row.role).label)
        words = found.setdefault(thing.pk, (thing, []))[1]
        if label not in words:
            words.append(label)
    return [
        Holding(str(pk), thing.title, thing_url(viewer, thing), ", ".join(words))
        for pk, (thing, words) in sorted(found.items(), key=lambda pair: pair[1][0].title)
    ]


def _responsibilities(member: Member, viewer: Member) -> list[Holding]:
    return _roles(member, viewer, responsibility__isnull=False)


def _goal_roles(member: Member, viewer: Member) -> list[Holding]:
    return _roles(member, viewer, goal__isnull=False)


def _hand_over_responsibilities(
    keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime
) -> None:
    _hand_over_roles(Responsibility.objects.filter(pk__in=map(UUID, keys)).order_by("pk"), of=of, to=to, at=at)


def _hand_over_goal_roles(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    _hand_over_roles(Goal.objects.filter(pk__in=map(UUID, keys)).order_by("pk"), of=of, to=to, at=at)


def _hand_over_roles(things: Any, *, of: Member, to: Member | None, at: datetime) -> None:
    for each in things:
        thing = lock_thing(each)
        _check_sees(to, thing)
        move_assignments(thing, of=of, to=to, at=at)


def _check_sees(to: Member | None, thing: Thing) -> None:
    if to is not None and not can_see(to, thing):
        raise ValidationError(_("Choose somebody who can see this."))


def _tasks(member: Member, viewer: Member) -> list[Holding]:
    rows: Any = visible_tasks(viewer).filter(NOT_SECRET, STILL_OPEN, assignee_id=member.pk)
    return [
        Holding(
            key=str(task.pk),
            title=task.title,
            url=reverse_in(viewer.workspace, "tasks:task_detail", task.pk),
            lost=_("The task will have no assignee."),
        )
        for task in rows.open().select_related("goal", "responsibility").order_by("due_on", "title", "pk")
    ]


def _hand_over_tasks(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    rows = Task.objects.open().filter(pk__in=map(UUID, keys), assignee_id=of.pk)
    for task in rows.select_related("goal", "responsibility"):
        _check_sees(to, thing_of(task))
    move_tasks(rows, of=of, to=to, by=by, at=at)


def _takes(member: Member, viewer: Member) -> list[Holding]:
    rows: Any = access.visible_handovers(viewer).filter(NOT_SECRET, to_member_id=member.pk)
    return [
        Holding(
            key=str(row.pk),
            title=_("%(thing)s, from %(name)s") % {"thing": row.thing.title, "name": row.from_member.name},
            url=reverse_in(viewer.workspace, "handovers:handover_detail", row.pk),
            lost=_("Nobody will cover this.") if row.is_cover else _("It stays with the person giving it."),
        )
        for row in rows.open().select_related("goal", "responsibility", "from_member").order_by("starts_on", "pk")
    ]


def _hand_over_takes(keys: Sequence[str], *, of: Member, to: Member | None, by: Member, at: datetime) -> None:
    for row in Handover.objects.open().filter(to_member_id=of.pk, pk__in=map(UUID, keys)).order_by("pk"):
        handover = locked(row)
        if not handover.is_open or handover.to_member_id != of.pk:
            raise ValidationError(_("This was answered a moment ago. Please look again."))
        if to is None:
            _let_go(handover, by=by, at=at)
        else:
            _ask_another(handover, to, by=by, at=at)


def _let_go(handover: Handover, *, by: Member, at: datetime) -> None:
    if handover.is_in_force:
        finish(handover, by=by, at=at)
    else:
        close(handover, CameToNothing.RECEIVER_LEFT, by=by, at=at)


def _ask_another(handover: Handover, to: Member, *, by: Member, at: datetime) -> None:
    """The same handover or cover is proposed to somebody else, who is asked first."""
    handover.to_member = to
    handover.status, handover.answered_at, handover.begun_at = HandoverStatus.PROPOSED, None, None
    handover.proposed_by, handover.proposed_at = by, at
    try:
        check_possible(handover, lock_thing(handover.thing))
    except ValidationError as error:  # named by fields, of which a choice has none
        raise ValidationError(error.messages) from error
    handover.save()
    refresh_stand_ins(handover.goal, handover.from_member, at=at)
    log_deed("proposed", handover, by=by, at=at)
    notices.settle_questions(handover, at=at)
    notices.tell_proposed(handover, by=by, at=at)


HANDOVER_HOLDINGS = [
    HoldingKind(
        "responsibility",
        gettext_lazy("Responsibilities they hold"),
        _responsibilities,
        _hand_over_responsibilities,
    ),
    HoldingKind("goal_role", gettext_lazy("Roles they have on goals"), _goal_roles, _hand_over_goal_roles),
    HoldingKind("task", gettext_lazy("Tasks they have"), _tasks, _hand_over_tasks),
    HoldingKind("handover", gettext_lazy("What they are to take over or cover"), _takes, _hand_over_takes),
]
