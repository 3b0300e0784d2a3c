"""Form fields: label, help and errors tied to their control."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.boundfield import BoundWidget
from django.utils.formats import localize
from django.utils.html import conditional_escape, escape, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.templatetags.core.registry import register
from apps.core.write_conflicts.versions import mark_of, write_version


@register.inclusion_tag("components/_field.html")
def field(
    bound: BoundField, label: object = None, hint: object = None, size: str = "", optional: bool = True
) -> dict[str, Any]:
    """`{% field form.title %}`: the control with its label, help and errors.

    `label` and `hint` say it in other words, `size` (short, half) narrows it, `optional=False` leaves “optional” away.
    """
    widget = bound.field.widget
    kind = (
        "group"
        if isinstance(widget, RadioSelect | CheckboxSelectMultiple)
        else "check"
        if isinstance(widget, CheckboxInput)
        else "line"
    )
    return {
        "field": bound,
        "label": bound.label if label is None else label,
        "hint": bound.help_text if hint is None else hint,
        "kind": kind,
        "groups": _groups(bound) if kind == "group" else [],
        "size": size,
        "optional": optional and not bound.field.required and kind != "check",
    }


def _groups(bound: BoundField) -> list[tuple[str, list[BoundWidget]]]:
    """The options under the headings of their choices; all under none where the choices have no groups."""
    headings: dict[str, str] = {}
    for name, choices in getattr(bound.field, "choices", ()):
        if isinstance(choices, list | tuple):
            headings |= {str(value): str(name) for value, _label in choices}
    options = groupby(bound.subwidgets, lambda option: headings.get(str(option.data["value"]), ""))
    return [(name, list(those)) for name, those in options]


@register.inclusion_tag("components/_error_summary.html")
def error_summary(form: BaseForm) -> dict[str, object]:
    """All errors of a sent form in one box that takes the focus; each leads to its field."""
    if not form.is_bound or not form.errors:
        return {"count": 0}
    found = [(bound, error) for bound in form if not bound.is_hidden for error in bound.errors]
    rows = [
        {"target": bound.id_for_label or bound.auto_id, "label": bound.label, "text": strip_tags(str(error))}
        for bound, error in found
    ]
    rest = [strip_tags(str(error)) for error in form.non_field_errors()]
    rest += [strip_tags(str(error)) for bound in form.hidden_fields() for error in bound.errors]
    count = len(rows) + len(rest)
    heading = ngettext("One thing needs another look", "%(count)d things need another look", count) % {"count": count}
    if count and count == len(getattr(form, "conflicts", ())):
        heading = _("Not saved yet: somebody changed the same while you were editing")
    return {"count": count, "heading": heading, "rows": rows, "rest": rest}


@register.simple_tag
def row_version(**values: object) -> str:
    """`{% row_version importance=row.importance urgency=row.urgency %}`: what a form of a list starts from, for the
    hidden field `version` of its EditForm.
    """
    return write_version({name: (False, {"": mark_of(value)}) for name, value in values.items()})


@register.simple_tag
def options(optgroups: Iterable[tuple[Any, list[dict[str, object]], int]]) -> SafeString:
    """`{% options widget.optgroups %}`: the options of a select, as Django's own templates write them."""
    parts: list[str] = []
    for name, those, _index in optgroups:
        lines = [_option(each) for each in those]
        parts += [f'<optgroup label="{conditional_escape(name)}">', *lines, "</optgroup>"] if name else lines
    return SafeString("".join(parts))


def _option(option: dict[str, Any]) -> str:
    attrs = "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{escape(value)}"'
        for name, value in option["attrs"].items()
        if value is not False
    )
    label = option["label"]
    shown = label if isinstance(label, str) else localize(label)
    return f'<option value="{escape(option["value"])}"{attrs}>{conditional_escape(shown)}</option>'
