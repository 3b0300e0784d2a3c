"""Page-shaped reads of people, teams and workspaces."""

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.workspaces.models import Member, Team, TeamMembership


def active_membership(user: User, slug: str) -> Member | None:
    """The signed-in person's active member in the workspace of that address, with the workspace; None where there is none."""
    return (
        Member.objects.active()
        .filter(user=user, workspace__slug=slug)
        .select_related("workspace", "user")
        .first()
    )


def memberships_of(user: User) -> QuerySet[Member]:
    """The person's active memberships in all workspaces, by the workspaces' names."""
    return (
        Member.objects.active().filter(user=user).select_related("workspace").order_by("workspace__name", "workspace_id")
    )


def team_ids_of(member: Member) -> set[UUID]:
    """The teams whose team-only things the member sees: those they are in, and every team below one they lead."""
    rows = list(TeamMembership.objects.filter(member_id=member.pk).values_list("team_id", "is_lead"))
    led = [team_id for team_id, is_lead in rows if is_lead]
    ids = {team_id for team_id, _is_lead in rows}
    if led:
        ids.update(Team.objects.below(led).values_list("pk", flat=True))
    return ids
