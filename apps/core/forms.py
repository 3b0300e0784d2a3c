"""What the forms of all apps share: errors of a service at their fields, and text that PostgreSQL can store."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put what a service refused at the fields it names; what names none of this form's fields goes to its top."""
    for field, errors in _by_field(error).items():
        form.add_error(field if field in form.fields else None, errors)


def _by_field(error: ValidationError) -> dict[str, list[ValidationError]]:
    if hasattr(error, "error_dict"):
        return error.error_dict
    return {NON_FIELD_ERRORS: error.error_list}


class CleanTextMixin(forms.Form):
    """Sets every text field's limit from its model field; Django's CharField itself refuses NUL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and isinstance(field.widget, forms.Textarea):
                field.widget.attrs.setdefault("rows", 4)
