"""The people of a goal and the hours a week they give it, as rows of a form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.formats import localize_input
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.choosing import TEXT_MAX, ChooseOne, ChooseWidget, label_of, too_many


def hours_text(hours: object) -> str:
    """Hours as they stand in their box: 6 for 6.0, in the reader's language."""
    if isinstance(hours, Decimal):
        hours = hours.quantize(Decimal(1)) if hours == hours.to_integral_value() else hours
        return str(localize_input(hours))
    return str(hours or "")


class ContributorsWidget(ChooseWidget):
    """Rows of a person and their hours a week."""

    template_name = "goals/goal_form_contributors.html"
    spare = 2
    row_url = ""

    def value_from_datadict(self, data: Mapping[str, object], files: object, name: str) -> object:
        """[(id, written name, hours)] in the order of the rows."""
        if not isinstance(data, MultiValueDict):
            return []
        columns = [data.getlist(each) for each in ("person", "person_text", "hours")]
        length = max((len(column) for column in columns), default=0)
        padded = [column + [""] * (length - len(column)) for column in columns]
        return [tuple(str(each) for each in row) for row in zip(*padded, strict=True)]

    def value_omitted_from_data(self, data: Mapping[str, object], files: object, name: str) -> bool:
        """Whether the form held no rows."""
        return "person" not in data and "person_text" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, object]:
        """A row for each person, and some to fill in."""
        context = forms.Widget.get_context(self, name, None, attrs)
        rows = [self._row(each) for each in (value or [])[:200]]
        rows = [row for row in rows if row["chosen"] or row["text"] or row["hours"]]
        rows += [{"chosen": None, "text": "", "hours": ""} for _n in range(self.spare)]
        offered = self.chooser.offered if self.chooser else []
        context["widget"] |= {
            "url": self.url,
            "row_url": self.row_url,
            "rows": rows,
            "others": [(str(row.pk), label_of(row)) for row in offered],
        }
        return context

    def _row(self, each: Any) -> dict[str, object]:
        if isinstance(each[0], str):
            pk, text, hours = each
            person = self.chooser.by_id(pk) if self.chooser and pk else None
        else:
            (person, hours), text = each, ""
        chosen = (str(person.pk), str(person)) if person else None
        return {"chosen": chosen, "text": text[:TEXT_MAX], "hours": hours_text(hours)}


class Contributors(ChooseOne):
    """People and the hours a week they give. A row without a person must be empty."""

    widget = ContributorsWidget
    holds_many = True
    most = 200

    def to_python(self, value: Any) -> object:
        """[(member, hours or None)]. Raises ValidationError that says in which row."""
        rows = value or []
        if len(rows) > self.most + 50:  # counted before any is looked for, since each costs queries
            raise too_many(self.most)
        found, errors = [], []
        for number, row in enumerate(rows, start=1):
            try:
                read = self._read(*row)
            except ValidationError as error:
                errors.append(_("Row %(number)s: %(text)s") % {"number": number, "text": " ".join(error.messages)})
            else:
                found += [read] if read else []
        if len(found) > self.most:
            errors += too_many(self.most).messages
        if errors:
            raise ValidationError(errors)
        return found

    def _read(self, pk: str, text: str, hours: str) -> Any:
        person = super().to_python(([pk] if pk else [], text))
        given = self.hours.clean(hours)
        if person is None:
            if given is not None:
                raise ValidationError(_("Whose hours are these?"))
            return None
        return person, given

    hours = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=168,
        max_digits=4,
        decimal_places=1,
        localize=True,
        error_messages={
            "invalid": gettext_lazy("Write the hours as a number."),
            "min_value": gettext_lazy("Hours a week must be between 0 and 168."),
            "max_value": gettext_lazy("Hours a week must be between 0 and 168."),
        },
    )
