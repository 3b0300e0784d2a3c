"""Which teams a page offers, one's own first, and the one it opens with."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

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


def first_own(offered: Iterable[tuple[Team, bool]], *, of: QuerySet[Model] | None = None) -> Team | None:
    """What a page opens with: the first team one leads, else the first one is in, else none, which means everybody.

    With `of`, rows that have a team, only a team counts that has some of them, itself or beneath it: a page does not
    open with nothing. An archived team is offered only where it was chosen; it is no place to begin.
    """
    own = [team for team, is_mine in offered if is_mine and team.archived_at is None]
    if of is None or not own:
        return next(iter(own), None)
    ids = [team.pk for team in own]
    theirs = of.filter(Q(team_id__in=ids) | Q(team__ancestor_ids__overlap=ids)).order_by()
    having = {
        pk
        for of_team, above in theirs.values_list("team_id", "team__ancestor_ids").distinct()
        for pk in (of_team, *above)
    }
    return next((team for team in own if team.pk in having), None)
