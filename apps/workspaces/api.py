"""People, teams and values in the API."""

from collections.abc import Collection, Sequence
from typing import Protocol, cast

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api_schema import IF_NONE_MATCH, NOT_MODIFIED, READ_ERRORS, describe
from apps.core.filters import FilterSet, by_choice, by_flag, by_id, by_name, by_text, by_time
from apps.core.viewsets import ApiViewSet, ResourceViewSet, refuse_changes
from apps.workspaces import access, services
from apps.workspaces.models import Member, Role, Team, Value
from apps.workspaces.queries import places_of
from apps.workspaces.serializers import (
    MemberGiven,
    MemberSerializer,
    TeamGiven,
    TeamSerializer,
    ValueGiven,
    ValueSerializer,
)

COMMON = {"external_id": by_text("external_id"), "updated_since": by_time("updated_at__gte")}
ORDERINGS = {"name": "name", "created_at": "created_at", "updated_at": "updated_at"}


class HasScopes(Protocol):
    """What a token says of what it may do."""

    scopes: Collection[str]


class MeViewSet(ApiViewSet):
    """Who the caller is."""

    @extend_schema(
        summary="Who am I",
        description="The member the caller acts as, in which workspace, and what the token may do.",
        parameters=[IF_NONE_MATCH],
        responses={
            **NOT_MODIFIED,
            **READ_ERRORS,
            200: inline_serializer(
                "Me",
                {
                    "member": MemberSerializer(),
                    "workspace": inline_serializer(
                        "MyWorkspace",
                        {
                            "id": serializers.UUIDField(),
                            "name": serializers.CharField(),
                            "slug": serializers.SlugField(),
                            "timezone": serializers.CharField(),
                        },
                    ),
                    "scopes": serializers.ListField(
                        child=serializers.CharField(),
                        allow_null=True,
                        help_text="Null with a browser session: no limit.",
                    ),
                },
            ),
        },
    )
    def retrieve(self, request: Request) -> Response:
        """The member the caller acts as, the workspace, and the token's scopes."""
        me = self.member
        selected = MemberSerializer.select(access.visible_members(me).filter(pk=me.pk), member=me)
        workspace = {name: getattr(me.workspace, name) for name in ("id", "name", "slug", "timezone")}
        token = cast("HasScopes | None", request.auth)  # an ApiToken, of which workspaces knows nothing
        scopes = sorted(token.scopes) if token is not None else None
        shaped = MemberSerializer.shape(selected, member=me)[0]
        return self.conditional({"member": shaped, "workspace": workspace, "scopes": scopes})


@describe("member", "members", "A person in the workspace. Made here they have no account until they are invited.")
class MemberViewSet(ResourceViewSet[Member, MemberGiven]):
    """People."""

    scope_family = "people"
    serializer_class = MemberSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "email": by_text("email__iexact"),
            "role": by_choice("role", list(Role.values)),
            "team": by_id("memberships__team", "People of this team.", of=access.visible_teams),
            "manager": by_id("seen_manager", "People who report to this person."),
            "is_active": by_flag(lambda value: Q(deactivated_at__isnull=value)),
        },
        orderings=ORDERINGS,
        default="name",
        search=by_name,
    )

    def visible(self, member: Member) -> QuerySet[Member]:
        """As on the pages."""
        return access.visible_members(member)

    def create_row(self, fields: MemberGiven) -> Member:
        """services.create_member, then their teams."""
        teams, manager = fields.pop("seen_teams", []), fields.pop("seen_manager", None)
        role = fields.pop("role", Role.MEMBER)
        person = services.create_member(fields, role=role, manager=manager, by=self.member, at=self.now())
        for team in teams:
            services.add_to_team(team, person, by=self.member, at=self.now())
        return person

    def update_row(self, row: Member, fields: MemberGiven) -> Member:
        """One service for each thing that is said: the person, the role, the manager, the teams."""
        by, at = self.member, self.now()
        if "role" in fields and (role := fields.pop("role")) != row.role:
            services.set_role(row, role=role, by=by, at=at)
        if "seen_manager" in fields:
            services.set_manager(row, manager=fields.pop("seen_manager"), by=by, at=at)
        if "seen_teams" in fields:
            self._set_teams(row, fields.pop("seen_teams"))
        return services.update_member(row, fields, by=by, at=at)

    def _set_teams(self, person: Member, teams: Sequence[Team]) -> None:
        wanted = {team.pk: team for team in teams}
        now = {team.pk: team for team in access.visible_teams(self.member).filter(memberships__member=person)}
        for pk in now.keys() - wanted.keys():
            services.remove_from_team(now[pk], person, by=self.member, at=self.now())
        for pk in wanted.keys() - now.keys():
            services.add_to_team(wanted[pk], person, by=self.member, at=self.now())


