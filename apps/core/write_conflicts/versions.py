"""What a form said when it was opened, as short marks that travel with it, and what was done with it since.

A field is a set of items. One with a single value has one item, of no name; one that holds many (people with their
hours, labels) has one for each, so that two people who touch different ones do not meet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model

from apps.core.etag import version_of

MARK = 5  # bytes: of a billion changes one is taken for none
_LETTERS = 2 * MARK
_ONE, _MANY = ":", "*"

Marks = dict[str, str]
"""Item → the mark of what it says."""
Items = dict[str, tuple[str, object]]
"""Item → the mark of what it says, and itself."""


def plain(value: Any) -> Any:
    """What a value says, however it is written: as a row or as its id, as a number or as text, with any line ends.

    What says nothing (None, False, nothing chosen, only spaces) is the same nothing.
    """
    match value:
        case None | False:
            return ""
        case [list() as ids, ""]:  # as ChooseWidget reads it
            return plain(ids[0]) if len(ids) == 1 else [plain(each) for each in ids]
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return _text(value)


def _text(value: object) -> str:
    match value:
        case Model():
            return str(value.pk)
        case Decimal():
            return format(value.normalize(), "f") if value else "0"
        case date() | datetime() | time():
            return value.isoformat()
        case _:
            return str(value).replace("\r\n", "\n").strip()


def mark_of(value: object) -> str:
    """The mark of what a value says."""
    return version_of(plain(value), size=MARK)


def holds_many(field: forms.Field) -> bool:
    """Whether the field's value is a list of items, each of which is there once."""
    return isinstance(field, forms.MultipleChoiceField) or getattr(field, "holds_many", False)


def items_of(field: forms.Field, value: Any) -> Items:
    """The items of a value: each with its mark and itself. An item that is a pair goes by its first half."""
    if not holds_many(field):
        return {"": (mark_of(value), value)}
    found: Items = {}
    for item in value or []:
        name, said = item if isinstance(item, tuple) else (item, None)
        found[mark_of(name)] = (mark_of(said), item)
    return found


def marks_of(items: Items) -> Marks:
    """The marks of items alone."""
    return {name: mark for name, (mark, _item) in items.items()}


def write_version(fields: Mapping[str, tuple[bool, Marks]]) -> str:
    """The marks of a form's fields as one word for each: `title:…`, and `labels*…,…` where it holds many."""
    return " ".join(f"{name}{_write(many, marks)}" for name, (many, marks) in fields.items())


def _write(many: bool, marks: Marks) -> str:
    if not many:
        return _ONE + marks.get("", "")
    nothing = mark_of(None)
    return _MANY + ",".join(name if mark == nothing else f"{name}{mark}" for name, mark in marks.items())


def read_version(text: str) -> dict[str, Marks]:
    """The marks of each field, of what write_version wrote; of anything else nothing, so that it is asked about."""
    found: dict[str, Marks] = {}
    for word in text.split():
        if _ONE in word:
            name, _one, mark = word.partition(_ONE)
            found[name] = {"": mark}
        elif _MANY in word:
            name, _many, rest = word.partition(_MANY)
            nothing = mark_of(None)
            items = [item for item in rest.split(",") if item]
            found[name] = {item[:_LETTERS]: item[_LETTERS:] or nothing for item in items}
    return found


def is_touched(form: type[forms.Form], data: Mapping[str, object], name: str) -> bool:
    """Whether the person changed a field of one value in the form that was sent, as far as can be seen before it is
    read.
    """
    widget = form.base_fields[name].widget
    if widget.value_omitted_from_data(data, {}, name):
        return False
    opened = read_version(str(data.get("version", ""))).get(name, {})
    return opened.get("") != mark_of(widget.value_from_datadict(data, {}, name))


@dataclass(frozen=True)
class Comparison:
    """A field as it was opened, as it is now and as it was sent."""

    touched: frozenset[str]
    clashing: frozenset[str]

    @classmethod
    def of(cls, opened: Marks | None, theirs: Marks, mine: Marks) -> "Comparison":
        """Items that the person made to say something else than now; those of them that others changed, too.

        Where it is not known what was opened, everything that differs is both.
        """
        touched = {
            name
            for name in [*theirs, *mine]
            if mine.get(name) != theirs.get(name) and (opened is None or mine.get(name) != opened.get(name))
        }
        clashing = {name for name in touched if opened is None or theirs.get(name) != opened.get(name)}
        return cls(frozenset(touched), frozenset(clashing))


def merged(touched: Iterable[str], theirs: Items, mine: Items) -> list[object]:
    """What a field that holds many says after both: theirs, with the items the person touched as they want them."""
    taken = set(touched)
    kept = [mine[name] if name in taken else theirs[name] for name in theirs if name not in taken or name in mine]
    new = [mine[name] for name in mine if name not in theirs and name in taken]
    return [item for _mark, item in kept + new]
