"""Making, changing, archiving and restoring responsibilities."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.activity.queries import is_known_to_all
from apps.goals import access as goals
from apps.goals.models import Goal
from apps.goals.services.goal_fields import shows_something
from apps.goals.services.locks import lock_idempotency_key
from apps.responsibilities import access
from apps.responsibilities.models import AssignmentRole, Responsibility
from apps.responsibilities.services.assignments import make_assignment
from apps.responsibilities.services.locks import lock_responsibility
from apps.responsibilities.services.notices import settle_archived, settle_review
from apps.workspaces.access import visible_teams
from apps.workspaces.models import Member, Team


class ResponsibilityFields(TypedDict, total=False):
    """What a person may say about a responsibility. A missing key leaves the field as it is."""

    title: str
    description: str
    team: Team | None
    goal: Goal | None
    review_on: date | None
    external_id: str


@transaction.atomic
def create_responsibility(
    fields: ResponsibilityFields,
    *,
    accountable: Member | None = None,
    by: Member,
    at: datetime,
    key: UUID | None = None,
) -> Responsibility:
    """A new responsibility in the actor's workspace, offered to `accountable` where somebody is named.

    Whoever writes one that they could not change otherwise is accountable for it where nobody is named, so that no
    responsibility is left without anybody who may give it out. `key` works as in goals.services.create_goal. Raises
    PermissionDenied (guests), ValidationError by field.
    """
    access.can_create_responsibility.demand(by)
    pk = lock_idempotency_key(key, by=by)
    if pk and (existing := Responsibility.objects.filter(pk=pk).first()):
        return existing
    responsibility = Responsibility(workspace=by.workspace, created_at=at, **({"id": pk} if pk else {}))
    _assign(responsibility, fields, by=by)
    responsibility.save(force_insert=True)
    _record("created", responsibility, {"title": responsibility.title}, by=by, at=at)
    if accountable is None and not access.can_change_responsibility(by, responsibility):
        accountable = by
    if accountable is not None:
        offer = {"member": accountable, "role": AssignmentRole.ACCOUNTABLE}
        make_assignment(responsibility, offer, by=by, at=at)
    return responsibility


@transaction.atomic
def update_responsibility(
    responsibility: Responsibility, fields: ResponsibilityFields, *, by: Member, at: datetime
) -> Responsibility:
    """Change what `fields` names; where nothing differs nothing is written. A new review date settles the old one's
    reminders. Raises PermissionDenied, ValidationError by field.
    """
    responsibility = _lock_for_change(responsibility, by=by)
    if responsibility.archived_at is not None:
        raise ValidationError(_("This responsibility is archived. Restore it to change it."))
    before = {name: activity.plain(getattr(responsibility, name)) for name in fields}
    _assign(responsibility, fields, by=by)
    changed = activity.changes(before, {name: activity.plain(getattr(responsibility, name)) for name in fields})
    if not changed:
        return responsibility
    if is_known_to_all("responsibility", changed, workspace_id=by.workspace_id):
        responsibility.save()
    else:
        responsibility.save_undated()
    _record("updated", responsibility, {"changes": changed}, by=by, at=at)
    if "review_on" in changed:
        settle_review(responsibility, at=at)
    return responsibility


@transaction.atomic
def archive_responsibility(responsibility: Responsibility, *, by: Member, at: datetime) -> Responsibility:
    """It matters no more: it leaves the lists and all who hold it, and its history stays.

    An archived one stays as it is. Raises PermissionDenied.
    """
    responsibility = _lock_for_change(responsibility, by=by)
    if responsibility.archived_at is not None:
        return responsibility
    responsibility.archived_at = at
    responsibility.save(update_fields=["archived_at"])
    _record("archived", responsibility, {"title": responsibility.title}, by=by, at=at)
    settle_archived(responsibility, at=at)
    return responsibility


@transaction.atomic
def restore_responsibility(responsibility: Responsibility, *, by: Member, at: datetime) -> Responsibility:
    """Take back archiving, with whoever held it. Raises PermissionDenied."""
    responsibility = _lock_for_change(responsibility, by=by)
    if responsibility.archived_at is None:
        return responsibility
    responsibility.archived_at = None
    responsibility.save(update_fields=["archived_at"])
    _record("restored", responsibility, {"title": responsibility.title}, by=by, at=at)
    return responsibility


def _lock_for_change(responsibility: Responsibility, *, by: Member) -> Responsibility:
    responsibility = lock_responsibility(responsibility)
    access.can_change_responsibility.demand(by, responsibility)
    return responsibility


def _assign(responsibility: Responsibility, fields: ResponsibilityFields, *, by: Member) -> None:
    """Put the fields on the responsibility (unsaved); ValidationError where one names what the person cannot see."""
    team, goal = fields.get("team"), fields.get("goal")
    moves = team is not None and team.pk != responsibility.team_id
    if team is not None and moves and not visible_teams(by).filter(pk=team.pk, archived_at=None).exists():
        raise ValidationError({"team": _("There is no such team.")})
    if goal is not None and goal.pk != responsibility.goal_id and not goals.can_see(by, goal):
        raise ValidationError({"goal": _("There is no such goal.")})
    for name, value in fields.items():
        setattr(responsibility, name, value)
    responsibility.title = " ".join(responsibility.title.split())
    if not shows_something(responsibility.title):
        raise ValidationError({"title": _("Give it a title.")})
    responsibility.clean_fields(exclude=["workspace", "team", "goal", "search"])
    taken = Responsibility.objects.filter(
        workspace_id=responsibility.workspace_id, external_id=responsibility.external_id
    )
    if responsibility.external_id and taken.exclude(pk=responsibility.pk).exists():
        raise ValidationError({"external_id": _("Another responsibility has this external id.")})


def _record(what: str, responsibility: Responsibility, data: dict[str, object], *, by: Member, at: datetime) -> None:
    workspace_id = responsibility.workspace_id
    activity.record(f"responsibility.{what}", responsibility, by=by, at=at, workspace_id=workspace_id, data=data)