@describe("team", "teams", "A team in the tree of teams, with its leads and members.")
class TeamViewSet(ResourceViewSet[Team, TeamGiven]):
    """Teams."""

    scope_family = "people"
    serializer_class = TeamSerializer
    filterset = FilterSet(
        filters={
            **COMMON,
            "parent": by_id("seen_parent"),
            "member": by_id("memberships__member", "Teams this person is in.", of=access.visible_members),
            "is_archived": by_flag(lambda value: Q(archived_at__isnull=not value)),
        },
        orderings=ORDERINGS,
        default="name",
        search=by_name,
    )

    def visible(self, member: Member) -> QuerySet[Team]:
        """As on the pages."""
        return access.visible_teams(member)

    def create_row(self, fields: TeamGiven) -> Team:
        """services.create_team, then its people."""
        people = self._people(fields)
        team = services.create_team(self._own(fields), by=self.member, at=self.now())
        return self._place(team, people)

    def update_row(self, row: Team, fields: TeamGiven) -> Team:
        """services.update_team, then its people."""
        people = self._people(fields)
        team = services.update_team(row, self._own(fields), by=self.member, at=self.now())
        return self._place(team, people)

    def _own(self, fields: TeamGiven) -> services.TeamFields:
        if "seen_parent" in fields:
            fields["parent"] = fields.pop("seen_parent")
        return fields

    def _people(self, fields: TeamGiven) -> tuple[list[Member] | None, list[Member] | None]:
        return fields.pop("seen_members", None), fields.pop("seen_leads", None)

    def _place(self, team: Team, people: tuple[list[Member] | None, list[Member] | None]) -> Team:
        """`members` alone keeps who leads; `leads` alone adds them to the members."""
        members, leads = people
        if members is None and leads is None:
            return team
        now = places_of(team)
        everyone = list(now) if members is None else members
        leading = {person.pk for person in ([p for p, is_lead in now.items() if is_lead] if leads is None else leads)}
        places = {person: person.pk in leading for person in [*everyone, *(leads or [])]}
        return services.set_team_members(team, places, by=self.member, at=self.now())


@describe("value", "values", "Something the workspace, or you, hold dear. Others' own values are not seen.")
class ValueViewSet(ResourceViewSet[Value, ValueGiven]):
    """Values."""

    scope_family = "people"
    serializer_class = ValueSerializer
    filterset = FilterSet(
        filters={**COMMON, "member": by_id("member", of=access.visible_members)},
        orderings=ORDERINGS,
        default="name",
        search=by_name,
    )

    def visible(self, member: Member) -> QuerySet[Value]:
        """As on the pages."""
        return access.visible_values(member)

    def create_row(self, fields: ValueGiven) -> Value:
        """services.create_value."""
        owner = fields.get("member")
        if owner is not None and owner.pk != self.member.pk:
            raise exceptions.ValidationError({"member": [_("Only your own values, or the workspace's.")]})
        return services.create_value(
            name=fields["name"],
            statement=fields.get("statement", ""),
            external_id=fields.get("external_id", ""),
            shared=owner is None,
            by=self.member,
            at=self.now(),
        )

    def update_row(self, row: Value, fields: ValueGiven) -> Value:
        """services.update_value; whose it is and its external id stay."""
        refuse_changes(row, fields, "member", "external_id")
        name, statement = fields.get("name", row.name), fields.get("statement", row.statement)
        return services.update_value(row, name=name, statement=statement, by=self.member, at=self.now())

    def delete_row(self, row: Value) -> None:
        """services.delete_value."""
        services.delete_value(row, by=self.member, at=self.now())
