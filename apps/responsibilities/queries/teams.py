"""Which teams a page offers, one's own first, and the one it opens with."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from apps.workspaces.access import visible_teams
from apps.workspaces.models import Member, Team, TeamMembership

OWN_OFFERED, ALL_OFFERED = 50, 200


def teams_offered(viewer: Member, chosen: UUID | None, *, others: bool = False) -> list[tuple[Team, bool]]:
    """The open teams the viewer is in, those they lead first, then the chosen one; each with whether they are in it.

    With `others` all open teams the viewer sees come after them, by name.
    """
    mine = TeamMembership.objects.filter(member_id=viewer.pk, team=OuterRef("pk"))
    teams = visible_teams(viewer).annotate(
        is_mine=Exists(mine), is_led=Exists(mine.filter(is_lead=True)), is_chosen=Q(pk=chosen)
    )
    wanted = Q(archived_at=None) if others else Q(archived_at=None, is_mine=True)
    rows = teams.filter(wanted | Q(pk=chosen)).order_by("-is_led", "-is_mine", "-is_chosen", "name", "pk")
    return [(team, team.is_mine) for team in rows[: ALL_OFFERED if others else OWN_OFFERED]]


def first_own(offered: Iterable[tuple[Team, bool]]) -> Team | None:
    """What a page opens with: the first team one leads, else the first one is in, else none, which means everybody.

    An archived team is offered only where it was chosen; it is no place to begin.
    """
    return next((team for team, is_mine in offered if is_mine and team.archived_at is None), None)
