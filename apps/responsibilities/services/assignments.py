"""Offering, changing and withdrawing assignments, and answering them.

An assignment is offered, and accepted or declined by the one concerned: the person, or for a team its leads. What
somebody gives themselves is accepted at once.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.goals.access import readers_of
from apps.goals.models import Goal, Visibility
from apps.goals.services.locks import lock_idempotency_key
from apps.responsibilities import access
from apps.responsibilities.models import Assignment, AssignmentRole, AssignmentStatus
from apps.responsibilities.services.locks import Thing, is_over, lock_assignment, lock_thing, thing_of
from apps.responsibilities.services.notices import settle_offers, tell_answered, tell_offered
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team

OFFERED, ACCEPTED, DECLINED = AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED, AssignmentStatus.DECLINED


class AssignmentFields(TypedDict, total=False):
    """What a person may say about an assignment: a member or a team, what they are to be, and hours a week.

    `status` is said only where admins import (with an external id) what was settled elsewhere.
    """

    member: Member | None
    team: Team | None
    role: str
    status: str
    hours_per_week: Decimal | None
    note: str
    external_id: str


@transaction.atomic
def offer_assignment(
    thing: Thing, fields: AssignmentFields, *, by: Member, at: datetime, key: UUID | None = None
) -> Assignment:
    """Offer a role on a responsibility or a goal; what was declined before is offered anew.

    `key` works as in goals.services.create_goal. Raises PermissionDenied, ValidationError by field.
    """
    pk = lock_idempotency_key(key, by=by)
    if pk and (existing := Assignment.objects.filter(pk=pk).first()):
        return existing
    thing = lock_thing(thing)
    check_may_assign(thing, by=by)
    return make_assignment(thing, fields, by=by, at=at, pk=pk)


def make_assignment(
    thing: Thing, fields: AssignmentFields | Mapping[str, Any], *, by: Member, at: datetime, pk: UUID | None = None
) -> Assignment:
    """The assignment itself, on a thing that is locked and that the caller may give out."""
    if is_over(thing):
        raise ValidationError(_("Nobody can be assigned here any more: it is archived or closed."))
    assignment = Assignment(workspace_id=thing.workspace_id, offered_at=at, created_at=at, **({"id": pk} if pk else {}))
    if isinstance(thing, Goal):
        assignment.goal = thing
    else:
        assignment.responsibility = thing
    _assign(assignment, fields, by=by)
    before = _same_role(assignment)
    if before is not None and before.is_held:
        raise ValidationError({"role": _("They already hold this role here, or it has been offered to them.")})
    if before is not None:
        assignment.pk, assignment.created_at, assignment._state.adding = before.pk, before.created_at, False
    _offer(assignment, by=by, at=at, status=fields.get("status"))
    _record("assigned", assignment, {"status": assignment.status}, by=by, at=at)
    tell_offered(assignment, by=by, at=at)
    return assignment


@transaction.atomic
def update_assignment(assignment: Assignment, fields: AssignmentFields, *, by: Member, at: datetime) -> Assignment:
    """Change what `fields` names; where nothing differs nothing is written.

    Another party, another role or more hours are a new offer, unless they come from the one concerned, who may change
    their own hours and note too. Raises PermissionDenied, ValidationError by field.
    """
    assignment = lock_assignment(assignment)
    thing = thing_of(assignment)
    if not (access.can_answer(by, assignment) and fields.keys() <= {"hours_per_week", "note"}):
        check_may_assign(thing, by=by)
    if is_over(thing):
        raise ValidationError(_("This cannot be changed any more: it is archived or closed."))
    before = {name: activity.plain(getattr(assignment, name)) for name in fields}
    asked = _asked_of(assignment)
    _assign(assignment, fields, by=by)
    changed = activity.changes(before, {name: activity.plain(getattr(assignment, name)) for name in fields})
    if not changed:
        return assignment
    if (twin := _same_role(assignment)) is not None and twin.pk != assignment.pk:
        raise ValidationError({"role": _("They already hold this role here, or it has been offered to them.")})
    settled = fields.get("status", assignment.status) if "status" in changed else None
    asks_again = settled is not None or _asks_again(asked, _asked_of(assignment))
    if asks_again:
        settle_offers([assignment.pk], at=at)
        _offer(assignment, by=by, at=at, status=settled)
    else:
        assignment.save()
    _record("assignment_changed", assignment, {"assignment_changes": changed}, by=by, at=at)
    if asks_again:
        tell_offered(assignment, by=by, at=at)
    return assignment


@transaction.atomic
def withdraw_assignment(assignment: Assignment, *, by: Member, at: datetime) -> None:
    """Take an assignment away; the history keeps who held what. Raises PermissionDenied, ValidationError."""
    assignment = lock_assignment(assignment)
    check_may_assign(thing_of(assignment), by=by)
    _record("withdrawn", assignment, {"status": assignment.status}, by=by, at=at)
    settle_offers([assignment.pk], at=at)
    assignment.delete()


@transaction.atomic
def accept_assignment(assignment: Assignment, *, by: Member, at: datetime) -> Assignment:
    """Say yes to an offer; what is accepted stays so. Raises PermissionDenied, ValidationError."""
    assignment = lock_assignment(assignment)
    _check_may_answer(assignment, by=by)
    if assignment.status == ACCEPTED:
        return assignment
    if assignment.status == DECLINED:
        raise ValidationError(_("This was declined. Ask for a new offer."))
    _answer(assignment, ACCEPTED, "", by=by, at=at)
    return assignment


@transaction.atomic
def decline_assignment(assignment: Assignment, *, reason: str, by: Member, at: datetime) -> Assignment:
    """Say no to an offer, or give back what was accepted, with the reason. Raises PermissionDenied, ValidationError."""
    assignment = lock_assignment(assignment)
    _check_may_answer(assignment, by=by)
    if assignment.status == DECLINED:
        return assignment
    if not reason.strip():
        raise ValidationError({"reason": _("Say in a sentence why, so that they can look for another way.")})
    _answer(assignment, DECLINED, reason.strip(), by=by, at=at)
    return assignment


def _answer(assignment: Assignment, status: AssignmentStatus, reason: str, *, by: Member, at: datetime) -> None:
    assignment.status, assignment.decline_reason = status, reason
    assignment.answered_by, assignment.answered_at = by, at
    assignment.clean_fields(exclude=["workspace", "responsibility", "goal", "member", "team", "offered_by"])
    assignment.save()
    _record(status, assignment, {"reason": reason} if reason else {}, by=by, at=at, noun="assignment")
    settle_offers([assignment.pk], at=at)
    tell_answered(assignment, by=by, at=at)


def _offer(assignment: Assignment, *, by: Member, at: datetime, status: str | None = None) -> None:
    """Save it as offered; as accepted where it is offered to who offers it; else as `status` says, for imports."""
    own = access.can_answer(by, assignment)
    assignment.status = status or (ACCEPTED if own else OFFERED)
    assignment.offered_by, assignment.offered_at = by, at
    assignment.answered_by = by if own and assignment.status != OFFERED else None
    assignment.answered_at = at if assignment.status != OFFERED else None
    assignment.decline_reason = ""
    assignment.save()


def check_one_party(member: Member | None, team: Team | None) -> None:
    """Raise ValidationError unless one of them is named."""
    if (member is None) == (team is None):
        raise ValidationError({"member": _("Name a person or a team, one of them.")})


def unknown_role(field: str) -> ValidationError:
    """What is raised where a field holds no role."""
    return ValidationError({field: _("Choose a role: responsible, accountable, consulted or informed.")})


def _asked_of(assignment: Assignment) -> tuple[object, ...]:
    return assignment.member_id, assignment.team_id, assignment.role, assignment.hours_per_week or 0


def _asks_again(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    return before[:-1] != after[:-1] or after[-1] > before[-1]


def check_may_assign(thing: Thing, *, by: Member) -> None:
    """Raises PermissionDenied where the member may not give out roles on the thing."""
    access.can_assign.demand(by, thing)


def _check_may_answer(assignment: Assignment, *, by: Member) -> None:
    access.can_answer.demand(by, assignment)
    if is_over(thing_of(assignment)):
        raise ValidationError(_("This cannot be answered any more: it is archived or closed."))


def _assign(assignment: Assignment, fields: AssignmentFields | Mapping[str, object], *, by: Member) -> None:
    """Put the fields on the assignment (unsaved); ValidationError by field."""
    party_before = (assignment.member_id, assignment.team_id)
    _check_status(assignment, fields, by=by)
    for name, value in fields.items():
        setattr(assignment, name, value)
    check_one_party(assignment.member, assignment.team)
    if (assignment.member_id, assignment.team_id) != party_before:
        _check_party(assignment, by=by)
    if assignment.role not in AssignmentRole.values:
        raise unknown_role("role")
    hours = assignment.hours_per_week
    if hours is not None and not hours.is_finite():
        raise ValidationError({"hours_per_week": _("Hours a week must be between 0 and 168.")})
    assignment.clean_fields(exclude=["workspace", "responsibility", "goal", "member", "team", "offered_by"])
    taken = Assignment.objects.filter(workspace_id=assignment.workspace_id, external_id=assignment.external_id)
    if assignment.external_id and taken.exclude(pk=assignment.pk).exists():
        raise ValidationError({"external_id": _("Another assignment has this external id.")})


def _check_status(assignment: Assignment, fields: AssignmentFields | Mapping[str, object], *, by: Member) -> None:
    """Nobody answers for others, but imports by admins bring what was settled elsewhere."""
    said, usual = fields.get("status"), OFFERED if assignment._state.adding else assignment.status
    if said in {None, usual} or (by.is_admin and fields.get("external_id", assignment.external_id)):
        return
    raise ValidationError(
        {"status": _("Only the person concerned can accept or decline. An admin's import may record it.")}
    )


def _check_party(assignment: Assignment, *, by: Member) -> None:
    """Whom one names must exist for the person who names them, be there, and see what they are named on."""
    member, team, goal = assignment.member, assignment.team, assignment.goal
    people, teams = visible_members(by), visible_teams(by)
    if not assignment.external_id:  # an import may say who held it before they left
        people, teams = people.filter(deactivated_at=None), teams.filter(archived_at=None)
    if member is not None and not people.filter(pk=member.pk).exists():
        raise ValidationError({"member": _("Choose people who are active in this workspace.")})
    if team is not None and not teams.filter(pk=team.pk).exists():
        raise ValidationError({"team": _("There is no such team.")})
    if goal is None:
        return
    if member is not None and member.is_active and not readers_of(goal).filter(pk=member.pk).exists():
        raise ValidationError({"member": _("They cannot see this goal. Add them to it first.")})
    if team is not None and not _whole_team_sees(team, goal):
        raise ValidationError({"team": _("Not everyone in this team sees this goal.")})


def _whole_team_sees(team: Team, goal: Goal) -> bool:
    if goal.visibility == Visibility.WORKSPACE:
        return True
    people = Member.objects.filter(memberships__team_id=team.pk, deactivated_at=None)
    return not people.exclude(pk__in=readers_of(goal).values("pk")).exists()


def _same_role(assignment: Assignment) -> Assignment | None:
    """What the same party was given in the same role here by hand before. Imported rows may say it several times."""
    if assignment.external_id:
        return None
    rows = Assignment.objects.filter(
        responsibility=assignment.responsibility,
        goal=assignment.goal,
        member=assignment.member,
        team=assignment.team,
        role=assignment.role,
        external_id="",
    )
    found: Assignment | None = rows.first()
    return found


def _record(
    what: str,
    assignment: Assignment,
    data: dict[str, object],
    *,
    by: Member,
    at: datetime,
    noun: str = "responsibility",
) -> None:
    """Into the history of the responsibility or goal: who, as what."""
    party = {"member": assignment.member_id} if assignment.member_id else {"team": assignment.team_id}
    activity.record(
        f"{noun}.{what}",
        thing_of(assignment),
        by=by,
        at=at,
        workspace_id=assignment.workspace_id,
        data={"assignment": assignment.pk, "role": assignment.role, **party, **data},
    )
