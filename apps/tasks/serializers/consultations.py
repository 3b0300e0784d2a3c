"""The shape of consultations in the API."""

from typing import TypedDict

from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.serializers import ResourceSerializer, StrictSerializer
from apps.goals.access import visible_goals
from apps.tasks.access import visible_tasks
from apps.tasks.services.consultations import ANSWER_MAX
from apps.workspaces.access import visible_members


class ConsultationSerializer(ResourceSerializer):
    """The question to one consulted person before a goal or task is closed; open until `answered_at` or `ended_at`."""

    external_id = None  # type: ignore[assignment]
    html_fields = ("question", "answer")

    goal = Reference(visible_goals, read_only=True, allow_null=True)
    task = Reference(visible_tasks, read_only=True, allow_null=True)
    member = Reference(visible_members, read_only=True, help_text="Who is asked.")
    asked_by = Reference(visible_members, read_only=True)
    asked_at = serializers.DateTimeField(read_only=True)
    answer_by_on = serializers.DateField(read_only=True, help_text="After this day nothing waits for the answer.")
    question = serializers.CharField(read_only=True)
    answer = serializers.CharField(read_only=True)
    answered_at = serializers.DateTimeField(read_only=True, allow_null=True)
    ended_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When what it is about was closed: nobody waits any more."
    )


class ConsultationAnswerSerializer(StrictSerializer):
    """What the person thinks about closing it."""

    answer = serializers.CharField(max_length=ANSWER_MAX)


class ConsultationAnswerGiven(TypedDict):
    """What ConsultationAnswerSerializer lets through."""

    answer: str
