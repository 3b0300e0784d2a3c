"""What the forms of all apps share: errors of a service at their fields, text that PostgreSQL can store, weekdays."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.formats import date_format

SUNDAY = datetime(2023, 1, 1, tzinfo=UTC)


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
