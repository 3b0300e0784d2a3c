"""The filters of the goals pages, read from the address. What is not understood is left out, and said."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.forms import LEFT_OUT
from apps.goals.models import Confidence, Status
from apps.goals.queries import ALL, ME, NONE, GoalFilterChoices, GoalFilters
from apps.goals.queries.lists import SORTS

VIEWS = (("tree", _("Tree")), ("table", _("Table")), ("timeline", _("Timeline")), ("map", _("Priority map")))
GROUPS = (("team", _("Team")), ("owner", _("Owner")), ("none", pgettext_lazy("grouping", "Nothing")))
STATUSES = (
    ("open", _("Open")),
    (Status.ACTIVE, pgettext_lazy("goal status", "Active")),
    (Status.DRAFT, _("Draft")),
    ("closed", _("Closed")),
    (Status.ACHIEVED, _("Achieved")),
    (Status.MISSED, _("Missed")),
    (Status.DROPPED, _("Dropped")),
    ("any", _("Open and closed")),
)
CONFIDENCES = (
    ("", _("any")),
    *Confidence.choices,
    (NONE, _("No check-in yet")),
    ("silent", _("Check-in overdue")),
)
IMPORTANCES = (
    ("", _("any")),
    ("5", _("5, the highest")),
    ("4", _("4 or more")),
    ("3", _("3 or more")),
    ("2", _("2 or more")),
    (NONE, _("not set")),
)
SEARCH_MAX = 200


class GoalFilterForm(forms.Form):
    """The choices of a reader. `chosen()` gives the valid ones; the others stand in `left_out`."""

    use_required_attribute = False

    q = forms.CharField(label=_("Search"), required=False, max_length=SEARCH_MAX)
    team = forms.ChoiceField(label=_("Team"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=STATUSES)
    confidence = forms.ChoiceField(label=_("Confidence"), required=False, choices=CONFIDENCES)
    label = forms.ChoiceField(label=_("Label"), required=False)
    importance = forms.ChoiceField(label=_("Importance"), required=False, choices=IMPORTANCES)
    due_before = forms.DateField(
        label=_("Due by"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    mine = forms.BooleanField(label=_("Only mine"), required=False)
    cycle = forms.ChoiceField(label=_("Cycle"), required=False)
    parent = forms.ChoiceField(label=_("Sub-goals of"), required=False)
    group = forms.ChoiceField(label=_("Group by"), required=False, choices=GROUPS)
    view = forms.ChoiceField(label=_("View"), required=False, choices=VIEWS)
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[(sign + name, name) for name in SORTS for sign in ("", "-")]
    )

    def __init__(
        self, data: Mapping[str, object] | None, *, choices: GoalFilterChoices, urls: dict[str, str] | None = None
    ) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.known = choices
        self._offer("team", [("", _("all")), (NONE, _("No team")), *choices.teams])
        self._offer("owner", [("", _("anyone")), (ME, _("Me")), (NONE, _("Nobody yet")), *choices.people])
        self._offer("label", [("", _("any")), *((label, label) for label in choices.labels)])
        self._offer("parent", [("", ""), *choices.parents])
        cycles = [(str(cycle.pk), cycle.name) for cycle in choices.cycles]
        self._offer("cycle", [*cycles, (ALL, _("All cycles")), (NONE, _("No cycle"))])
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = LEFT_OUT
        self.fields["due_before"].error_messages["invalid"] = _("This is not a date, so the filter is left out.")
        for name, url in (urls or {}).items():
            first = str(self.fields[name].choices[0][1])  # type: ignore[attr-defined]  # both are ChoiceFields
            attrs = {"data-combobox": "", "data-placeholder": first, "data-always": f"{ME} {NONE}"}
            self.fields[name].widget.attrs |= attrs | ({"data-url": url} if url else {})

    def _offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def left_out(self) -> list[str]:
        """What was not understood, each as a sentence."""
        return [f"{self.fields[name].label}: {error}" for name, errors in self.errors.items() for error in errors]

    def value(self, name: str, default: Any = "") -> Any:
        """The valid value of one field, else the default."""
        return self.cleaned_data.get(name) or default

    def chosen(self, *, cycle: str) -> GoalFilters:
        """The filters; `cycle` is meant where none (or none that exists) was chosen."""
        self.full_clean()
        return GoalFilters(
            cycle=self.value("cycle", cycle),
            team=self.value("team"),
            owner=self.value("owner"),
            status=self.value("status", "open"),
            confidence=self.value("confidence"),
            label=self.value("label"),
            importance=self.value("importance"),
            due_before=self.value("due_before", None),
            mine=bool(self.value("mine", False)),
            parent=self.value("parent"),
            q=self.value("q"),
        )

    def spoken(self, name: str) -> str:
        """A chosen value in words, for its chip."""
        value = self.value(name)
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        return str(value)
