"""What a field says, in words, for somebody who has to choose between two of them."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.formats import date_format, localize_input, time_format
from django.utils.translation import gettext as _


def in_words(field: forms.Field, value: object) -> str:
    """The value as the reader would say it; nothing where it says nothing."""
    if isinstance(field, forms.BooleanField):
        return _("Yes") if value else _("No")
    labels = dict(_labels(getattr(field, "choices", ())))
    if isinstance(value, list | tuple):
        return ", ".join(_pair(each, labels) for each in value if each not in ("", None))
    return _one(value, labels)


def _pair(value: object, labels: dict[str, str]) -> str:
    if not isinstance(value, tuple):
        return _one(value, labels)
    words = [_one(each, labels) for each in value]
    return " ".join(f"({word})" if number else word for number, word in enumerate(words) if word)


def _one(value: object, labels: dict[str, str]) -> str:
    match value:
        case None:
            return labels.get("", "")
        case Model():
            return str(value)
        case time():
            return time_format(value)
        case date():
            return date_format(value)
        case Decimal():
            whole = value.to_integral_value()
            return str(localize_input(whole.quantize(Decimal(1)) if value == whole else value.normalize()))
        case _:
            return labels.get(str(value), str(value).strip())


def _labels(choices: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _labels(label)
        else:
            yield str(value), str(label)
