"""The shape of cycles, goals, key results and check-ins in the API."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Required, TypedDict, cast

from django.utils import timezone
from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.core.serializers import ResourceSerializer, Shown, StrictSerializer
from apps.goals import access
from apps.goals.models import (
    Confidence,
    Cycle,
    Goal,
    KeyResult,
    KeyResultKind,
    NoteFormat,
    ProgressSource,
    Status,
    Visibility,
)
from apps.goals.models.clarity import Clear
from apps.goals.queries import resources
from apps.goals.services import REASON_MAX, CheckInFields, GoalFields, KeyResultFields
from apps.workspaces.access import visible_members, visible_teams, visible_values
from apps.workspaces.models import Member, Team, Value

VALUE_DIGITS, VALUE_PLACES = 20, 4
RANK_MAX = 2**53 - 1
WITHOUT = (
    "Why the goal is closed without the answers of those who are consulted. Needed only where closing answers that it "
    "waits for them: a 400 that names this field, with the code `waits_for_answers`."
)


class CycleSerializer(ResourceSerializer):
    """A span of time in which goals are set and reached."""

    name = serializers.CharField(max_length=200)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=Cycle.Status.choices, source="status_today", read_only=True)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """The status on the caller's day: the rule of Cycle.status_on as SQL."""
        return resources.cycle_columns(member, at=timezone.now())


class ContributorSerializer(serializers.Serializer[object]):
    """A member who gives time to a goal."""

    member = Reference(visible_members)
    hours_per_week = serializers.DecimalField(
        max_digits=4,
        decimal_places=1,
        min_value=0,
        max_value=168,
        allow_null=True,
        required=False,
        coerce_to_string=False,
    )


class ClaritySerializer(serializers.Serializer[object]):
    """How clear a goal is: the share of the checks it passes, and the names of those it does not."""

    score = serializers.FloatField(min_value=0, max_value=1)
    missing = serializers.ListField(child=serializers.ChoiceField(choices=[each.value for each in Clear]))


class GoalSerializer(ResourceSerializer):
    """A goal. `confidence` and `progress` come from check-ins and key results and are only read here."""

    html_fields = ("reason", "description")

    title = serializers.CharField(max_length=TITLE_MAX)
    reason = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    description = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    cycle = Reference(access.visible_cycles, required=False, allow_null=True)
    team = Reference(visible_teams, required=False, allow_null=True)
    supporting_teams = serializers.ListField(
        child=Reference(visible_teams), source="seen_supporting_teams", required=False, max_length=200
    )
    owner = Reference(visible_members, required=False, allow_null=True, help_text="Null: nobody yet, a gap.")
    parent = Reference(  # type: ignore[assignment]  # a field of DRF is bound to one, too
        access.visible_goals, source="seen_parent", required=False, allow_null=True
    )
    labels = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)
    url = serializers.URLField(max_length=2_000, required=False, allow_blank=True)
    contributors = ContributorSerializer(many=True, source="seen_contributors", required=False)
    values = serializers.ListField(
        child=Reference(visible_values), source="seen_values", required=False, max_length=200
    )
    importance = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    urgency = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)
    rank = serializers.IntegerField(
        min_value=-RANK_MAX, max_value=RANK_MAX, required=False, help_text="Smaller stands higher within the cycle."
    )
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    lesson = serializers.CharField(
        max_length=TEXT_MAX, required=False, allow_blank=True, help_text="What was learned; needed to close a goal."
    )
    without_answers = serializers.CharField(
        max_length=REASON_MAX, required=False, allow_blank=True, write_only=True, help_text=WITHOUT
    )
    confidence = serializers.ChoiceField(choices=Confidence.choices, read_only=True, allow_null=True)
    progress = serializers.FloatField(source="seen_progress", read_only=True, allow_null=True)
    progress_source = serializers.ChoiceField(
        choices=ProgressSource.choices, source="seen_progress_source", read_only=True
    )
    starts_on = serializers.DateField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    closed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_check_in_at = serializers.DateTimeField(read_only=True, allow_null=True)
    check_in_due_on = serializers.DateField(read_only=True, allow_null=True)
    clarity = ClaritySerializer(source="seen_clarity", read_only=True)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """What hangs on the goal, of what the caller sees."""
        return resources.goal_columns(member)

    @classmethod
    def finish(cls, row: Shown, member: Member) -> None:
        """The clarity check."""
        row["clarity"] = resources.clarity_of(row)


class ContributorGiven(TypedDict, total=False):
    """What ContributorSerializer lets through."""

    member: Required[Member]
    hours_per_week: Decimal | None


