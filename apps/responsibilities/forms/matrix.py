"""The filters of the matrix, read from the address. What is not understood is left out, and said."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.forms import LEFT_OUT
from apps.responsibilities.models import AssignmentRole
from apps.responsibilities.queries import Finding, MatrixFilterChoices, MatrixFilters

THINGS = (("responsibilities", _("Responsibilities")), ("goals", _("Goals")))
SHOWN = (("people", _("People")), ("roles", _("Roles")))
SEARCH_MAX = 200
EVERYBODY = "all"


class MatrixForm(forms.Form):
    """The choices of a reader; `chosen()` gives the valid ones, the others stand in `left_out`.

    Where no team is chosen, `choices.opening` is.
    """

    use_required_attribute = False

    q = forms.CharField(label=_("Search"), required=False, max_length=SEARCH_MAX)
    team = forms.ChoiceField(label=_("Team"), required=False)
    person = forms.ChoiceField(label=_("Held by"), required=False)
    finding = forms.ChoiceField(
        label=_("Finding"), required=False, choices=[("", _("any or none")), ("any", _("any")), *Finding.choices]
    )
    rows = forms.ChoiceField(label=_("Rows"), required=False, choices=THINGS)
    columns = forms.ChoiceField(label=_("Columns"), required=False, choices=SHOWN)
    archived = forms.BooleanField(label=_("Archived ones"), required=False)
    empty = forms.BooleanField(label=_("People who hold nothing, too"), required=False)

    def __init__(self, data: QueryDict, *, choices: MatrixFilterChoices, urls: dict[str, str]) -> None:
        self.opening = choices.opening or EVERYBODY
        given = data.copy()
        if not given.get("team"):
            given["team"] = self.opening
        super().__init__(given, auto_id="filter-%s")
        self._offer("team", [(EVERYBODY, _("Everybody")), ("none", _("No team")), *choices.teams])
        self._offer("person", [("", _("anyone")), ("me", _("Me")), *choices.people])
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = LEFT_OUT
        for name, url in urls.items():
            first = str(self.fields[name].choices[0][1])  # type: ignore[attr-defined]  # both are ChoiceFields
            attrs = {"data-combobox": "", "data-placeholder": first, "data-always": f"me none {EVERYBODY}"}
            self.fields[name].widget.attrs |= attrs | ({"data-url": url} if url else {})
        self.full_clean()

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def left_out(self) -> list[str]:
        """What was not understood, each as a sentence."""
        return [f"{self.fields[name].label}: {error}" for name, errors in self.errors.items() for error in errors]

    def value(self, name: str, default: str = "") -> str:
        """The valid value of one field, else the default."""
        return self.cleaned_data.get(name) or default

    @property
    def team_shown(self) -> str:
        """Whose things are shown: the id of a team, "none" or "all"."""
        return self.value("team", self.opening)

    def chosen(self, *, me: Any) -> MatrixFilters:
        """The filters; `me` is the reader's id."""
        person = self.value("person")
        return MatrixFilters(
            things=self.value("rows", "responsibilities"),
            team="" if self.team_shown == EVERYBODY else self.team_shown,
            person=str(me) if person == "me" else person,
            finding=self.value("finding"),
            q=self.value("q"),
            archived=bool(self.cleaned_data.get("archived")),
            with_empty=bool(self.cleaned_data.get("empty")),
        )

    def spoken(self, name: str) -> str:
        """A chosen value in words, for its chip."""
        field = self.fields[name]
        value = self.value(name)
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        return str(value)


class PartyForm(forms.Form):
    """Whose letters are meant: the id of a person or a team."""

    party = forms.UUIDField(required=False)


class LettersForm(forms.Form):
    """What a party is to be, and what it was when the form was shown, so that two people's changes both hold."""

    roles = forms.MultipleChoiceField(label=_("Role"), required=False, choices=AssignmentRole.choices)
    was = forms.MultipleChoiceField(required=False, choices=AssignmentRole.choices, widget=forms.MultipleHiddenInput)
