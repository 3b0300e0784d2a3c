"""What pages read of people, their places, invitations and values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.core.pagination import Page, keyset_page
from apps.core.sql import Rule
from apps.workspaces import access
from apps.workspaces.models import Absence, Invitation, Member, Team, TeamMembership, Value, hash_token

Row = TypeVar("Row", Member, Team)
OPTIONS_MAX = 20
SHOWN_MAX = 100
KNOWN, KNOWN_MAX = "known_memberships", 10


def active_membership(user: User, slug: str) -> Member | None:
    """The person's active member in the workspace of that address, with the workspace; None where there is none."""
    known: dict[str, Member] = getattr(user, KNOWN, {})
    if slug in known:
        return known[slug]
    member: Member | None = (
        Member.objects.active().filter(user=user, workspace__slug=slug).select_related("workspace", "user").first()
    )
    return member


def account_with_memberships(user_id: Any) -> User | None:
    """An account that knows its first active memberships, for one request; None where it has none."""
    rows = Member.objects.active().filter(user_id=user_id).select_related("workspace", "user")
    members: list[Member] = list(rows.order_by("created_at")[:KNOWN_MAX])
    user = members[0].user if members else None
    if user is None:
        return None
    for member in members:
        member.user = user
    setattr(user, KNOWN, {member.workspace.slug: member for member in members})
    return user


def memberships_of(user: User) -> QuerySet[Member]:
    """The person's active memberships in all workspaces, by the workspaces' names."""
    members: QuerySet[Member] = Member.objects.active().filter(user=user).select_related("workspace")
    return members.order_by("workspace__name", "workspace_id")


def team_ids_of(member: Member) -> set[UUID]:
    """The teams whose team-only things the member sees: those they are in, and every team below one they lead."""
    inside = Rule(access.BELONGS, {"team": F("id"), "member": member.pk})
    teams = Team.objects.filter(inside, workspace_id=member.workspace_id)
    return set(teams.order_by().values_list("pk", flat=True))


def find_invitation(token: str) -> Invitation | None:
    """The invitation a secret belongs to, in whatever state; None for an unknown one."""
    rows = Invitation.objects.select_related("workspace", "team", "invited_by")
    found: Invitation | None = rows.filter(token_hash=hash_token(token)).first()
    return found


def people_page(viewer: Member, chosen: Mapping[str, str], place: Mapping[str, str]) -> Page[Member]:
    """A page of people by name, with `places`: their open teams that the viewer sees; see listed_people."""
    return keyset_page(listed_people(viewer, chosen).prefetch_related(_places(viewer)), place)


def listed_people(viewer: Member, chosen: Mapping[str, str]) -> QuerySet[Member]:
    """The people the viewer sees that pass the filters.

    `chosen` may hold q, team (and the teams beneath it), role and status (waiting, deactivated, all; else active).
    """
    people = access.visible_members(viewer).filter(_status(chosen.get("status", "")))
    if text := chosen.get("q"):
        people = people.filter(_named(text))
    if role := chosen.get("role"):
        people = people.filter(role=role)
    if team := chosen.get("team"):
        teams = access.visible_teams(viewer).filter(Q(pk=team) | Q(ancestor_ids__contains=[team]))
        people = people.filter(pk__in=TeamMembership.objects.filter(team__in=teams).values("member_id"))
    return people


def _status(status: str) -> Q:
    waiting = Q(deactivated_at=None, user=None)
    known = {"waiting": waiting, "deactivated": Q(deactivated_at__isnull=False), "all": Q()}
    return known.get(status, Q(deactivated_at=None))


def _named(text: str) -> Q:
    return Q(name__icontains=text) | Q(email__icontains=text) | Q(title__icontains=text)


def _places(viewer: Member) -> "Prefetch[str, QuerySet[TeamMembership], str]":
    rows = access.visible_memberships(viewer).filter(team__archived_at=None).select_related("team")
    return Prefetch("memberships", rows.order_by("-is_lead", "team__name", "team_id"), to_attr="places")


