"""A check-in: it starts from where the last one ended. And answering what one asks."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser
from apps.core.models import TEXT_MAX
from apps.core.urls import reverse_in
from apps.goals.access import readers_of
from apps.goals.forms.keyresults import figure, trimmed
from apps.goals.models import CheckIn, Confidence, Goal, KeyResult, ProgressSource
from apps.goals.services import CheckInFields
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

CONFIDENCES = [
    (Confidence.ON_TRACK, _("On track")),
    (Confidence.AT_RISK, _("At risk")),
    (Confidence.OFF_TRACK, _("Off track")),
]


class CheckInForm(forms.Form):
    """How it goes. A field `reading_<id>` for each key result, and `progress` only where nothing else says it."""

    confidence = forms.ChoiceField(
        label=_("How sure are you of reaching it?"),
        choices=CONFIDENCES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how sure you are: on track, at risk or off track.")},
    )
    note = forms.CharField(
        label=_("What happened, and what comes next?"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    blockers = forms.CharField(
        label=_("What is in the way?"), required=False, max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )
    ask = forms.CharField(
        label=_("What do you ask for?"), required=False, max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )
    ask_to = ChooseOne(label=_("Of whom?"), required=False, help_text=_("Somebody who can see this goal."))
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, goal: Goal, member: Member, key_results: list[KeyResult], takes_progress: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.goal, self.key_results = goal, key_results
        url = reverse_in(member.workspace, "goals:goal_people", goal.pk)
        people = visible_members(member).filter(pk__in=readers_of(goal).values("pk"))
        self.fields["ask_to"].among(Chooser(people, "name", "email"), url=url)  # type: ignore[attr-defined]
        for each in key_results:
            self.fields[f"reading_{each.pk}"] = _reading_field(each)
        if takes_progress:
            self.fields["progress"] = forms.IntegerField(
                label=_("How far is it, in per cent?"),
                required=False,
                min_value=0,
                max_value=100,
                widget=forms.NumberInput(attrs={"type": "range", "min": 0, "max": 100, "step": 5, "data-slider": ""}),
            )

    @property
    def reading_rows(self) -> list[dict[str, Any]]:
        """The key results with their fields, for the page."""
        return [{"key_result": each, "field": self[f"reading_{each.pk}"]} for each in self.key_results]

    def clean(self) -> dict[str, Any]:
        """An ask names somebody."""
        data = super().clean() or {}
        if data.get("ask") and not data.get("ask_to") and "ask_to" not in self.errors:
            self.add_error("ask_to", _("Say whom you ask."))
        return data

    def service_fields(self) -> CheckInFields:
        """The cleaned fields as the service takes them."""
        data = self.cleaned_data
        fields: CheckInFields = {
            "confidence": data["confidence"],
            "note": data["note"],
            "blockers": data["blockers"],
            "ask": data["ask"],
            "ask_to": data["ask_to"],
        }
        if "progress" in self.fields:
            fields["progress"] = None if data["progress"] is None else data["progress"] / 100
        return fields

    def readings(self) -> dict[UUID, Decimal]:
        """The readings that were given, by key result."""
        found = {}
        for each in self.key_results:
            value = self.cleaned_data.get(f"reading_{each.pk}")
            if each.is_milestone:
                found[each.pk] = Decimal(1 if value else 0)
            elif value is not None:
                found[each.pk] = value
        return found


def _reading_field(key_result: KeyResult) -> forms.Field:
    if key_result.is_milestone:
        return forms.BooleanField(label=key_result.title, required=False)
    return figure(key_result.title)


def start_from(goal: Goal, key_results: list[KeyResult]) -> dict[str, Any]:
    """Where a new check-in starts: the readings, the confidence and what the last check-in said of the progress.

    Not a roll-up: who is asked for the progress although there is one may not read it.
    """
    said = goal.progress if goal.progress_source == ProgressSource.CHECK_IN else 0.0
    initial: dict[str, Any] = {"confidence": goal.confidence, "progress": round(said * 100)}
    for each in key_results:
        now = each.current_value
        initial[f"reading_{each.pk}"] = bool(now) if each.is_milestone else trimmed(now)
    return initial


def initial_of(check_in: CheckIn, key_results: list[KeyResult]) -> dict[str, Any]:
    """What the form of a check-in there is starts from."""
    names = ("confidence", "note", "blockers", "ask", "ask_to")
    initial: dict[str, Any] = {name: getattr(check_in, name) for name in names}
    initial["progress"] = None if check_in.progress is None else round(check_in.progress * 100)
    values = dict(check_in.readings.values_list("key_result_id", "value"))
    for each in key_results:
        value = values.get(each.pk)
        initial[f"reading_{each.pk}"] = bool(value) if each.is_milestone else trimmed(value)
    return initial


class AnswerForm(forms.Form):
    """The answer to an ask."""

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write an answer first.")},
    )
