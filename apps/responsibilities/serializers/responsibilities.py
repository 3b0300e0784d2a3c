"""The shape of responsibilities and assignments in the API."""

from typing import TypedDict, cast

from django.utils import timezone
from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.core.serializers import ResourceSerializer, Shown, StrictSerializer
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.responsibilities import access, queries
from apps.responsibilities.models import AssignmentRole, AssignmentStatus, Responsibility
from apps.responsibilities.services import AssignmentFields, ResponsibilityFields
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

NOTE_MAX = 2_000


class ResponsibilitySerializer(ResourceSerializer):
    """A responsibility; `findings` says what good practice misses in who holds it, and is only read."""

    html_fields = ("description",)

    title = serializers.CharField(max_length=TITLE_MAX)
    description = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    team = Reference(visible_teams, required=False, allow_null=True)
    goal = Reference(visible_goals, source="seen_goal", required=False, allow_null=True)
    review_on = serializers.DateField(required=False, allow_null=True)
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)
    findings = serializers.ListField(
        child=serializers.ChoiceField(choices=queries.Finding.choices), source="seen_findings", read_only=True
    )

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """The goal where the caller sees it, and the findings."""
        return queries.responsibility_columns(member, at=timezone.now())

    @classmethod
    def finish(cls, row: Shown, member: Member) -> None:
        """Findings by name, the one to settle first at the top."""
        row["findings"] = [each.value for each in queries.found(cast("dict[str, bool]", row["findings"]))]


class ResponsibilityGiven(ResponsibilityFields, total=False):
    """What ResponsibilitySerializer lets through: `seen_…` is what it shows filtered."""

    seen_goal: Goal | None


class AssignmentSerializer(ResourceSerializer):
    """A member or a team in one role on a responsibility or a goal; the one concerned accepts or declines it.

    `status` is only read, but for imports by an admin (with an external_id), which may say what was settled elsewhere.
    """

    responsibility = Reference(access.visible_responsibilities, required=False, allow_null=True)
    goal = Reference(visible_goals, required=False, allow_null=True)
    member = Reference(visible_members, required=False, allow_null=True)
    team = Reference(visible_teams, required=False, allow_null=True)
    role = serializers.ChoiceField(choices=AssignmentRole.choices)
    status = serializers.ChoiceField(choices=AssignmentStatus.choices, required=False)
    hours_per_week = serializers.DecimalField(
        max_digits=4,
        decimal_places=1,
        min_value=0,
        max_value=168,
        allow_null=True,
        required=False,
        coerce_to_string=False,
    )
    note = serializers.CharField(max_length=NOTE_MAX, required=False, allow_blank=True)
    offered_by = Reference(visible_members, read_only=True, allow_null=True)
    offered_at = serializers.DateTimeField(read_only=True)
    answered_at = serializers.DateTimeField(read_only=True, allow_null=True)
    decline_reason = serializers.CharField(read_only=True)


class AssignmentGiven(AssignmentFields, total=False):
    """What AssignmentSerializer lets through."""

    responsibility: Responsibility | None
    goal: Goal | None


class DeclineSerializer(StrictSerializer):
    """Why it is not taken."""

    reason = serializers.CharField(max_length=NOTE_MAX)


class DeclineGiven(TypedDict):
    """What DeclineSerializer lets through."""

    reason: str