@dataclass(frozen=True)
class PersonPage:
    """One person: their teams, who reports to them (at most SHOWN_MAX), the values they share with the viewer, and the
    absence they are in.
    """

    places: list[TeamMembership]
    reports: list[Member]
    manager: Member | None
    values: list[Value]
    away: Absence | None


def person_page(viewer: Member, person: Member, *, at: datetime) -> PersonPage:
    """What a person's page shows, of what the viewer sees."""
    places = access.visible_memberships(viewer).filter(member=person, team__archived_at=None).select_related("team")
    manager, reports = _line_of(person, access.visible_members(viewer))
    return PersonPage(
        places=list(places.order_by("-is_lead", "team__name", "team_id")[:SHOWN_MAX]),
        reports=reports,
        manager=manager,
        values=list(access.visible_values(viewer).filter(member=person).order_by("name", "pk")),
        away=access.visible_absences(viewer).filter(member_id=person.pk).on(person.today(at)).first(),  # type: ignore[attr-defined]
    )


def _line_of(person: Member, seen: QuerySet[Member]) -> tuple[Member | None, list[Member]]:
    """Whom a person reports to and the active people who report to them, of those seen; at most SHOWN_MAX of these."""
    above = Q(pk=person.manager_id)
    reports = Q(manager=person, deactivated_at=None)
    rows = seen.filter(above | reports if person.manager_id else reports)
    rows = rows.order_by(Case(When(above, then=0), default=1), "name", "pk")
    found = list(rows[: SHOWN_MAX + 1])
    manager = next((each for each in found if each.pk == person.manager_id), None)
    return manager, [each for each in found if each is not manager][:SHOWN_MAX]


def options_in(rows: QuerySet[Row], text: str) -> list[Row]:
    """At most OPTIONS_MAX of these by name: those that match the text, names that begin with it first."""
    rows = rows.order_by("name", "pk")
    if text:
        rows = rows.annotate(begins=Q(name__istartswith=text)).order_by("-begins", "name", "pk")
    return list(rows[:OPTIONS_MAX])


def member_options(viewer: Member, text: str) -> list[Member]:
    """The first active people whose name, address or title holds the text; names that begin with it come first."""
    return options_in(access.visible_members(viewer).filter(deactivated_at=None).filter(_named(text)), text)


def invitations_page(viewer: Member, place: Mapping[str, str]) -> Page[Invitation]:
    """The invitations, newest first."""
    rows = access.visible_invitations(viewer).select_related("team", "member", "invited_by", "accepted_by")
    return keyset_page(rows, place, order=("created_at", "pk"), descending=True)


def values_of(viewer: Member) -> tuple[list[Value], list[Value]]:
    """The workspace's values and the viewer's own."""
    rows = list(access.visible_values(viewer).order_by("name", "pk"))
    return [each for each in rows if each.member_id is None], [each for each in rows if each.member_id is not None]


@dataclass(frozen=True)
class Beginnings:
    """What of the first steps is done: the viewer sees a team, and somebody else is here or invited."""

    team: Team | None
    company: bool


def beginnings(viewer: Member) -> Beginnings:
    """How far a new workspace is."""
    others = access.visible_members(viewer).exclude(pk=viewer.pk)
    return Beginnings(
        team=access.visible_teams(viewer).filter(archived_at=None).order_by("created_at", "pk").first(),
        company=others.exists() or access.visible_invitations(viewer).exists(),
    )


def member_columns(member: Member) -> dict[str, object]:
    """Manager and teams, of those the caller sees; the time zone; whether the person still works here."""
    teams = TeamMembership.objects.filter(member_id=OuterRef("pk"), team__in=access.visible_teams(member))
    manager = access.visible_members(member).filter(pk=OuterRef("manager_id")).order_by()
    return {
        "seen_manager": Subquery(manager.values("pk")[:1]),
        "seen_teams": ArraySubquery(teams.order_by("team_id").values("team_id")),
        "zone_name": Coalesce("user__timezone", "workspace__timezone"),
        "works_here": Case(When(deactivated_at=None, then=Constant(True)), default=False, output_field=BooleanField()),
    }
