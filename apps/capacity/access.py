"""Who sees whose load, and which reported hours."""

from django.db.models import F, QuerySet

from apps.capacity.models import HoursReport
from apps.core.sql import Rule, of_table
from apps.goals.access import SEES
from apps.workspaces.access import LEADS_PERSON, visible_members
from apps.workspaces.models import Member


def people_with_load(member: Member) -> QuerySet[Member]:
    """Whose time the member may look at: everybody at work; for a guest themselves. Of it they see what they see."""
    people = visible_members(member).filter(deactivated_at=None)
    return people.filter(pk=member.pk) if member.is_guest else people


def has_load_for(member: Member, person: Member) -> bool:
    """The same rule as people_with_load, for a person the member sees."""
    return person.is_active and (not member.is_guest or person.pk == member.pk)


LOOKS_AFTER = f"""(me.role IN ('owner', 'admin') OR EXISTS (
    SELECT FROM workspaces_member them WHERE them.id = {{person}} AND them.manager_id = me.id
) OR {LEADS_PERSON})"""
"""Of a member `me` at work, no guest: whether they lead a person, are their manager, or an admin."""

AT_WORK = "me.deactivated_at IS NULL AND me.role <> 'guest'"

SEES_HOURS = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE me.id = {{member}} AND (me.id = {{report.member_id}} OR {AT_WORK}
        AND {LOOKS_AFTER.replace("{person}", "{report.member_id}")} AND ({{report.goal_id}} IS NULL OR EXISTS (
            SELECT FROM goals_goal aim WHERE aim.id = {{report.goal_id}} AND {of_table(SEES, goal="aim")}
        ))
    )
)"""  # noqa: S608 - constants
"""Whether a member sees a report of hours: one's own; those of the people one leads or who report to one, and for
admins everybody's, of what they see.
"""


def visible_reported_hours(member: Member) -> QuerySet[HoursReport]:
    """The reports that exist for a member: see SEES_HOURS."""
    rule = Rule(SEES_HOURS, {"report": F("workspace_id"), "member": member.pk})
    rows: QuerySet[HoursReport] = HoursReport.objects.filter(rule, workspace_id=member.workspace_id)
    return rows


def can_see_reported_hours(member: Member, person: Member) -> bool:
    """Whether any reported hours of the person may be shown: the same people as in visible_reported_hours."""
    if person.workspace_id != member.workspace_id:
        return False
    text = f"EXISTS (SELECT FROM workspaces_member me WHERE me.id = {{member}} AND {AT_WORK} AND {LOOKS_AFTER})"
    given = {"person": F("id"), "member": member.pk}
    return person.pk == member.pk or Member.objects.filter(Rule(text, given), pk=person.pk).exists()


def can_report_hours(member: Member) -> bool:
    """Everybody at work, for themselves alone."""
    return member.is_active
