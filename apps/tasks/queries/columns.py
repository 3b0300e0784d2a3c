"""What the pages of goals and responsibilities read of tasks, in the query that reads the goal or responsibility."""

from datetime import datetime

from apps.tasks import access
from apps.workspaces.models import Member


def goal_page_columns(member: Member, _at: datetime) -> dict[str, object]:
    """`may_add_task` of a goal."""
    return {"may_add_task": access.goals_taking_tasks(member)}


def responsibility_page_columns(member: Member) -> dict[str, object]:
    """`may_add_task` of a responsibility."""
    return {"may_add_task": access.responsibilities_taking_tasks(member)}
