"""Which people to list with what they hold."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.forms import LEFT_OUT


class HolderFilterForm(forms.Form):
    """A text and a team. What is not understood is left out."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    team = forms.ChoiceField(label=_("Team"), required=False, error_messages={"invalid_choice": LEFT_OUT})

    def __init__(self, data: Mapping[str, object] | None, *, teams: list[tuple[str, str]], url: str) -> None:
        super().__init__(data, auto_id="filter-%s")
        field = self.fields["team"]
        field.choices = [("", _("all")), *teams]  # type: ignore[attr-defined]  # a ChoiceField
        field.widget.attrs |= {"data-combobox": "", "data-placeholder": str(_("all")), "data-url": url}

    def chosen(self) -> dict[str, str]:
        """The filters that were understood."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def spoken(self, name: str) -> str:
        """A chosen value in words."""
        value = self.cleaned_data[name]
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            return str(value)
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
