"""Who may read how far a goal is, where that speaks of the goals beneath."""

from typing import Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.core.sql import Rule
from apps.goals.access.goals import IN_TEAM, ROW
from apps.goals.models import Goal, ProgressSource, Visibility
from apps.workspaces.models import Member
from apps.workspaces.queries import team_ids_of

HIDES_PROGRESS = f"""EXISTS (
    SELECT FROM workspaces_member me WHERE me.id = {{member}} AND {{goal.progress_source}} = 'children'
    AND (me.role = 'guest' OR {{goal.visibility}} = 'team' AND NOT {IN_TEAM})
)"""
"""Whether the progress of a goal that a member sees is not for them.

A roll-up speaks of the goals beneath, and is read only by those who see these too (see rolls_up). A guest is not told
of them; neither is somebody outside the team who is merely named on a team's goal.
"""


class Measured(Protocol):
    """A goal, or a row of a list of them."""

    @property
    def progress_source(self) -> str:
        """What the progress is drawn from."""

    @property
    def visibility(self) -> str:
        """Who may know of it."""

    @property
    def team_id(self) -> UUID | None:
        """Whose it is."""


def shows_progress(member: Member, goal: Measured) -> bool:
    """Whether the member may read the progress of a goal they see: HIDES_PROGRESS in plain Python, for the lines of a
    list. tests/goals/test_rules.py holds the two against each other.
    """
    if goal.progress_source != ProgressSource.CHILDREN:
        return True
    if member.is_guest:
        return False
    return goal.visibility != Visibility.TEAM or goal.team_id in _team_ids(member)


def shows_progress_to(*, member: str, goal: str) -> Exists:
    """shows_progress for many people at once: whether the member in one column of a row may read the progress of the
    goal in another, which they see.
    """
    hides = Rule(HIDES_PROGRESS, {"goal": ROW, "member": OuterRef(member)})
    return Exists(Goal.objects.filter(~hides, pk=OuterRef(goal)))


def hides_progress(member: Member) -> Rule:
    """Where shows_progress says no, as a condition on goals: see HIDES_PROGRESS."""
    return Rule(HIDES_PROGRESS, {"goal": ROW, "member": member.pk})


def _team_ids(member: Member) -> set[UUID]:
    """team_ids_of, asked once for a member object (one request), because lists ask for each of their rows."""
    known: set[UUID] | None = member.__dict__.get("_team_ids")
    if known is None:
        known = member.__dict__["_team_ids"] = team_ids_of(member)
    return known


def rolls_up(child: Goal, parent: Goal) -> bool:
    """Whether a child may count in its parent's progress: only where all who read that (see shows_progress) see it."""
    if child.visibility == Visibility.WORKSPACE:
        return True
    return child.visibility == parent.visibility == Visibility.TEAM and child.team_id == parent.team_id
