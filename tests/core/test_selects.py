"""Our select is Django's own, only quicker."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.translation import gettext_lazy as _

CHOICES = [
    ("", _("any")),
    (1, "One <b> & “two”"),
    ("a'\"b", "it's"),
    ("Group <1>", [("x", "X"), (None, 1_000)]),
]


@pytest.mark.parametrize("value", ["", "1", "x", None, ["1", "x"]])
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple])
def test_select_is_written_as_django_writes_it(kind: type[forms.Select], value: object) -> None:
    attrs = {"data-url": "/a?b=1&c", "required": True, "hidden": False}
    widget = kind(attrs=attrs, choices=CHOICES)

    def plain(renderer: object) -> str:
        text = widget.render("name", value, renderer=renderer)  # type: ignore[arg-type]
        return re.sub(r">\s+<", "><", text).replace("\n", "").replace("  ", "").strip()

    assert plain(get_default_renderer()) == plain(DjangoTemplates())
