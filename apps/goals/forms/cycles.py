"""Cycles: their name and dates, and closing them."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.write_conflicts import EditForm
from apps.goals.models import Cycle


class CycleForm(EditForm):
    """The name and the dates of a cycle."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("As you say it in a meeting: “Autumn”, or “Q4 2026”.")
    )
    starts_on = forms.DateField(label=_("Starts on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("Ends on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class CycleCloseForm(forms.Form):
    """Which open goals go on, and into which cycle."""

    carry = forms.MultipleChoiceField(label=_("Goals to carry over"), required=False)
    carry_all = forms.BooleanField(label=_("Carry over every open goal that I can see"), required=False)
    into = forms.ChoiceField(label=_("Carry them into"), required=False)

    def __init__(
        self, data: Mapping[str, object] | None = None, *, goals: list[tuple[str, str]], cycles: list[Cycle]
    ) -> None:
        super().__init__(data)
        carry, into = (cast("forms.ChoiceField", self.fields[name]) for name in ("carry", "into"))
        carry.choices = goals
        carry.error_messages["invalid_choice"] = _(
            "Some of these goals are no longer open in this cycle. Please look again."
        )
        into.choices = [("", _("Choose a cycle")), *((str(cycle.pk), cycle.name) for cycle in cycles)]
        into.error_messages["invalid_choice"] = _("Goals can only be carried into another open cycle.")
