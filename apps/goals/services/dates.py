"""When the next check-in is due, and when its owner is to be reminded."""

from apps.goals.models import Goal, Status
from apps.goals.models.progress import next_check_in_due, next_working_day
from apps.workspaces.models import Workspace


def set_check_in_dates(goal: Goal, *, workspace: Workspace) -> None:
    """Set (without saving) the due date of the next check-in: the cadence after the last one or the activation.

    Only an active goal has one. The reminder falls on the first working day from then on; a due date for which the
    owner was reminded already is not reminded of again.
    """
    if goal.status != Status.ACTIVE:
        goal.check_in_due_on = goal.remind_on = None
        return
    since = max(filter(None, (goal.last_check_in_at, goal.activated_at)), default=goal.created_at)
    due_on = next_check_in_due(since.astimezone(workspace.zone).date(), workspace.cadence)
    if due_on != goal.check_in_due_on:
        goal.check_in_due_on = due_on
        goal.remind_on = next_working_day(due_on, workspace.working_days)
