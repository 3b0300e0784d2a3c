"""Who is in a team, and who leads it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.workspaces import access
from apps.workspaces.models import Member, Team, TeamMembership
from apps.workspaces.services.events import record
from apps.workspaces.services.locks import locked_team

Places = dict[Member, bool]


@transaction.atomic
def set_team_members(team: Team, places: Places, *, by: Member, at: datetime) -> Team:
    """Make exactly these people the team's: `places` is member → whether they lead. Raises PermissionDenied,
    ValidationError on `members`.

    People who were deactivated keep their place unless `places` names others in their stead by removing them one by
    one.
    """
    team = _team_to_change(team, by=by)
    now = {row.member_id: row for row in _rows(team).filter(member__deactivated_at=None)}
    wanted = {member.pk: is_lead for member, is_lead in places.items()}
    _check_people([member for member in places if member.pk not in now], team, by=by)
    _check_leads([member for member, is_lead in places.items() if is_lead])
    gone = [pk for pk in now if pk not in wanted]
    turned = [row for pk, row in now.items() if pk in wanted and row.is_lead != wanted[pk]]
    TeamMembership.objects.filter(team=team, member_id__in=gone).delete()
    for row in turned:
        row.is_lead = wanted[row.member_id]
    TeamMembership.objects.bulk_update(turned, ["is_lead"])
    new = [
        TeamMembership(workspace_id=team.workspace_id, team=team, member_id=pk, is_lead=is_lead, created_at=at)
        for pk, is_lead in sorted(wanted.items())
        if pk not in now
    ]
    TeamMembership.objects.bulk_create(new)
    if gone or turned or new:
        data = {
            "added": [row.member_id for row in new],
            "removed": gone,
            "lead": {str(row.member_id): row.is_lead for row in [*turned, *new] if row.is_lead or row in turned},
        }
        record("team.members_changed", team, by=by, at=at, workspace=team.workspace, data=data)
    return team


def add_to_team(team: Team, member: Member, *, is_lead: bool = False, by: Member, at: datetime) -> Team:
    """Add one person, or change whether they lead. Raises PermissionDenied, ValidationError on `members`."""
    return _change(team, member, is_lead, by=by, at=at)


def remove_from_team(team: Team, member: Member, *, by: Member, at: datetime) -> Team:
    """Take one person out; nothing where they are not in it. Raises PermissionDenied."""
    return _change(team, member, None, by=by, at=at)


def set_lead(team: Team, member: Member, *, is_lead: bool, by: Member, at: datetime) -> Team:
    """Make somebody of the team a lead of it, or no longer. Raises PermissionDenied, ValidationError on `members`."""
    if not TeamMembership.objects.filter(team_id=team.pk, member_id=member.pk).exists():
        raise ValidationError({"members": _("%(name)s is not in this team.") % {"name": member.name}})
    return _change(team, member, is_lead, by=by, at=at)


@transaction.atomic
def _change(team: Team, member: Member, is_lead: bool | None, *, by: Member, at: datetime) -> Team:
    """One person's place: None for none, else whether they lead."""
    team = _team_to_change(team, by=by)
    row = _rows(team).filter(member=member).first()
    if is_lead == (row.is_lead if row else None):
        return team
    if is_lead is None:
        TeamMembership.objects.filter(team=team, member=member).delete()
        data: dict[str, object] = {"removed": [member.pk]}
    else:
        _check_people([] if row else [member], team, by=by)
        _check_leads([member] if is_lead else [])
        TeamMembership.objects.update_or_create(
            team=team, member=member, defaults={"is_lead": is_lead, "workspace_id": team.workspace_id}
        )
        data = {"lead": {str(member.pk): is_lead}} if row else {"added": [member.pk], "lead": {str(member.pk): is_lead}}
    record("team.members_changed", team, by=by, at=at, workspace=team.workspace, data=data)
    return team


def _rows(team: Team) -> QuerySet[TeamMembership]:
    return TeamMembership.objects.select_for_update(of=("self",)).filter(team=team).order_by("member_id")


def _team_to_change(team: Team, *, by: Member) -> Team:
    team = locked_team(team, by=by)
    if not access.can_change_team(by, team):
        raise PermissionDenied(
            _("Only admins, and the leads of this team or of one above it, can change who is in it.")
        )
    if team.archived_at is not None:
        raise ValidationError(_("This team is archived. Restore it first."))
    return team


def _check_people(people: list[Member], team: Team, *, by: Member) -> None:
    """Whom one adds must be active here and seen by the actor."""
    ids = {member.pk for member in people}
    seen = access.visible_members(by).filter(pk__in=ids, deactivated_at=None, workspace_id=team.workspace_id).count()
    if seen != len(ids):
        raise ValidationError({"members": _("Choose people who are active in this workspace.")})


def _check_leads(people: list[Member]) -> None:
    for member in people:
        if member.is_guest:
            raise ValidationError(
                {"members": _("%(name)s is a guest, and guests cannot lead a team.") % {"name": member.name}}
            )
