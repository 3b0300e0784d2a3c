"""Filters, search and order of the API's lists: what is not declared is an error that names it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from apps.core.search import search_query

if TYPE_CHECKING:
    from apps.workspaces.models import Member

Read = TypeVar("Read")
Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")
COMMON = {"page_size", "cursor", "ordering", "render"}
TEXT_MAX = 1_000
NUMBER_DIGITS = 5


class Search(Protocol):
    """Keeps the rows that hold the words. Raises ValueError for words that no search can take."""

    def __call__(self, queryset: QuerySet[Row, Shown], text: str, /) -> QuerySet[Row, Shown]: ...


@dataclass(frozen=True)
class Filter:
    """One query parameter: how its text becomes a value, and which rows it keeps.

    Where the value is the id of a row that not everybody sees, `of` is the rule of who does.
    """

    parse: Callable[[str], object]
    keep: Callable[[Any], Q]
    schema: Mapping[str, object]
    help: str = ""
    of: Callable[["Member"], QuerySet[Model]] | None = None


@dataclass(frozen=True)
class FilterSet:
    """The parameters of one list: filters, the orders (`name` → column), whether it can be searched.

    An order by an annotation says in `types` how its values are read back from a cursor.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orderings: Mapping[str, str] = field(default_factory=lambda: {"created_at": "created_at"})
    default: str = "-created_at"
    search: Search | None = None
    types: Mapping[str, Callable[[str], object]] = field(default_factory=dict)

    def given(self, params: Mapping[str, str]) -> dict[str, object]:
        """The values of the given filters, by their names. Raises ValidationError naming each bad parameter."""
        known = COMMON | self.filters.keys() | ({"search"} if self.search else set())
        errors = {name: _("There is no such parameter here.") for name in params if name not in known}
        values: dict[str, object] = {}
        for name, each in self.filters.items():
            if name in params and name not in errors:
                try:
                    values[name] = each.parse(_clean(params[name]))
                except ValueError as error:
                    errors[name] = str(error) or _("This value does not fit.")
        if errors:
            raise ValidationError(errors)
        return values

    def keep(self, values: Mapping[str, object]) -> Q:
        """The rows that pass the filters with these values."""
        condition = Q()
        for name, value in values.items():
            condition &= self.filters[name].keep(value)
        return condition

    def names_hidden(self, values: Mapping[str, object], member: "Member") -> bool:
        """Whether a filter names what the member does not see: which rows refer to it is not for them either."""
        of = {name: each.of for name, each in self.filters.items() if each.of and values.get(name) is not None}
        return any(not visible(member).filter(pk=values[name]).exists() for name, visible in of.items())

    def searched(self, queryset: QuerySet[Row, Shown], params: Mapping[str, str]) -> QuerySet[Row, Shown]:
        """The rows that hold the words searched for, if any. Raises ValidationError."""
        text = params.get("search", "")
        if not (self.search and text):
            return queryset
        try:
            return self.search(queryset, _clean(text))
        except ValueError as error:
            raise ValidationError({"search": str(error)}) from error

    def apply(self, queryset: QuerySet[Row, Shown], params: Mapping[str, str]) -> QuerySet[Row, Shown]:
        """The rows that pass every given filter and hold the words. Raises ValidationError, naming bad parameters."""
        return self.searched(queryset.filter(self.keep(self.given(params))), params)

    def order(self, params: Mapping[str, str]) -> tuple[str, str]:
        """The columns to order by, ending in the id. Raises ValidationError for an order that is not declared."""
        wanted = params.get("ordering") or self.default
        name, descending = wanted.removeprefix("-"), wanted.startswith("-")
        if name not in self.orderings:
            choices = ", ".join(sorted(self.orderings))
            raise ValidationError({"ordering": _("You can sort by: %(choices)s.") % {"choices": choices}})
        sign = "-" if descending else ""
        return f"{sign}{self.orderings[name]}", f"{sign}id"


