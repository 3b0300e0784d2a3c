"""A check-in: it starts from where the last one ended. And answering what one asks."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.choosing import ChooseOne, Chooser
from apps.core.models import TEXT_MAX
from apps.core.urls import reverse_in
from apps.core.write_conflicts import EditForm
from apps.goals.access import readers_of
from apps.goals.forms.keyresults import figure, trimmed
from apps.goals.models import CheckIn, Confidence, Goal, KeyResult, ProgressSource
from apps.goals.services import CheckInFields
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

STEP = 5  # per cent: a browser's slider stands on nothing between
SLIDER = {"type": "range", "min": 0, "max": 100, "step": STEP, "data-slider": ""}
CONFIDENCES = [
    (Confidence.ON_TRACK, _("On track")),
    (Confidence.AT_RISK, _("At risk")),
    (Confidence.OFF_TRACK, _("Off track")),
]


class CheckInForm(EditForm):
    """How it goes. A field `reading_<id>` for each key result, and `progress` only where nothing else says it."""

    confidence = forms.ChoiceField(
        label=_("How confident are you of reaching it?"),
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
        label=_("What do you need from others?"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    ask_to = ChooseOne(label=_("From whom?"), required=False, help_text=_("Somebody who can see this goal."))
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        goal: Goal,
        member: Member,
        key_results: list[KeyResult],
        takes_progress: bool,
        check_in: CheckIn | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, thing=check_in, reader=member, **kwargs)
        self.goal, self.key_results = goal, key_results
        url = reverse_in(member.workspace, "goals:goal_people", goal.pk)
        people = visible_members(member).filter(pk__in=readers_of(goal).values("pk"))
        self.fields["ask_to"].among(Chooser(people, "name", "email"), url=url)  # type: ignore[attr-defined]
        for each in key_results:
            self.fields[f"reading_{each.pk}"] = _reading_field(each)
        if takes_progress:
            self.fields["progress"] = forms.IntegerField(
                label=_("How far along is it, in per cent?"),
                required=False,
                min_value=0,
                max_value=100,
                widget=forms.NumberInput(
                    attrs={"type": "range", "min": 0, "max": 100, "step": STEP, "data-slider": ""}
                ),
            )

    @property
    def reading_rows(self) -> list[dict[str, object]]:
        """The key results with their fields, for the page."""
        return [{"key_result": each, "field": self[f"reading_{each.pk}"]} for each in self.key_results]

    def clean(self) -> dict[str, Any]:
        """An ask names somebody."""
        data = super().clean() or {}
        if data.get("ask") and not data.get("ask_to") and "ask_to" not in self.errors:
            self.add_error("ask_to", _("Say whom you are asking."))
        return data

    def service_fields(self) -> CheckInFields:
        """The cleaned fields as the service takes them."""
        names = {"confidence", "note", "blockers", "ask", "ask_to", "progress"}
        data = {name: value for name, value in self.cleaned_data.items() if name in names}
        if data.get("progress") is not None:
            data["progress"] /= 100
        return cast("CheckInFields", data)

    def readings(self) -> dict[UUID, Decimal] | None:
        """The readings as they are after this form, by key result; None where it leaves all of them as they are."""
        names = {each.pk: f"reading_{each.pk}" for each in self.key_results}
        if self.thing is not None and not self.cleaned_data.keys() & set(names.values()):
            return None
        found = {}
        for each in self.key_results:
            value = self.said(names[each.pk])
            if value is not None:
                found[each.pk] = Decimal(bool(value)) if each.is_milestone else value
        return found


def _reading_field(key_result: KeyResult) -> forms.Field:
    if key_result.is_milestone:
        return forms.BooleanField(label=key_result.title, required=False)
    return figure(key_result.title)


def start_from(goal: Goal, key_results: list[KeyResult]) -> dict[str, object]:
    """Where a new check-in starts: the readings, the confidence and what the last check-in said of the progress.

    Not a roll-up: who is asked for the progress although there is one may not read it.
    """
    said = goal.progress if goal.progress_source == ProgressSource.CHECK_IN else 0.0
    initial: dict[str, object] = {"confidence": goal.confidence, "progress": round(said * 100)}
    for each in key_results:
        now = each.current_value
        initial[f"reading_{each.pk}"] = bool(now) if each.is_milestone else trimmed(now)
    return initial


def initial_of(check_in: CheckIn, key_results: list[KeyResult]) -> dict[str, Any]:
    """What the form of a check-in there is starts from."""
    names = ("confidence", "note", "blockers", "ask", "ask_to")
    initial: dict[str, object] = {name: getattr(check_in, name) for name in names}
    initial["progress"] = None if check_in.progress is None else STEP * round(check_in.progress * 100 / STEP)
    values = dict(check_in.readings.values_list("key_result_id", "value"))
    for each in key_results:
        value = values.get(each.pk)
        is_tick = each.is_milestone and value is not None
        initial[f"reading_{each.pk}"] = bool(value) if is_tick else trimmed(value)
    return initial


class AskAnswerForm(forms.Form):
    """The answer to an ask."""

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write an answer first.")},
    )
