"""Choosing rows among many: the page offers some, the combobox asks for others, and the server takes any that is
visible.
"""

from collections.abc import Collection, Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.core.urls import reverse_in
from apps.workspaces import access
from apps.workspaces.models import Member, Team

OFFERED = 200
UNKNOWN = _("Choose one that is in the list.")


def text(label: StrOrPromise, *, most: int = 200, **options: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(label=label, max_length=most, **options)


def area(label: StrOrPromise, *, most: int = 50_000, rows: int = 4, **options: Any) -> forms.CharField:
    """Several lines of text."""
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **options)


def choice(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """A field of the form that is a choice."""
    return cast("forms.ChoiceField", form.fields[name])


def pick_member(field: forms.ChoiceField, viewer: Member, *, chosen: Iterable[object] = (), none: object = "") -> None:
    """Let the field choose among the active people the viewer sees."""
    rows = access.visible_members(viewer).filter(deactivated_at=None).order_by("name", "pk")
    _offer(field, rows, reverse_in(viewer.workspace, "workspaces:member_options"), chosen, none)


def pick_team(
    field: forms.ChoiceField,
    viewer: Member,
    *,
    teams: QuerySet[Team] | None = None,
    chosen: Iterable[object] = (),
    none: object = "",
) -> None:
    """Let the field choose among the open teams the viewer sees, or among `teams` of them, which are then all
    offered.
    """
    if teams is None:
        rows = access.visible_teams(viewer).filter(archived_at=None).order_by("name", "pk")
        _offer(field, rows, reverse_in(viewer.workspace, "workspaces:team_options"), chosen, none)
    else:
        _offer(field, teams.filter(archived_at=None).order_by("name", "pk"), "", chosen, none)


def _offer(field: forms.ChoiceField, rows: QuerySet[Any], url: str, chosen: Iterable[Any], none: Any) -> None:
    found = list(rows[:OFFERED])
    missing = ids_of(chosen) - {row.pk for row in found}
    if missing:
        found += rows.filter(pk__in=missing)
    rest = [(str(row.pk), str(row)) for row in found]
    field.choices = [("", none), *rest] if none is not None else rest
    field.widget.attrs |= {"data-combobox": "", **({"data-url": url} if url and len(found) >= OFFERED else {})}
    field.error_messages["invalid_choice"] = UNKNOWN
    if none:
        field.widget.attrs["data-placeholder"] = none


def options(field: forms.ChoiceField, *, without: Collection[str] = ()) -> list[tuple[str, str]]:
    """The field's choices as they are now, but some."""
    found = cast("Iterable[tuple[object, object]]", field.choices)
    return [(str(value), str(label)) for value, label in found if str(value) not in without]


def ids_of(values: Iterable[object]) -> set[UUID]:
    """Those of the values that are ids."""
    found = set()
    for value in values:
        try:
            found.add(value if isinstance(value, UUID) else UUID(str(value)))
        except ValueError:
            continue
    return found


def row_of(rows: QuerySet[Any], value: Any) -> Any:
    """The row of that id among visible ones; None for an empty value. ValidationError for anything else."""
    if value in (None, ""):
        return None
    for pk in ids_of([value]):
        row: Model | None = rows.filter(Q(pk=pk)).first()
        if row is not None:
            return row
    raise forms.ValidationError(UNKNOWN)


def sent(data: Any, name: str) -> list[Any]:
    """What was sent for a field, as a list."""
    if data is None:
        return []
    return list(data.getlist(name)) if hasattr(data, "getlist") else [data.get(name, "")]
