"""The shape of people, teams and values in the API."""

from collections.abc import Sequence
from typing import Any, Required, TypedDict

from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.models import TEXT_MAX
from apps.core.serializers import ResourceSerializer
from apps.workspaces import access, queries
from apps.workspaces.models import Member, Role, Team
from apps.workspaces.services import MemberFields, TeamFields


class MemberSerializer(ResourceSerializer):
    """A person in the workspace, with or without an account."""

    name = serializers.CharField(max_length=200)
    email = serializers.EmailField(required=False, allow_blank=True)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    manager = Reference(access.visible_members, source="seen_manager", required=False, allow_null=True)
    teams = serializers.ListField(
        child=Reference(access.visible_teams), source="seen_teams", required=False, max_length=200
    )
    timezone = serializers.CharField(source="zone_name", read_only=True)
    weekly_hours = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=0, max_value=168, required=False, coerce_to_string=False
    )
    is_active = serializers.BooleanField(source="works_here", read_only=True)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """Manager and teams, of those the caller sees; the time zone; whether the person still works here."""
        return queries.member_columns(member)


class MemberGiven(MemberFields, total=False):
    """What MemberSerializer lets through: `seen_…` is what it shows filtered."""

    role: str
    seen_manager: Member | None
    seen_teams: Sequence[Team]


class TeamSerializer(ResourceSerializer):
    """A team in the tree of teams."""

    html_fields = ("purpose",)

    name = serializers.CharField(max_length=200)
    purpose = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    parent: Any = Reference(access.visible_teams, source="seen_parent", required=False, allow_null=True)
    leads = serializers.ListField(
        child=Reference(access.visible_members), source="seen_leads", required=False, max_length=200
    )
    members = serializers.ListField(
        child=Reference(access.visible_members), source="seen_members", required=False, max_length=10_000
    )
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """The parent, leads and all members the caller sees (leads are members too)."""
        return queries.team_columns(member)


class TeamGiven(TeamFields, total=False):
    """What TeamSerializer lets through: `seen_…` is what it shows filtered."""

    seen_parent: Team | None
    seen_leads: list[Member]
    seen_members: list[Member]


class ValueSerializer(ResourceSerializer):
    """Something the workspace (member null) or the caller holds dear."""

    html_fields = ("statement",)

    name = serializers.CharField(max_length=200)
    statement = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    member = Reference(access.visible_members, required=False, allow_null=True)


class ValueGiven(TypedDict, total=False):
    """What ValueSerializer lets through."""

    name: Required[str]
    statement: str
    member: Member | None
    external_id: str
