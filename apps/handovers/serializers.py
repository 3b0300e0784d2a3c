"""The shape of absences with their covers, and of handovers, in the API."""

from collections.abc import Sequence
from typing import TypedDict, cast

from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.models import TEXT_MAX
from apps.core.serializers import ResourceSerializer, Shown, StrictSerializer
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.handovers.models import CameToNothing, HandoverKind, HandoverStatus
from apps.handovers.queries.resources import absence_columns, handover_columns
from apps.handovers.services.handovers import HandoverFields
from apps.responsibilities.access import visible_responsibilities
from apps.responsibilities.models import Responsibility
from apps.tasks.access import visible_tasks
from apps.tasks.models import Task
from apps.workspaces.access import visible_absences, visible_members
from apps.workspaces.models import Absence, Member
from apps.workspaces.services import AbsenceFields

REASON_MAX = 2_000
TASKS_MAX = 500
COVERS_MAX = 500


class WhatSerializer(StrictSerializer):
    """What is covered: a goal or a responsibility, the other being null."""

    goal = Reference(visible_goals, required=False, allow_null=True)
    responsibility = Reference(visible_responsibilities, required=False, allow_null=True)


class CoverSerializer(StrictSerializer):
    """Who covers one thing in an absence. `handover` is the row of `handovers/` that says more, and is answered."""

    what = WhatSerializer()
    cover = Reference(visible_members)
    status = serializers.ChoiceField(choices=HandoverStatus.choices, read_only=True)
    handover = serializers.UUIDField(read_only=True)


class AbsenceSerializer(ResourceSerializer):
    """Days on which a person is away. Nobody is told why."""

    member = Reference(visible_members, required=False, help_text="The caller where nobody is named.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    covers = CoverSerializer(
        many=True,
        source="seen_covers",
        required=False,
        help_text="Who is named here is asked; what is not named stays as it is. A PUT by external id with the same "
        "covers asks nobody again, also not who declined; a PATCH does.",
    )

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """The covers the caller sees."""
        return absence_columns(member)

    @classmethod
    def finish(cls, row: Shown, member: Member) -> None:
        """Each cover with what it covers."""
        row["covers"] = [
            {
                "what": {"goal": each["goal"], "responsibility": each["responsibility"]},
                "cover": each["cover"],
                "status": each["status"],
                "handover": each["handover"],
            }
            for each in cast("list[dict[str, object]]", row["covers"])
        ]


class WhatGiven(TypedDict, total=False):
    """What WhatSerializer lets through."""

    goal: Goal | None
    responsibility: Responsibility | None


class CoverGiven(TypedDict):
    """What CoverSerializer lets through."""

    what: WhatGiven
    cover: Member


class AbsenceGiven(AbsenceFields, total=False):
    """What AbsenceSerializer lets through."""

    member: Member
    seen_covers: Sequence[CoverGiven]


class HandoverSerializer(ResourceSerializer):
    """What one person passes to another on a responsibility or a goal: for good, or for the days of a cover."""

    html_fields = ("notes",)

    responsibility = Reference(visible_responsibilities, required=False, allow_null=True)
    goal = Reference(visible_goals, required=False, allow_null=True)
    from_member = Reference(visible_members, required=False, help_text="The caller where nobody is named.")
    to_member = Reference(visible_members)
    kind = serializers.ChoiceField(choices=HandoverKind.choices, required=False)
    absence = Reference(visible_absences, required=False, allow_null=True)
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False, allow_null=True)
    notes = serializers.CharField(max_length=TEXT_MAX, required=False, allow_blank=True)
    tasks = serializers.ListField(
        child=Reference(visible_tasks),
        source="seen_tasks",
        required=False,
        max_length=TASKS_MAX,
        help_text="The open tasks that go along; all of the giver there where nothing is said.",
    )
    status = serializers.ChoiceField(choices=HandoverStatus.choices, read_only=True)
    decline_reason = serializers.CharField(
        read_only=True, help_text="The receiver's own words; with a code those of the code, in the caller's language."
    )
    decline_code = serializers.ChoiceField(
        choices=CameToNothing.choices,
        read_only=True,
        allow_null=True,
        help_text="Why it came to nothing where the receiver did not decline it.",
    )
    proposed_by = Reference(visible_members, read_only=True)
    proposed_at = serializers.DateTimeField(read_only=True)
    answered_at = serializers.DateTimeField(read_only=True, allow_null=True)
    begun_at = serializers.DateTimeField(read_only=True, allow_null=True)
    done_at = serializers.DateTimeField(read_only=True, allow_null=True)

    @classmethod
    def annotations(cls, member: Member) -> dict[str, object]:
        """The tasks that go along."""
        return handover_columns(member)

    @classmethod
    def finish(cls, row: Shown, member: Member) -> None:
        """A code in words; null where there is none."""
        code = cast("str", row["decline_code"])
        row["decline_code"] = code or None
        if code:
            row["decline_reason"] = str(CameToNothing(code).label)


class HandoverGiven(HandoverFields, total=False):
    """What HandoverSerializer lets through."""

    goal: Goal | None
    responsibility: Responsibility | None
    from_member: Member
    to_member: Member
    kind: str
    absence: Absence | None
    seen_tasks: Sequence[Task]


class DeclineHandoverSerializer(StrictSerializer):
    """Why not."""

    reason = serializers.CharField(max_length=REASON_MAX)


class DeclineHandoverGiven(TypedDict):
    """What DeclineHandoverSerializer lets through."""

    reason: str
