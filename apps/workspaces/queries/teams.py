"""What pages read of teams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.core.pagination import Page, keyset_page
from apps.workspaces import access
from apps.workspaces.models import Member, Team, TeamMembership
from apps.workspaces.queries.people import SHOWN_MAX, options_in

TREE_MAX = 500


def team_options(viewer: Member, text: str) -> list[Team]:
    """The first open teams whose name holds the text; names that begin with it come first."""
    return options_in(access.visible_teams(viewer).filter(archived_at=None, name__icontains=text), text)


@dataclass
class TeamNode:
    """A team in the tree, with its leads, how many active people are in it, and the teams beneath."""

    team: Team
    leads: list[Member] = field(default_factory=list)
    people: int = 0
    children: list["TeamNode"] = field(default_factory=list)


@dataclass(frozen=True)
class TeamTree:
    """The tops of the tree, and whether some teams are left out because there are more than TREE_MAX."""

    roots: list[TeamNode]
    is_cut: bool


def team_tree(viewer: Member) -> TeamTree:
    """The open teams the viewer sees, as a tree; the upper levels first where not all fit."""
    teams = access.visible_teams(viewer).filter(archived_at=None)
    rows = teams.annotate(level=Coalesce(F("ancestor_ids__len"), 0)).order_by("level", "name", "pk")[: TREE_MAX + 1]
    nodes = team_nodes(viewer, list(rows))
    kept = {node.team.pk: node for node in nodes[:TREE_MAX]}
    roots: list[TeamNode] = []
    for node in kept.values():
        above = kept.get(node.team.parent_id) if node.team.parent_id else None
        (above.children if above else roots).append(node)
    return TeamTree(roots, is_cut=len(nodes) > TREE_MAX)


def teams_page(viewer: Member, *, text: str, archived: bool, place: Mapping[str, str]) -> Page[Team]:
    """Teams whose name holds the text, by name."""
    teams = access.visible_teams(viewer).filter(archived_at__isnull=not archived, name__icontains=text)
    return keyset_page(teams.select_related("parent"), place)


def team_nodes(viewer: Member, teams: Sequence[Team]) -> list[TeamNode]:
    """Each team with its leads and its number of people, in two queries for all."""
    nodes = {team.pk: TeamNode(team) for team in teams}
    rows = access.visible_memberships(viewer).filter(team_id__in=nodes, member__deactivated_at=None).order_by()
    for team_id, people in rows.values_list("team_id").annotate(people=Count("pk")):
        nodes[team_id].people = people
    leads = rows.filter(is_lead=True).select_related("member").order_by("member__name", "member_id")
    for row in leads:
        nodes[row.team_id].leads.append(row.member)
    return list(nodes.values())


@dataclass(frozen=True)
class TeamPage:
    """One team: where it stands, its people (at most SHOWN_MAX) and the open teams beneath it."""

    above: list[Team]
    leads: list[Member]
    members: list[Member]
    people: int
    children: list[TeamNode]


def team_page(viewer: Member, team: Team) -> TeamPage:
    """What a team's page shows, of what the viewer sees."""
    seen = access.visible_teams(viewer)
    above = {each.pk: each for each in seen.filter(pk__in=team.ancestor_ids)}
    rows = access.visible_memberships(viewer).filter(team=team, member__deactivated_at=None).select_related("member")
    shown = list(rows.order_by("-is_lead", "member__name", "member_id")[: SHOWN_MAX + 1])
    children = seen.filter(parent=team, archived_at=None).order_by("name", "pk")[:SHOWN_MAX]
    return TeamPage(
        above=[above[pk] for pk in team.ancestor_ids if pk in above],
        leads=[row.member for row in shown if row.is_lead],
        members=[row.member for row in shown[:SHOWN_MAX] if not row.is_lead],
        people=len(shown) if len(shown) <= SHOWN_MAX else rows.count(),
        children=team_nodes(viewer, list(children)),
    )


def places_of(team: Team) -> dict[Member, bool]:
    """The team's active people: member → whether they lead."""
    rows = TeamMembership.objects.filter(team=team, member__deactivated_at=None).select_related("member")
    return {row.member: row.is_lead for row in rows.order_by("member__name", "member_id")}


def team_columns(member: Member) -> dict[str, object]:
    """The parent, leads and all members the caller sees (leads are members too)."""
    people = TeamMembership.objects.filter(team_id=OuterRef("pk"), member__deactivated_at=None)
    if member.is_guest:
        people = people.filter(member__in=access.visible_members(member))
    parent = access.visible_teams(member).filter(pk=OuterRef("parent_id")).order_by()
    return {
        "seen_parent": Subquery(parent.values("pk")[:1]),
        "seen_leads": ArraySubquery(people.filter(is_lead=True).order_by("member_id").values("member_id")),
        "seen_members": ArraySubquery(people.order_by("member_id").values("member_id")),
    }
