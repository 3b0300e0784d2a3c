"""What the forms of all apps share: errors of a service at their fields, days, weights, labels,
and text that PostgreSQL can store.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

SUNDAY = datetime(2023, 1, 1, tzinfo=UTC)
LEFT_OUT = _("“%(value)s” is not known here, so this filter is left out.")
SAVED_KEY = "draft_saved"
"""Where the session keeps the name of a draft that was saved, until the next page says so to the browser."""
IMPORTANCE = [
    (5, _("5 · everything depends on it")),
    (4, _("4 · matters a lot")),
    (3, _("3 · matters")),
    (2, _("2 · good to have")),
    (1, _("1 · nice to have")),
]
NOT_SAID = [("", _("not said"))]
LABEL_MAX = 100


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty one that was sent is still one that was sent."""
    return request.POST if request.method == "POST" else None


def grouped(words: Mapping[str, object], groups: Mapping[str, object]) -> list[tuple[object, list[tuple[str, object]]]]:
    """Choices by what stands before the colon or point of their names, each group under its heading."""
    found: dict[str, list[tuple[str, object]]] = {}
    for name, label in words.items():
        found.setdefault(re.split("[:.]", name)[0], []).append((name, label))
    return [(groups[family], choices) for family, choices in found.items()]


def date_field(**options: Any) -> forms.DateField:
    """A day, chosen from a calendar where the browser has one."""
    widget = forms.DateInput(attrs={"type": "date", "min": "1900-01-01", "max": "2200-12-31"}, format="%Y-%m-%d")
    return forms.DateField(required=False, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"], **options)


def scale(label: StrOrPromise, words: list[tuple[int, Any]]) -> forms.TypedChoiceField:
    """One to five, in words, or not said."""
    return forms.TypedChoiceField(
        label=label,
        choices=[*words, *NOT_SAID],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


class LabelsField(forms.CharField):
    """Words set apart by commas."""

    holds_many = True

    def prepare_value(self, value: object) -> object:
        """A list as one line."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The labels. Raises ValidationError."""
        text: str = super().to_python(value) or ""
        found = [part.strip() for part in text.split(",") if part.strip()]
        if any(len(each) > LABEL_MAX for each in found):
            raise forms.ValidationError(_("A label has at most 100 characters. Separate labels with commas."))
        return found

    def run_validators(self, value: Any) -> None:
        """The validators of text, on each label."""
        for each in value:
            super().run_validators(each)


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put what a service refused at the fields it names; what names none of this form's fields goes to its top."""
    for field, errors in _by_field(error).items():
        form.add_error(field if field in form.fields else None, errors)


def _by_field(error: ValidationError) -> dict[str, list[ValidationError]]:
    if hasattr(error, "error_dict"):
        return error.error_dict
    return {NON_FIELD_ERRORS: error.error_list}


def weekdays() -> list[tuple[int, str]]:
    """Monday (1) to Sunday (7), in the reader's language: the choices of a field."""
    return [(day, date_format(SUNDAY.replace(day=1 + day), "l")) for day in range(1, 8)]


class CleanTextMixin(forms.Form):
    """Sets every text field's limit from its model field; Django's CharField itself refuses NUL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and isinstance(field.widget, forms.Textarea):
                field.widget.attrs.setdefault("rows", 4)
