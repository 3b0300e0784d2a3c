"""A key result: shape only."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.core.forms import date_field
from apps.core.models import TITLE_MAX
from apps.core.write_conflicts import EditForm
from apps.goals.models import KeyResult, KeyResultKind
from apps.goals.services import KeyResultFields

KINDS = [
    (KeyResultKind.NUMBER, _("A number")),
    (KeyResultKind.PERCENT, _("Per cent")),
    (KeyResultKind.MILESTONE, _("Done or not")),
]


def figure(label: StrOrPromise, **options: Any) -> forms.DecimalField:
    """A number as it is written in the reader's language."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, required=False, max_digits=20, decimal_places=4, localize=True, widget=widget, **options
    )


class KeyResultForm(EditForm):
    """How one knows. A milestone needs no figures."""

    title = forms.CharField(
        label=_("What do you measure?"),
        max_length=TITLE_MAX,
        help_text=_("For example: “Median wait for a first appointment”"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("It is"), choices=KINDS, widget=forms.RadioSelect, initial=KeyResultKind.NUMBER)
    start_value = figure(_("From"), help_text=_("Where it stands now."))
    target_value = figure(_("To"), help_text=_("Less than the start? Then falling counts as progress."))
    unit = forms.CharField(label=_("Unit"), required=False, max_length=40, help_text=_("days, calls, €"))
    weight = forms.DecimalField(
        label=_("Weight"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Twice the weight counts twice. If empty: 1."),
    )
    due_on = date_field(label=_("Due"), help_text=_("If empty: with the goal."))
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A figure needs both ends."""
        data = super().clean() or {}
        if data.get("kind") in {KeyResultKind.NUMBER, KeyResultKind.PERCENT}:
            for name in ("start_value", "target_value"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Write a number."))
        return data

    def service_fields(self) -> KeyResultFields:
        """The cleaned fields as the service takes them."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        if data.get("kind") == KeyResultKind.MILESTONE:
            data |= {"start_value": Decimal(0), "target_value": Decimal(1), "unit": ""}
        if "weight" in data:
            data["weight"] = data["weight"] or Decimal(1)
        return data  # type: ignore[return-value]  # a dict built by name


def initial_of(key_result: KeyResult) -> dict[str, Any]:
    """What the form starts from."""
    names = ("title", "kind", "unit", "due_on")
    initial = {name: getattr(key_result, name) for name in names}
    for name in ("start_value", "target_value", "weight"):
        initial[name] = trimmed(getattr(key_result, name))
    return initial


def trimmed(value: Decimal | None) -> Decimal | None:
    """The number without zeros at its end: 14 for 14.0000."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
