"""The shape of load and of reported hours in the API."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Required, TypedDict

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.capacity.queries.capacity import Fit, WeekLoad
from apps.capacity.queries.load import PersonLoad
from apps.capacity.services import ROWS_MOST
from apps.core.fields import Reference
from apps.core.serializers import ResourceSerializer, StrictSerializer
from apps.goals.access import visible_goals
from apps.goals.models import Goal
from apps.responsibilities.access import visible_responsibilities
from apps.responsibilities.models import Responsibility
from apps.workspaces.access import visible_members

FITS = [(fit.value, fit.value) for fit in Fit]


class Hours(serializers.DecimalField):
    """Hours, with one decimal."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=6, decimal_places=1, coerce_to_string=False, **kwargs)


class LoadPartSerializer(serializers.Serializer[object]):
    """The hours of a week on one goal or one responsibility."""

    goal = serializers.UUIDField(allow_null=True)
    responsibility = serializers.UUIDField(allow_null=True)
    instead_of = serializers.UUIDField(allow_null=True, help_text="Whose hours they are, where the person covers.")
    hours = Hours(min_value=0)


class WeekLoadSerializer(serializers.Serializer[object]):
    """One week: hours there are, hours promised, and how the two go together."""

    week = serializers.DateField(help_text="Its Monday.")
    capacity = Hours(min_value=0, help_text="Hours a week, less the working days away.")
    promised = Hours(min_value=0)
    fit = serializers.ChoiceField(choices=FITS)
    days_away = serializers.IntegerField(min_value=0, max_value=7)
    parts = LoadPartSerializer(many=True)


class LoadSerializer(serializers.Serializer[object]):
    """The weeks of one person, as far as the caller sees what they promised."""

    member = serializers.UUIDField()
    weeks = WeekLoadSerializer(many=True)


@extend_schema_serializer(many=False)
class LoadPageSerializer(serializers.Serializer[object]):
    """A page of people."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = LoadSerializer(many=True)


def load_row(row: PersonLoad) -> dict[str, object]:
    """One person as they go out."""
    return {"member": row.person.pk, "weeks": [_week(week) for week in row.weeks]}


def _week(week: WeekLoad) -> dict[str, object]:
    return {
        "week": week.monday,
        "capacity": week.capacity,
        "promised": week.promised,
        "fit": week.fit.value,
        "days_away": week.days_away,
        "parts": [
            {
                "goal": part.thing.pk if part.thing.kind == "goal" else None,
                "responsibility": part.thing.pk if part.thing.kind == "responsibility" else None,
                "instead_of": part.instead_of,
                "hours": part.hours,
            }
            for part in week.parts
        ],
    }


class ReportedHoursSerializer(ResourceSerializer):
    """Hours that a person reported for one goal, one responsibility or everything else in a week."""

    external_id = None  # type: ignore[assignment]
    member = Reference(visible_members, read_only=True)
    week = serializers.DateField(read_only=True, help_text="Its Monday.")
    goal = Reference(visible_goals, read_only=True, allow_null=True)
    responsibility = Reference(visible_responsibilities, read_only=True, allow_null=True)
    hours = Hours(min_value=0, max_value=168, read_only=True)


class HoursLineSerializer(StrictSerializer):
    """The hours of one goal or one responsibility in a week; without either they are everything else."""

    goal = Reference(visible_goals, required=False, allow_null=True)
    responsibility = Reference(visible_responsibilities, required=False, allow_null=True)
    hours = Hours(min_value=0, max_value=168, help_text="0 takes the line away.")


class HoursLineGiven(TypedDict, total=False):
    """What HoursLineSerializer lets through."""

    goal: Goal | None
    responsibility: Responsibility | None
    hours: Required[Decimal]


class WeekHoursSerializer(StrictSerializer):
    """What the caller reports of a week: each line that is named is set, the others stay."""

    rows: Any = HoursLineSerializer(many=True, max_length=ROWS_MOST)  # type: ignore[call-arg]  # the list takes it


class WeekHoursGiven(TypedDict):
    """What WeekHoursSerializer lets through."""

    rows: Sequence[HoursLineGiven]


class ReportedWeekSerializer(serializers.Serializer[object]):
    """All that the caller reported for a week."""

    week = serializers.DateField(help_text="Its Monday.")
    rows: Any = ReportedHoursSerializer(many=True)
