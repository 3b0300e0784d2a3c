"""What of the drifting goals to look at."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import LEFT_OUT
from apps.goals.queries import Drift, Scope


class AttentionForm(forms.Form):
    """Whose goals, in which team, drifting how. What is not understood is left out, and said."""

    scope = forms.ChoiceField(label=_("Whose"), required=False)
    kind = forms.ChoiceField(label=_("How"), required=False, choices=[("", _("any")), *Drift.choices])
    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, data: Mapping[str, object] | None, *, scopes: list[Scope], teams: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="attention-%s")
        scope, team = (cast("forms.ChoiceField", self.fields[name]) for name in ("scope", "team"))
        scope.choices = [(each.value, each.label) for each in scopes]
        team.choices = [("", _("all")), *teams]
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = LEFT_OUT
        self.full_clean()

    @property
    def left_out(self) -> list[str]:
        """What was not understood, each as a sentence."""
        return [f"{self.fields[name].label}: {error}" for name, errors in self.errors.items() for error in errors]

    def value(self, name: str) -> str:
        """The valid value of one field, else nothing."""
        return self.cleaned_data.get(name) or ""
