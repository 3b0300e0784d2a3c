"""Who sees whose load, and which reported hours."""

from typing import Any

from django.db.models import Q, QuerySet

from apps.capacity.models import HoursReport
from apps.goals import access as goals
from apps.workspaces.access import led_teams, visible_members
from apps.workspaces.models import Member, TeamMembership


def people_with_load(member: Member) -> QuerySet[Member]:
    """Whose time the member may look at: everybody at work; for a guest themselves. Of it they see what they see."""
    people = visible_members(member).filter(deactivated_at=None)
    return people.filter(pk=member.pk) if member.is_guest else people


def has_load_for(member: Member, person: Member) -> bool:
    """The same rule as people_with_load, for a person the member sees."""
    return person.is_active and (not member.is_guest or person.pk == member.pk)


def visible_reported_hours(member: Member) -> QuerySet[HoursReport]:
    """One's own; those of the people one leads or who report to one, and for admins everybody's, of what they see."""
    rows: QuerySet[HoursReport] = HoursReport.objects.filter(workspace_id=member.workspace_id)
    own = Q(member_id=member.pk)
    if not member.is_active or member.is_guest:
        return rows.filter(own)
    seen = Q(goal__isnull=True) | Q(goal__in=goals.visible_goals(member))
    if member.is_admin:
        return rows.filter(own | seen)
    theirs = Q(member_id__in=_led(member)) | Q(member__manager_id=member.pk)
    return rows.filter(own | (seen & theirs))


def _led(member: Member) -> QuerySet[TeamMembership, Any]:
    return TeamMembership.objects.filter(team_id__in=led_teams(member).order_by().values("pk")).values("member_id")


def can_see_reported_hours(member: Member, person: Member) -> bool:
    """Whether any reported hours of the person may be shown: the same people as in visible_reported_hours."""
    if person.workspace_id != member.workspace_id:
        return False
    if person.pk == member.pk:
        return True
    if not member.is_active or member.is_guest:
        return False
    return member.is_admin or person.manager_id == member.pk or _led(member).filter(member_id=person.pk).exists()


def can_report_hours(member: Member) -> bool:
    """Everybody at work, for themselves alone."""
    return member.is_active
