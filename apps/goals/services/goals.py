"""Making, changing, closing and reopening goals."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals import access
from apps.goals.models import (
    OPEN_STATUSES,
    Contributor,
    Cycle,
    Goal,
    GoalSupport,
    GoalValue,
    Status,
    Visibility,
)
from apps.goals.services.dates import set_check_in_dates
from apps.goals.services.progress import MAX_DEPTH, refresh_progress
from apps.goals.services.ranking import last_rank
from apps.workspaces.access import visible_members, visible_teams, visible_values
from apps.workspaces.models import Member, Team, Value


class GoalFields(TypedDict, total=False):
    """What a person may say about a goal. A missing key leaves the field as it is."""

    title: str
    reason: str
    description: str
    cycle: Cycle | None
    team: Team | None
    supporting_teams: Sequence[Team]
    owner: Member | None
    parent: Goal | None
    contributors: Sequence[tuple[Member, Decimal | None]]
    values: Sequence[Value]
    labels: Sequence[str]
    url: str
    importance: int | None
    urgency: int | None
    status: str
    visibility: str
    starts_on: date | None
    due_on: date | None
    external_id: str


RELATED = ("supporting_teams", "contributors", "values")


@transaction.atomic
def create_goal(fields: GoalFields, *, by: Member, at: datetime, key: UUID | None = None) -> Goal:
    """A new goal in the actor's workspace; active unless `status` says draft.

    `key` becomes the goal's id: the same key again gives the goal that was made the first time, so that a form sent twice
    makes one goal. Raises PermissionDenied (guests), ValidationError by field.
    """
    if not access.can_create_goal(by):
        raise PermissionDenied(_("Guests cannot write goals."))
    if key and (existing := Goal.objects.filter(pk=key).first()):
        if access.can_change_goal(by, existing):
            return existing
        raise ValidationError(_("This form was already used. Please open a new one."))
    status = fields.get("status", Status.ACTIVE)
    if status not in OPEN_STATUSES:
        raise ValidationError({"status": _("A new goal is a draft or active.")})
    goal = Goal(workspace=by.workspace, created_at=at, **({"id": key} if key else {}))
    _check_private_by_owner(goal, fields, by=by)
    _assign(goal, fields, by=by)
    if goal.status == Status.ACTIVE:
        goal.activated_at = at
    goal.rank = last_rank(goal)
    set_check_in_dates(goal, workspace=by.workspace)
    _full_clean(goal)
    goal.save(force_insert=True)
    _set_related(goal, fields, by=by)
    activity.record("goal.created", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"title": goal.title})
    return refresh_progress(goal)


@transaction.atomic
def update_goal(goal: Goal, fields: GoalFields, *, by: Member, at: datetime) -> Goal:
    """Change what `fields` names. Status moves between draft and active only; closing is close_goal.

    Raises PermissionDenied, ValidationError by field.
    """
    goal = lock(goal)
    if not access.can_change_goal(by, goal):
        raise PermissionDenied(_("Only the owner, a lead of the team or an admin can change this goal."))
    before = _snapshot(goal, fields)
    old_parent = goal.parent
    _check_status_change(goal, fields)
    _check_private_by_owner(goal, fields, by=by)
    old_cycle_id = goal.cycle_id
    _assign(goal, fields, by=by)
    if goal.status == Status.ACTIVE and goal.activated_at is None:
        goal.activated_at = at
    if goal.cycle_id != old_cycle_id:
        goal.rank = last_rank(goal)
    set_check_in_dates(goal, workspace=by.workspace)
    _full_clean(goal)
    goal.save()
    _set_related(goal, fields, by=by)
    changed = activity.changes(before, _snapshot(goal, fields))
    if changed:
        activity.record("goal.updated", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"changes": changed})
    refresh_progress(goal)
    if {"visibility", "team", "status"} & changed.keys() and goal.parent_id:
        refresh_progress(lock(goal.parent))  # type: ignore[arg-type]
    if old_parent is not None and old_parent.pk != goal.parent_id:
        refresh_progress(lock(old_parent))
    return goal


def activate_goal(goal: Goal, *, by: Member, at: datetime) -> Goal:
    """Make a draft active. Raises PermissionDenied, ValidationError."""
    return update_goal(goal, {"status": Status.ACTIVE}, by=by, at=at)


@transaction.atomic
def close_goal(goal: Goal, *, outcome: str, lesson: str, by: Member, at: datetime) -> Goal:
    """Close a goal as achieved, missed or dropped, with what was learned. Raises PermissionDenied, ValidationError."""
    goal = lock(goal)
    if not access.can_close_goal(by, goal):
        raise PermissionDenied(_("Only the owner, a lead of the team or an admin can close this goal."))
    if goal.is_closed:
        raise ValidationError(_("This goal is already closed."))
    if outcome not in (Status.ACHIEVED, Status.MISSED, Status.DROPPED):
        raise ValidationError({"outcome": _("Say whether the goal was achieved, missed or dropped.")})
    if not lesson.strip():
        raise ValidationError({"lesson": _("Say in a sentence what was learned.")})
    goal.status, goal.lesson = outcome, lesson.strip()
    goal.closed_at, goal.closed_by = at, by
    set_check_in_dates(goal, workspace=by.workspace)
    _full_clean(goal)
    goal.save()
    activity.record(
        f"goal.{outcome}", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"lesson": goal.lesson}
    )
    return _refresh_with_parent(goal)


@transaction.atomic
def reopen_goal(goal: Goal, *, by: Member, at: datetime) -> Goal:
    """Take back a closing; what was learned stays in the history. Raises PermissionDenied, ValidationError."""
    goal = lock(goal)
    if not access.can_close_goal(by, goal):
        raise PermissionDenied(_("Only the owner, a lead of the team or an admin can reopen this goal."))
    if not goal.is_closed:
        raise ValidationError(_("This goal is not closed."))
    outcome, lesson = goal.status, goal.lesson
    goal.status, goal.closed_at, goal.closed_by, goal.lesson = Status.ACTIVE, None, None, ""
    goal.activated_at = at
    set_check_in_dates(goal, workspace=by.workspace)
    goal.save()
    activity.record(
        "goal.reopened", goal, by=by, at=at, workspace_id=goal.workspace_id, data={"was": outcome, "lesson": lesson}
    )
    return _refresh_with_parent(goal)


def lock(goal: Goal) -> Goal:
    """The goal as it is now, locked until the transaction ends, with its cycle and team."""
    return Goal.objects.select_for_update(of=("self",)).select_related("cycle", "team", "parent", "owner").get(pk=goal.pk)


def _refresh_with_parent(goal: Goal) -> Goal:
    refresh_progress(goal)
    if goal.parent_id:
        refresh_progress(lock(goal.parent))  # type: ignore[arg-type]
    return goal


def _snapshot(goal: Goal, fields: GoalFields) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in fields:
        if name == "contributors":
            rows = Contributor.objects.filter(goal=goal).order_by("member_id").values_list("member_id", "hours_per_week")
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


def _assign(goal: Goal, fields: GoalFields, *, by: Member) -> None:
    _check_references(goal, fields, by=by)
    for name, value in fields.items():
        if name not in RELATED:
            setattr(goal, name, _clean_labels(value) if name == "labels" else value)
    goal.title = " ".join(goal.title.split())


def _clean_labels(labels: Any) -> list[str]:
    return list(dict.fromkeys(label.strip() for label in labels if label.strip()))


def _check_references(goal: Goal, fields: GoalFields, *, by: Member) -> None:
    """What a goal names must exist for the person who names it: what they cannot see is "not there"."""
    _check_parent(goal, fields.get("parent"), by=by)
    team = fields.get("team")
    if team is not None and team.pk != goal.team_id and not visible_teams(by).filter(pk=team.pk).exists():
        raise ValidationError({"team": _("There is no such team.")})
    owner = fields.get("owner")
    if owner is not None and owner.pk != goal.owner_id:
        _check_people([owner], "owner", by=by)
    cycle = fields.get("cycle")
    if cycle is not None and cycle.pk != goal.cycle_id:
        if cycle.workspace_id != by.workspace_id:
            raise ValidationError({"cycle": _("There is no such cycle.")})
        if cycle.is_closed:
            raise ValidationError({"cycle": _("This cycle is closed.")})


def _check_people(people: Sequence[Member], field: str, *, by: Member) -> None:
    ids = {person.pk for person in people}
    seen = set(visible_members(by).filter(pk__in=ids, deactivated_at=None).values_list("pk", flat=True))
    if ids - seen:
        raise ValidationError({field: _("Choose people who are active in this workspace.")})


def _check_parent(goal: Goal, parent: Goal | None, *, by: Member) -> None:
    if parent is None or parent.pk == goal.parent_id:
        return
    if not access.can_see(by, parent):
        raise ValidationError({"parent": _("There is no such goal.")})
    node: Goal | None = parent
    for _level in range(MAX_DEPTH):
        if node is None:
            return
        if node.pk == goal.pk:
            raise ValidationError({"parent": _("A goal cannot stand beneath itself.")})
        node = node.parent
    raise ValidationError({"parent": _("The tree of goals can be at most %(levels)s levels deep.") % {"levels": MAX_DEPTH}})


def _set_related(goal: Goal, fields: GoalFields, *, by: Member) -> None:
    if "supporting_teams" in fields:
        _set_supporting_teams(goal, fields["supporting_teams"], by=by)
    if "values" in fields:
        _set_values(goal, fields["values"], by=by)
    if "contributors" in fields:
        _set_contributors(goal, fields["contributors"], by=by)


def _set_supporting_teams(goal: Goal, teams: Sequence[Team], *, by: Member) -> None:
    ids = {team.pk for team in teams} - {goal.team_id}
    if len(ids) != visible_teams(by).filter(pk__in=ids).count():
        raise ValidationError({"supporting_teams": _("Choose teams of this workspace.")})
    GoalSupport.objects.filter(goal=goal).exclude(team_id__in=ids).delete()
    GoalSupport.objects.bulk_create(
        [GoalSupport(workspace_id=goal.workspace_id, goal=goal, team_id=pk) for pk in sorted(ids)], ignore_conflicts=True
    )


def _set_values(goal: Goal, values: Sequence[Value], *, by: Member) -> None:
    ids = {value.pk for value in values}
    if len(ids) != visible_values(by).filter(pk__in=ids).count():
        raise ValidationError({"values": _("Choose values of this workspace, or your own.")})
    others_own = GoalValue.objects.filter(goal=goal, value__member__isnull=False).exclude(value__member=by)
    GoalValue.objects.filter(goal=goal).exclude(value_id__in=ids).exclude(pk__in=others_own.values("pk")).delete()
    GoalValue.objects.bulk_create(
        [GoalValue(workspace_id=goal.workspace_id, goal=goal, value_id=pk) for pk in sorted(ids)], ignore_conflicts=True
    )


def _set_contributors(goal: Goal, people: Sequence[tuple[Member, Decimal | None]], *, by: Member) -> None:
    ids = {person.pk for person, _hours in people}
    if len(ids) != len(people):
        raise ValidationError({"contributors": _("Name each person once.")})
    already = set(Contributor.objects.filter(goal=goal).values_list("member_id", flat=True))
    _check_people([person for person, _hours in people if person.pk not in already], "contributors", by=by)
    Contributor.objects.filter(goal=goal).exclude(member_id__in=ids).delete()
    for person, hours in people:
        if hours is not None and not 0 <= hours <= 168:
            raise ValidationError({"contributors": _("Hours a week lie between 0 and 168.")})
        Contributor.objects.update_or_create(
            goal=goal, member=person, defaults={"workspace_id": goal.workspace_id, "hours_per_week": hours}
        )


def _full_clean(goal: Goal) -> None:
    """Shape and database constraints, as errors at their fields. Foreign keys were checked for visibility already."""
    if goal.visibility == Visibility.TEAM and goal.team_id is None:
        raise ValidationError({"team": _("A goal for a team only must name the team.")})
    if goal.visibility == Visibility.PRIVATE and goal.owner_id is None:
        raise ValidationError({"owner": _("A private goal needs an owner.")})
    if goal.due_on and goal.starts_on and goal.due_on < goal.starts_on:
        raise ValidationError({"due_on": _("The due date lies before the start.")})
    goal.full_clean(
        exclude=["workspace", "cycle", "team", "owner", "parent", "closed_by", "carried_from", "search"],
        validate_unique=False,
    )
    if goal.external_id and (
        Goal.objects.filter(workspace_id=goal.workspace_id, external_id=goal.external_id).exclude(pk=goal.pk).exists()
    ):
        raise ValidationError({"external_id": _("Another goal has this external id.")})

