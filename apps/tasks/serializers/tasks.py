"""The shape of tasks in the API."""

from collections.abc import Sequence
from typing import TypedDict

from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.core.serializers import ResourceSerializer, StrictSerializer
from apps.goals.access import visible_goals
from apps.goals.services import REASON_MAX
from apps.responsibilities.access import visible_responsibilities
from apps.tasks.models import TaskStatus
from apps.tasks.queries.resources import task_columns
from apps.tasks.services import TaskFields
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member, Team

WITHOUT = (
    "Why it is done or dropped without the answers of those consulted on its responsibility. Needed only where that "
    "answers that it waits for them: a 400 that names this field, with the code `waits_for_answers`."
)


class TaskSerializer(ResourceSerializer):
    """One piece of work on a goal or on a responsibility, exactly one of them."""

    html_fields = ("description",)

    title = serializers.CharField(max_length=TITLE_MAX)
    description = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    goal = Reference(visible_goals, required=False, allow_null=True)
    responsibility = Reference(visible_responsibilities, required=False, allow_null=True)
    assignee = Reference(visible_members, required=False, allow_null=True, help_text="Null: nobody yet.")
    helpers = serializers.ListField(
        child=Reference(visible_members), source="seen_helpers", required=False, max_length=50, help_text="Also on it."
    )
    teams = serializers.ListField(
        child=Reference(visible_teams), source="seen_teams", required=False, max_length=50, help_text="Teams asked."
    )
    labels = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)
    importance = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    urgency = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=TaskStatus.choices, required=False)
    hours = serializers.DecimalField(
        max_digits=6,
        decimal_places=1,
        min_value=0,
        max_value=10_000,
        required=False,
        allow_null=True,
        coerce_to_string=False,
        help_text="Estimated.",
    )
    without_answers = serializers.CharField(
        max_length=REASON_MAX, required=False, allow_blank=True, write_only=True, help_text=WITHOUT
    )
    created_by = Reference(visible_members, read_only=True, allow_null=True)
    closed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    closed_by = Reference(visible_members, read_only=True, allow_null=True)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """Who else is on it, and which teams are asked."""
        return task_columns()


class TaskGiven(TaskFields, total=False):
    """What TaskSerializer lets through: `seen_…` is what it shows filtered."""

    seen_helpers: Sequence[Member]
    seen_teams: Sequence[Team]
    status: str
    without_answers: str


class TaskCloseSerializer(StrictSerializer):
    """Why the answers of those consulted are not waited for."""

    without_answers = serializers.CharField(max_length=REASON_MAX, required=False, allow_blank=True, help_text=WITHOUT)


class TaskCloseGiven(TypedDict, total=False):
    """What TaskCloseSerializer lets through."""

    without_answers: str
