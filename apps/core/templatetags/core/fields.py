"""Form fields: label, help and errors tied to their control."""

from typing import Any

from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils.html import strip_tags
from django.utils.translation import ngettext

from apps.core.templatetags.core.registry import register


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
        "size": size,
        "optional": optional and not bound.field.required and kind != "check",
    }


@register.inclusion_tag("components/_error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
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
    return {"count": count, "heading": heading, "rows": rows, "rest": rest}
