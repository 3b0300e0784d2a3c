"""One week's hours, a line for each thing: shape only."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capacity.queries.capacity import HoursSubject
from apps.capacity.queries.hours import HoursLine, HoursSheet
from apps.core.write_conflicts import EditForm
from apps.workspaces.models import Member


class HoursForm(EditForm):
    """A field for each line of the sheet. It starts from what was reported, else from what was promised."""

    def __init__(self, *args: Any, sheet: HoursSheet, member: Member, **kwargs: Any) -> None:
        thing = member if sheet.was_reported else None
        super().__init__(*args, thing=thing, reader=member, **kwargs)
        self.sheet = sheet
        for line in sheet.lines:
            self.fields[line.key] = _field(line, start=_start(line, sheet))

    @property
    def rows(self) -> list[tuple[HoursLine, forms.BoundField]]:
        """Each line with its field."""
        return [(line, self[line.key]) for line in self.sheet.lines]

    def hours(self) -> dict[HoursSubject | None, Decimal | None]:
        """What the service is told."""
        return {line.thing: self.said(line.key) for line in self.sheet.lines}


def _start(line: HoursLine, sheet: HoursSheet) -> Decimal | None:
    return line.reported if sheet.was_reported else (line.planned or None)


def _field(line: HoursLine, *, start: Decimal | None) -> forms.DecimalField:
    return forms.DecimalField(
        label=line.words.title if line.words else _("Everything else"),
        required=False,
        min_value=0,
        max_value=168,
        max_digits=4,
        decimal_places=1,
        localize=True,
        initial=start,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 10, "autocomplete": "off", "size": 5}),
    )