class GoalGiven(GoalFields, total=False):
    """What GoalSerializer lets through: `seen_…` is what it shows filtered."""

    seen_parent: Goal | None
    seen_supporting_teams: Sequence[Team]
    seen_contributors: Sequence[ContributorGiven]
    seen_values: Sequence[Value]
    lesson: str
    without_answers: str


class KeyResultSerializer(ResourceSerializer):
    """A measure with a start and a target; its current value comes from check-ins."""

    goal = Reference(access.visible_goals)
    title = serializers.CharField(max_length=TITLE_MAX)
    kind = serializers.ChoiceField(choices=KeyResultKind.choices, required=False)
    start_value = serializers.DecimalField(VALUE_DIGITS, VALUE_PLACES, required=False, coerce_to_string=False)
    target_value = serializers.DecimalField(VALUE_DIGITS, VALUE_PLACES, required=False, coerce_to_string=False)
    current_value = serializers.DecimalField(
        VALUE_DIGITS, VALUE_PLACES, read_only=True, allow_null=True, coerce_to_string=False
    )
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    weight = serializers.DecimalField(
        5, 2, min_value=Decimal("0.01"), max_value=Decimal(100), required=False, coerce_to_string=False
    )
    due_on = serializers.DateField(required=False, allow_null=True)
    progress = serializers.FloatField(read_only=True)


class KeyResultGiven(KeyResultFields, total=False):
    """What KeyResultSerializer lets through."""

    goal: Goal


class ReadingSerializer(serializers.Serializer[object]):
    """The value of one key result at a check-in."""

    key_result = Reference(access.visible_key_results)
    value = serializers.DecimalField(VALUE_DIGITS, VALUE_PLACES, coerce_to_string=False)


class CheckInSerializer(ResourceSerializer):
    """What somebody said about a goal on a day."""

    html_fields = ("note", "blockers", "ask")

    goal = Reference(access.visible_goals)
    author = Reference(visible_members, required=False, allow_null=True)
    author_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    made_at = serializers.DateTimeField(required=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False, allow_null=True)
    progress = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True)
    note = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    note_format = serializers.ChoiceField(choices=NoteFormat.choices, required=False)
    blockers = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    ask = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    ask_to = Reference(visible_members, required=False, allow_null=True)
    answer = serializers.CharField(read_only=True)
    answered_at = serializers.DateTimeField(read_only=True, allow_null=True)
    edited_at = serializers.DateTimeField(read_only=True, allow_null=True)
    readings = ReadingSerializer(many=True, source="seen_readings", required=False)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """The readings, by key result."""
        return resources.check_in_columns()

    @classmethod
    def finish(cls, row: Shown, member: Member) -> None:
        """Readings as numbers."""
        readings = cast("list[dict[str, str]]", row["readings"])
        row["readings"] = [{**each, "value": float(each["value"])} for each in readings]


class ReadingGiven(TypedDict):
    """What ReadingSerializer lets through."""

    key_result: KeyResult
    value: Decimal


class CheckInGiven(CheckInFields, total=False):
    """What CheckInSerializer lets through."""

    goal: Goal
    made_at: datetime
    seen_readings: Sequence[ReadingGiven]


class CycleCloseSerializer(StrictSerializer):
    """Which open goals go on, and in which cycle."""

    carry = serializers.ListField(child=Reference(access.visible_goals), required=False, max_length=1_000)
    into = Reference(access.visible_cycles, required=False, allow_null=True)


class CycleCloseGiven(TypedDict, total=False):
    """What CycleCloseSerializer lets through."""

    carry: Sequence[Goal]
    into: Cycle | None


class GoalMoveSerializer(StrictSerializer):
    """The goals it is to stand between; one may be missing at an end."""

    after = Reference(access.visible_goals, required=False, allow_null=True)
    before = Reference(access.visible_goals, required=False, allow_null=True)


class GoalMoveGiven(TypedDict, total=False):
    """What GoalMoveSerializer lets through."""

    after: Goal | None
    before: Goal | None


class LessonSerializer(StrictSerializer):
    """What was learned, and why the answers of those consulted are not waited for."""

    lesson = serializers.CharField(max_length=TEXT_MAX)
    without_answers = serializers.CharField(max_length=REASON_MAX, required=False, allow_blank=True, help_text=WITHOUT)


class LessonGiven(TypedDict, total=False):
    """What LessonSerializer lets through."""

    lesson: Required[str]
    without_answers: str


class AnswerSerializer(StrictSerializer):
    """The answer to an ask."""

    answer = serializers.CharField(max_length=TEXT_MAX)


class AnswerGiven(TypedDict):
    """What AnswerSerializer lets through."""

    answer: str