def _clean(text: str) -> str:
    if len(text) > TEXT_MAX or "\x00" in text:
        raise ValueError(_("This text cannot be searched for."))
    return text


def by_text(column: str, help_text: str = "") -> Filter:
    """Rows whose column is exactly the text."""
    return Filter(str, lambda value: Q(**{column: value}), {"type": "string"}, help_text)


def by_id(column: str, help_text: str = "", *, of: Callable[["Member"], QuerySet[Model]] | None = None) -> Filter:
    """Rows that refer to the id; "null" finds those that refer to nothing. `of` as in Filter."""
    return Filter(
        _id_or_null,
        lambda value: Q(**{f"{column}__isnull": True}) if value is None else Q(**{column: value}),
        {"type": "string", "description": 'An id, or "null" for rows without one.'},
        help_text,
        of,
    )


def by_choice(column: str, choices: list[str], help_text: str = "") -> Filter:
    """Rows whose column is one of the given words, separated by commas."""

    def parse(text: str) -> list[str]:
        words = [word.strip() for word in text.split(",")]
        if not set(words) <= set(choices):
            raise ValueError(_("Choose from: %(choices)s.") % {"choices": ", ".join(choices)})
        return words

    schema = {"type": "string", "description": f"One or more of {', '.join(choices)}, separated by commas."}
    return Filter(parse, lambda words: Q(**{f"{column}__in": words}), schema, help_text)


def by_number(column: str, low: int, high: int) -> Filter:
    """Rows whose column is the whole number."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS) or not low <= int(text) <= high:
            raise ValueError(_("Give a whole number from %(low)s to %(high)s.") % {"low": low, "high": high})
        return int(text)

    return Filter(parse, lambda value: Q(**{column: value}), {"type": "integer", "minimum": low, "maximum": high})


def by_flag(keep: Callable[[bool], Q], help_text: str = "") -> Filter:
    """Rows for which something is true or false."""

    def parse(text: str) -> bool:
        if text not in {"true", "false"}:
            raise ValueError(_("Say true or false."))
        return text == "true"

    return Filter(parse, keep, {"type": "boolean"}, help_text)


def by_date(lookup: str) -> Filter:
    """Rows whose date compares so, e.g. `due_on__lt`."""

    def parse(text: str) -> date:
        found = _read(parse_date, text)
        if found is None:
            raise ValueError(_("Give a date as YYYY-MM-DD."))
        return found

    return Filter(parse, lambda value: Q(**{lookup: value}), {"type": "string", "format": "date"})


def by_time(lookup: str) -> Filter:
    """Rows whose time compares so, e.g. `updated_at__gte`."""

    def parse(text: str) -> datetime:
        found = _read(parse_datetime, text.replace(" ", "+"))
        if found is None or timezone.is_naive(found):
            raise ValueError(_("Give a time as in RFC 3339, for example 2026-03-04T10:00:00Z."))
        try:
            return found.astimezone(UTC)
        except OverflowError as error:
            raise ValueError(_("This time is too far away.")) from error

    return Filter(parse, lambda value: Q(**{lookup: value}), {"type": "string", "format": "date-time"})


def _read(parse: Callable[[str], Read | None], text: str) -> Read | None:
    """What a text says; None where it says nothing, also for a day that no calendar has (2026-02-30)."""
    try:
        return parse(text)
    except ValueError:
        return None


def _id_or_null(text: str) -> UUID | None:
    if text == "null":
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise ValueError(_("Give an id.")) from error


def full_text(queryset: QuerySet[Row, Shown], text: str) -> QuerySet[Row, Shown]:
    """Search in a model's generated `search` column."""
    return queryset.filter(search=search_query(text))


def by_name(queryset: QuerySet[Row, Shown], text: str) -> QuerySet[Row, Shown]:
    """Search in names, in any case, by trigrams."""
    return queryset.filter(name__icontains=text)
