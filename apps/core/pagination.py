"""Keyset paging: a page starts after the last row of the one before, so that the thousandth page costs what the first one does.

https://use-the-index-luke.com/no-offset explains why: OFFSET reads and throws away every row before the page.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
CURSOR_MAX = 4_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursors of the pages around them; an empty cursor where there is no such page."""

    rows: list[Row]
    previous: str
    next: str

    def __bool__(self) -> bool:
        return bool(self.rows)


def keyset_page(
    rows: QuerySet[Row],
    params: Mapping[str, str],
    *,
    order: tuple[str, str] = ("name", "pk"),
    descending: bool = False,
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page that `params` (usually request.GET) asks for with `after` or `before`; the first one for anything unreadable.

    `order` names two columns that together are unique and never null, the second being the tie-break.
    """
    after, before = _read(rows.model, order, params.get("after")), _read(rows.model, order, params.get("before"))
    backwards = before is not None and after is None
    place = before if backwards else after
    down = descending != backwards
    if place is not None:
        rows = rows.filter(_beyond(order, place, down=down))
    found = list(rows.order_by(*(f"-{name}" if down else name for name in order))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_previous, has_next = (more, True) if backwards else (place is not None, more)
    return Page(
        rows=found,
        previous=_write(found[0], order) if found and has_previous else "",
        next=_write(found[-1], order) if found and has_next else "",
    )


def _beyond(order: tuple[str, str], place: Sequence[Any], *, down: bool) -> Q:
    """(first, second) > place, written so that an index on the first column is used for the range."""
    (first, second), step = order, "lt" if down else "gt"
    further = Q(**{f"{first}__{step}": place[0]}) | Q(**{f"{second}__{step}": place[1]})
    return Q(**{f"{first}__{step}e": place[0]}) & further


def _write(row: Model, order: tuple[str, str]) -> str:
    values = [_text(getattr(row, name)) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read(model: type[Model], order: tuple[str, str], cursor: str | None) -> list[Any] | None:
    if not cursor or len(cursor) > CURSOR_MAX:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(order) or any("\0" in value for value in values):
            return None
        return [_field(model, name).to_python(value) for name, value in zip(order, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, ValidationError):
        return None


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)
