"""Making, changing, closing and reopening goals."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.activity.queries import is_known_to_all
from apps.goals import access
from apps.goals.models import OPEN_STATUSES, Contributor, Goal, Status, Visibility
from apps.goals.services.closing import after_closing, after_reopening, set_closed, set_reopened
from apps.goals.services.dates import set_check_in_dates
from apps.goals.services.goal_fields import RELATED, GoalFields, assign, check_whole, set_related
from apps.goals.services.locks import hold_tree, lock, lock_chains, lock_idempotency_key
from apps.goals.services.progress import refresh_progress
from apps.goals.services.ranking import last_rank
from apps.workspaces.models import Member


@transaction.atomic
def create_goal(fields: GoalFields, *, by: Member, at: datetime, key: UUID | None = None) -> Goal:
    """A new goal in the actor's workspace; active unless `status` says draft.

    `key` decides the goal's id: the same key of the same person again gives the goal that was made the first time, so
    that a form sent twice makes one goal. Raises PermissionDenied (guests), ValidationError by field.
    """
    access.can_create_goal.demand(by)
    pk = lock_idempotency_key(key, by=by)
    if pk and (existing := Goal.objects.filter(pk=pk).first()):
        return existing
    status = fields.get("status", Status.ACTIVE)
    if status not in OPEN_STATUSES:
        raise ValidationError({"status": _("A new goal is a draft or active.")})
    goal = Goal(workspace=by.workspace, created_by=by, created_at=at, **({"id": pk} if pk else {}))
    _check_private_by_owner(goal, fields, by=by)
    assign(goal, fields, by=by)
    if goal.status == Status.ACTIVE:
        goal.activated_at = at
    goal.rank = last_rank(goal, by=by)
    set_check_in_dates(goal, workspace=by.workspace)
    check_whole(goal)
    goal.save(force_insert=True)
    set_related(goal, fields, by=by, at=at)
    activity.record("goal.created", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"title": goal.title})
    return refresh_progress(goal)


@transaction.atomic
def update_goal(goal: Goal, fields: GoalFields, *, by: Member, at: datetime) -> Goal:
    """Change what `fields` names. Status moves between draft and active only; closing is close_goal.

    Where nothing differs nothing is written, so a sync that sends all it knows wakes nobody. Raises PermissionDenied,
    ValidationError by field.
    """
    moves = _moves(goal, fields)
    if moves:
        hold_tree(goal.workspace_id)
    goal = lock(goal)
    access.can_change_goal.demand(by, goal)
    if not moves and _moves(goal, fields):
        raise ValidationError({"parent": _("Somebody moved this goal in the meantime. Please look again.")})
    before, row_before = _snapshot(goal, fields), _row(goal)
    old_parent_id = goal.parent_id
    _check_status_change(goal, fields)
    _check_private_by_owner(goal, fields, by=by)
    old_cycle_id = goal.cycle_id
    assign(goal, fields, by=by)
    goal.activated_at = (goal.activated_at or at) if goal.status == Status.ACTIVE else _unless_draft(goal)
    if goal.cycle_id != old_cycle_id:
        goal.rank = last_rank(goal, by=by)
    set_check_in_dates(goal, workspace=by.workspace)
    check_whole(goal)
    set_related(goal, fields, by=by, at=at)
    changed = activity.changes(before, _snapshot(goal, fields))
    if not changed and _row(goal) == row_before:
        return goal
    if not changed or is_known_to_all("goal", changed, workspace_id=goal.workspace_id):
        goal.save()
    else:
        goal.save_undated()
    if changed:
        activity.record("goal.updated", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"changes": changed})
    return _refresh_moved(goal, old_parent_id) if moves else refresh_progress(goal)


def activate_goal(goal: Goal, *, by: Member, at: datetime) -> Goal:
    """Make a draft active. Raises PermissionDenied, ValidationError."""
    return update_goal(goal, {"status": Status.ACTIVE}, by=by, at=at)


@transaction.atomic
def close_goal(goal: Goal, *, outcome: str, lesson: str, by: Member, at: datetime, without_answers: str = "") -> Goal:
    """Close a goal as achieved, missed or dropped, with what was learned. Raises PermissionDenied, ValidationError.

    What CLOSING_CHECKS wait for comes first; `without_answers` says why it is not waited for.
    """
    goal = lock(goal)
    if not access.can_close_goal(by, goal):
        raise PermissionDenied(_("Only the owner, a lead of the team or an admin can close this goal."))
    data = set_closed(goal, outcome=outcome, lesson=lesson, by=by, at=at, without_answers=without_answers)
    set_check_in_dates(goal, workspace=by.workspace)
    check_whole(goal)
    goal.save()
    activity.record(f"goal.{outcome}", goal, by=by, at=at, workspace_id=goal.workspace_id, data=data)
    after_closing(goal, by=by, at=at)
    return refresh_progress(goal)


@transaction.atomic
def reopen_goal(goal: Goal, *, by: Member, at: datetime) -> Goal:
    """Take back a closing; what was learned stays in the history. Raises PermissionDenied, ValidationError."""
    goal = lock(goal)
    if not access.can_close_goal(by, goal):
        raise PermissionDenied(_("Only the owner, a lead of the team or an admin can reopen this goal."))
    if not goal.is_closed:
        raise ValidationError(_("This goal is not closed."))
    data = set_reopened(goal, at=at)
    set_check_in_dates(goal, workspace=by.workspace)
    goal.save()
    activity.record("goal.reopened", goal, by=by, at=at, workspace_id=goal.workspace_id, data=data)
    after_reopening(goal, at=at)
    return refresh_progress(goal)


def _moves(goal: Goal, fields: GoalFields) -> bool:
    """Whether the goal would get another parent than it has in the database now."""
    if "parent" not in fields:
        return False
    parent = fields["parent"]
    now = Goal.objects.filter(pk=goal.pk).values_list("parent_id", flat=True).first()
    return (parent.pk if parent else None) != now


def _refresh_moved(goal: Goal, old_parent_id: UUID | None) -> Goal:
    """Count anew where the goal stands now and where it stood."""
    lock_chains(pk for pk in (goal.parent_id, old_parent_id) if pk)
    goal = refresh_progress(goal)
    if old_parent_id:
        refresh_progress(Goal.objects.get(pk=old_parent_id))
    return goal


def _unless_draft(goal: Goal) -> datetime | None:
    return None if goal.status == Status.DRAFT else goal.activated_at


def _row(goal: Goal) -> dict[str, object]:
    return {field.attname: getattr(goal, field.attname) for field in goal._meta.concrete_fields if not field.generated}


def _snapshot(goal: Goal, fields: GoalFields) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in fields:
        if name == "contributors":
            people = Contributor.objects.filter(goal=goal).order_by("member_id")
            rows = people.values_list("member_id", "hours_per_week")
            values[name] = [[str(member_id), activity.plain(hours)] for member_id, hours in rows]
        elif name in RELATED:
            values[name] = sorted(str(pk) for pk in getattr(goal, name).values_list("pk", flat=True))
        else:
            values[name] = activity.plain(getattr(goal, name))
    return values


def _check_status_change(goal: Goal, fields: GoalFields) -> None:
    status = fields.get("status", goal.status)
    if status == goal.status:
        return
    if goal.is_closed:
        raise ValidationError({"status": _("A closed goal must be reopened first.")})
    if status not in OPEN_STATUSES:
        raise ValidationError({"status": _("Close the goal with its outcome and what was learned instead.")})
    if goal.last_check_in_at and status == Status.DRAFT:
        raise ValidationError({"status": _("A goal with check-ins cannot become a draft again.")})


def _check_private_by_owner(goal: Goal, fields: GoalFields, *, by: Member) -> None:
    """Nobody but the owner makes a goal private, or stops it being so."""
    wanted = fields.get("visibility", goal.visibility)
    if wanted == goal.visibility or Visibility.PRIVATE not in (wanted, goal.visibility):
        return
    owner = goal.owner if goal.owner_id else fields.get("owner")
    if owner is None or owner.pk != by.pk:
        raise ValidationError({"visibility": _("Only its owner can make a goal private, or stop it being so.")})
