"""Who sees which reported hours."""

from django.db.models import Q, QuerySet

from apps.goals import access as goals
from apps.responsibilities.models import HoursReport
from apps.workspaces.access import led_teams
from apps.workspaces.models import Member, TeamMembership


def visible_reported_hours(member: Member) -> QuerySet[HoursReport]:
    """One's own; those of the people one leads or who report to one, and for admins everybody's, of what they see."""
    rows: QuerySet[HoursReport] = HoursReport.objects.filter(workspace_id=member.workspace_id)
    own = Q(member_id=member.pk)
    if not member.is_active or member.is_guest:
        return rows.filter(own)
    seen = Q(goal__isnull=True) | Q(goal__in=goals.visible_goals(member))
    if member.is_admin:
        return rows.filter(own | seen)
    led = TeamMembership.objects.filter(team_id__in=led_teams(member).order_by().values("pk")).values("member_id")
    theirs = Q(member_id__in=led) | Q(member__manager_id=member.pk)
    return rows.filter(own | (seen & theirs))
