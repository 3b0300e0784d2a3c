"""Choosing one or several of very many: a list that the server answers with scripts, a written name without them.

Both stand in the page; `.no-script` hides the text box where scripts run. Only what the person may see can be named:
the fields are given querysets from access.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

OFFERED = 30
NAMED_MOST = 8
TEXT_MAX = 1_000


def as_uuid(text: object) -> UUID | None:
    """The id that a text is, else None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def label_of(row: Any) -> str:
    """How a row is called in lists: with the address where it is a person's, since names are not unique."""
    email = getattr(row, "email", "")
    return f"{row} ({email})" if email else str(row)


class Chooser:
    """The rows one may choose from, and the fields in which a written name is looked for, the name itself first."""

    def __init__(self, rows: QuerySet[Any], *fields: str) -> None:
        self.rows = rows
        self.fields = fields

    def by_id(self, pk: object) -> Model | None:
        """The row of an id; None for what is not there (for this person)."""
        uuid = as_uuid(pk)
        found: Model | None = self.rows.filter(pk=uuid).first() if uuid else None
        return found

    def by_text(self, text: str) -> Model:
        """The one row that is called so. Raises ValidationError that names the candidates where there are several."""
        exact = Q()
        for name in self.fields:
            exact |= Q(**{f"{name}__iexact": text})
        found = list(self.rows.filter(exact).order_by(*self.fields)[: NAMED_MOST + 1])
        if not found:
            partly = Q(**{f"{self.fields[0]}__icontains": text})
            found = list(self.rows.filter(partly).order_by(*self.fields)[: NAMED_MOST + 1])
            if not found:
                raise ValidationError(_("There is nothing called “%(text)s”.") % {"text": text[:100]})
        if len(found) > 1:
            names = ", ".join(label_of(each) for each in found[:NAMED_MOST])
            raise ValidationError(_("Choose one of %(names)s, and write it exactly.") % {"names": names})
        only: Model = found[0]
        return only

    @cached_property
    def offered(self) -> list[Any]:
        """The first few, for those without scripts; asked once for all fields that share the chooser."""
        return list(self.rows.order_by(*self.fields)[:OFFERED])


def read_text(text: str) -> str:
    """A written name, without an address in brackets behind it. Raises ValidationError for what no name is."""
    text = " ".join(text.split())
    if "\x00" in text or len(text) > TEXT_MAX:
        raise ValidationError(_("This is not a name."))
    if text.endswith(")") and "(" in text and "@" in text:
        return text[text.rindex("(") + 1 : -1].strip()
    return text


class ChooseWidget(forms.Widget):
    """A list that searches at `url`, and a text box beside it for those without scripts."""

    template_name = "components/_choose.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.url = ""
        self.several = False
        self.chooser: Chooser | None = None

    def value_from_datadict(self, data: Mapping[str, object], files: object, name: str) -> object:
        """([chosen ids], written text)."""
        text = str(data.get(f"{name}_text") or "")
        return all_of(data, name), text

    def value_omitted_from_data(self, data: Mapping[str, object], files: object, name: str) -> bool:
        """Whether the form did not hold it at all."""
        return name not in data and f"{name}_text" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, object]:
        """The chosen rows, then the first few others."""
        context = super().get_context(name, value, attrs)
        chosen, text = self._chosen(value)
        ids = {row.pk for row in chosen}
        offered = self.chooser.offered if self.chooser else []
        context["widget"] |= {
            "url": self.url,
            "several": self.several,
            "chosen": [(str(row.pk), str(row)) for row in chosen],
            "others": [(str(row.pk), label_of(row)) for row in offered if row.pk not in ids],
            "text": text,
        }
        return context

    def _chosen(self, value: Any) -> tuple[list[Any], str]:
        if isinstance(value, tuple):
            ids, text = value
            rows = [self.chooser.by_id(pk) for pk in ids[:200]] if self.chooser else []
            return [row for row in rows if row is not None], text[:TEXT_MAX]
        rows = value if isinstance(value, list) else [value]
        return [row for row in rows if isinstance(row, Model)], ""


def all_of(data: Mapping[str, object], name: str) -> list[str]:
    """Every value of a name in what was sent, without empty ones."""
    values = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])
    values = values if isinstance(values, list) else [values]
    return [str(value) for value in values if value not in ("", None)]


def too_many(most: int) -> ValidationError:
    """What is said where more than `most` rows are chosen."""
    return ValidationError(_("At most %(most)s.") % {"most": most})


class ChooseOne(forms.Field):
    """One row, or none. `among` sets what there is to choose from."""

    widget = ChooseWidget
    default_error_messages = {"gone": gettext_lazy("This can no longer be chosen.")}

    def among(self, chooser: Chooser, *, url: str) -> None:
        """What there is to choose from, and where the list searches."""
        self.chooser = chooser
        self.widget.chooser, self.widget.url = self.chooser, url

    def to_python(self, value: Any) -> object:
        """The row; None where nothing was chosen. Raises ValidationError."""
        ids, text = value or ([], "")
        if text.strip():
            return self.chooser.by_text(read_text(text))
        if not ids:
            return None
        row = self.chooser.by_id(ids[0])
        if row is None:
            raise ValidationError(self.error_messages["gone"], code="gone")
        return row

    def has_changed(self, initial: object, data: object) -> bool:
        """Not asked for: services compare."""
        return True


class ChooseSeveral(ChooseOne):
    """Rows, each once; written names are set apart by commas."""

    holds_many = True
    most = 50

    def among(self, chooser: Chooser, *, url: str) -> None:
        """As for one."""
        super().among(chooser, url=url)
        self.widget.several = True

    def to_python(self, value: Any) -> object:
        """The rows. Raises ValidationError."""
        ids, text = value or ([], "")
        written = [part for part in text.split(",") if part.strip()]
        if len(ids) + len(written) > self.most:
            raise too_many(self.most)
        found = [self.chooser.by_id(pk) for pk in ids]
        if None in found:
            raise ValidationError(self.error_messages["gone"], code="gone")
        found += [self.chooser.by_text(read_text(part)) for part in written]
        return list(dict.fromkeys(found))
