"""Keyset pagination, for pages and API: a page starts after the last row of the one before.

So the thousandth costs what the first does, and nothing is skipped or repeated while rows are inserted.

https://use-the-index-luke.com/no-offset explains why: OFFSET reads and throws away every row before the page.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _

Row = TypeVar("Row")
ModelRow = TypeVar("ModelRow", bound=Model)
PAGE_SIZE = 50
CURSOR_MAX = 8_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursors of the pages around them; an empty cursor where there is no such page."""

    rows: list[Row]
    previous: str
    next: str

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True)
class _Key:
    name: str
    descending: bool

    @property
    def sign(self) -> str:
        """The key as it is written in an order: -name for descending."""
        return f"{'-' if self.descending else ''}{self.name}"


@dataclass(frozen=True)
class KeysetPosition:
    """Where a page begins: behind a row with these values, or (backwards) ahead of it; without values, at an end."""

    backwards: bool = False
    values: list[object] | None = None


class Keyset:
    """An order of rows that ends in a unique key, and the pages along it.

    `Keyset("-due_on", "id")`. Nulls come last in both directions. Names are fields or annotations of the queryset; for
    an annotation say in `types` how its values are read back from a cursor, e.g. {"hits": int}.
    """

    def __init__(self, *order: str, types: Mapping[str, Callable[[str], object]] | None = None) -> None:
        self.keys = [_Key(name.removeprefix("-"), name.startswith("-")) for name in order]
        self.types = dict(types or {})

    def page(self, queryset: QuerySet[ModelRow, Row], *, cursor: str = "", size: int = PAGE_SIZE) -> Page[Row]:
        """The page at a cursor ("" is the first). Rows may be instances or the dictionaries of values().

        Raises ValidationError for a cursor that is none, or of another order.
        """
        place = self.place(queryset.model, cursor)
        return self.gathered(list(self.cut(queryset, place, size)), place, size)

    def place(self, model: type[Model], cursor: str) -> "KeysetPosition":
        """Where a cursor points among the model's rows. Raises ValidationError as `page` does."""
        return self._decode(model, cursor) if cursor else KeysetPosition()

    def cut(self, queryset: QuerySet[ModelRow, Row], place: "KeysetPosition", size: int) -> QuerySet[ModelRow, Row]:
        """The rows of the page at a place, and one more where there are more."""
        if place.values is not None:
            queryset = queryset.filter(self._after(queryset, place.values, place.backwards))
        return queryset.order_by(*(self._order(queryset, key, place.backwards) for key in self.keys))[: size + 1]

    def gathered(self, rows: list[Row], place: "KeysetPosition", size: int) -> Page[Row]:
        """The page that these rows make, which `cut` gave."""
        more, rows = len(rows) > size, rows[:size]
        if place.backwards:
            rows.reverse()
        has_previous, has_next = (more, True) if place.backwards else (place.values is not None, more)
        return Page(
            rows=rows,
            previous=self._encode(rows[0], backwards=True) if rows and has_previous else "",
            next=self._encode(rows[-1], backwards=False) if rows and has_next else "",
        )

    def _order(self, queryset: QuerySet[Model, object], key: _Key, backwards: bool) -> OrderBy:
        nulls: dict[str, bool] = {}
        if self._is_nullable(queryset.model, key):
            nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(key.name).desc(**nulls) if key.descending != backwards else F(key.name).asc(**nulls)

    def _is_nullable(self, model: type[Model], key: _Key) -> bool:
        """Whether nulls must be reckoned with; without, the plain order lets an index on the column be used."""
        if key.name in self.types:
            return True
        field = self._field(model, key)
        return bool(getattr(field, "null", False))

    def _field(self, model: type[Model], key: _Key) -> Any:
        meta = model._meta
        return meta.pk if key.name == "pk" else meta.get_field(key.name)

    def _after(self, queryset: QuerySet[Model, object], position: Sequence[object], backwards: bool) -> Q:
        """Rows behind the position: (a, b) > (x, y) is a > x, or a = x and b > y; null counts as the largest."""
        condition = Q(pk__in=[])
        for key, value in reversed(list(zip(self.keys, position, strict=True))):
            condition = self._beyond(queryset, key, value, backwards) | (self._same(key, value) & condition)
        key, value = self.keys[0], position[0]
        if value is None:
            return condition
        # The plain range, which the rest implies, lets the database start in the middle of an index.
        compare = "lte" if key.descending != backwards else "gte"
        start = Q(**{f"{key.name}__{compare}": value})
        if self._is_nullable(queryset.model, key) and not backwards:
            start |= Q(**{f"{key.name}__isnull": True})
        return start & condition

    def _beyond(self, queryset: QuerySet[Model, object], key: _Key, value: object, backwards: bool) -> Q:
        if value is None:
            return Q(**{f"{key.name}__isnull": False}) if backwards else Q(pk__in=[])
        compare = "lt" if key.descending != backwards else "gt"
        beyond = Q(**{f"{key.name}__{compare}": value})
        if backwards or not self._is_nullable(queryset.model, key):
            return beyond
        return beyond | Q(**{f"{key.name}__isnull": True})

    def _same(self, key: _Key, value: object) -> Q:
        return Q(**{f"{key.name}__isnull": True}) if value is None else Q(**{key.name: value})

    def _encode(self, row: object, *, backwards: bool) -> str:
        values = [_text(row[key.name] if isinstance(row, Mapping) else getattr(row, key.name)) for key in self.keys]
        content = [int(backwards), [key.sign for key in self.keys], values]
        return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")

    def _decode(self, model: type[Model], cursor: str) -> KeysetPosition:
        try:
            backwards, values = self._opened(cursor)
            position = [self._value(model, key, value) for key, value in zip(self.keys, values, strict=True)]
        except (ValueError, TypeError, RecursionError, ValidationError) as error:
            raise ValidationError({"cursor": _("This is not a page of this list.")}) from error
        return KeysetPosition(backwards, position)

    def _opened(self, cursor: str) -> tuple[bool, list[object]]:
        """Direction and values. Raises ValueError, TypeError, RecursionError for what no page of this list gave."""
        if len(cursor) > CURSOR_MAX:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        backwards, signs, values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if signs != [key.sign for key in self.keys] or not isinstance(values, list):
            raise ValueError
        return bool(backwards), values

    def _value(self, model: type[Model], key: _Key, value: object) -> object:
        if value is None:
            return None
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError
        value.encode()  # half of a surrogate pair is a UnicodeEncodeError, which is a ValueError
        if key.name in self.types:
            return self.types[key.name](value)
        return self._field(model, key).to_python(value)


def keyset_page(
    rows: QuerySet[ModelRow],
    params: Mapping[str, str],
    *,
    order: Sequence[str] = ("name", "pk"),
    descending: bool = False,
    size: int = PAGE_SIZE,
) -> Page[ModelRow]:
    """The page that `params` (usually request.GET) asks for with `after` or `before`; the first for what is unreadable.

    `order` names columns that together are unique, the last being the tie-break.
    """
    keyset = Keyset(*(f"-{name}" if descending else name for name in order))
    cursor = params.get("after") or params.get("before") or ""
    try:
        return keyset.page(rows, cursor=cursor, size=size)
    except ValidationError:
        return keyset.page(rows, size=size)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
