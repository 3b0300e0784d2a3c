"""Who may read how far a goal is, where that speaks of the goals beneath."""

from typing import Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from apps.goals.access.goals import in_column, of_their_team
from apps.goals.models import Goal, ProgressSource, Visibility
from apps.workspaces.access import led_teams
from apps.workspaces.models import Member, Role, TeamMembership
from apps.workspaces.queries import team_ids_of


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
    """Whether the member may read the progress of a goal they see.

    A roll-up speaks of the goals beneath, and is read only by those who see these too (see rolls_up). A guest is not
    told of them; neither is somebody outside the team who is merely named on a team's goal.
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
    who = in_column(member)
    inside = Exists(Member.objects.filter(pk=who(1)).exclude(role=Role.GUEST))
    told = inside & (~Q(visibility=Visibility.TEAM) | of_their_team(who))
    return Exists(Goal.objects.filter(~Q(progress_source=ProgressSource.CHILDREN) | told, pk=OuterRef(goal)))


def hides_progress(member: Member) -> Q:
    """Where shows_progress says no, as a condition on the rows of visible_goals."""
    rolled_up = Q(progress_source=ProgressSource.CHILDREN)
    if member.is_guest:
        return rolled_up
    own = TeamMembership.objects.filter(member_id=member.pk).values("team_id")
    inside = Q(team_id__in=own) | Q(team_id__in=led_teams(member).order_by().values("pk"))
    return rolled_up & Q(visibility=Visibility.TEAM) & ~inside


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
