"""Reading a JSON file row by row: one row at a time is held as a tree of objects, so memory follows the file's size."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from json.decoder import JSONDecodeError
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_BLANK = re.compile(r"[ \t\n\r]*")
LISTS_MAX = 2_000_000
INTEGER_DIGITS = 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def marked_encoding(content: bytes) -> str:
    """The encoding that the file's first bytes name, else the empty text."""
    return next((name for mark, name in _MARKS if content.startswith(mark)), "")


def decode_json(content: bytes) -> str:
    """The file's text: UTF-8, or what a byte order mark says. ValidationError that says which byte is wrong."""
    try:
        return content.decode(marked_encoding(content) or "utf-8")
    except UnicodeDecodeError as error:
        raise ValidationError(
            _("The file is not UTF-8 text: byte %(place)s cannot be read. Save it as UTF-8.")
            % {"place": error.start + 1}
        ) from error


class Scanner:
    """Walks through `{"section": [row, row, …], …}`. `twice(names)` is told of fields that one object names twice."""

    def __init__(self, text: str, twice: Callable[[list[str]], None]) -> None:
        self.text, self.twice = text, twice
        self._duplicates: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=_integer, parse_constant=_refuse_constant
        )

    def rows(self) -> Iterator[tuple[str, Any]]:
        """(section, row) for each row of a list, (section, value) for what is no list.

        ValidationError with line and column where the text is not JSON, and where it is nested or filled beyond reason.
        """
        if self.text.count("[") + self.text.count("{") > LISTS_MAX:
            raise ValidationError(_("The file holds more than %(count)s lists and rows.") % {"count": LISTS_MAX})
        try:
            yield from self._sections()
        except JSONDecodeError as error:
            raise ValidationError(
                _("The file is not valid JSON: line %(line)s, column %(column)s: %(reason)s.")
                % {"line": error.lineno, "column": error.colno, "reason": error.msg}
            ) from error
        except RecursionError as error:
            raise ValidationError(_("The file is nested too deeply.")) from error

    def _sections(self) -> Iterator[tuple[str, Any]]:
        place = self._expect("{", 0)
        if self._at(place) == "}":
            self._end(place + 1)
            return
        while True:
            if self._at(place) != '"':
                raise JSONDecodeError("Expecting a name in double quotes", self.text, place)
            name, place = self._value(place)
            place = self._expect(":", self._skip(place))
            if self._at(place) == "[":
                place = yield from self._list(name, self._skip(place + 1))
            else:
                value, place = self._value(place)
                yield name, value
            place = self._skip(place)
            if self._at(place) == "}":
                self._end(place + 1)
                return
            place = self._expect(",", place)

    def _list(self, name: str, place: int) -> Generator[tuple[str, Any], None, int]:
        if self._at(place) == "]":
            return place + 1
        while True:
            row, place = self._value(place)
            yield name, row
            place = self._skip(place)
            if self._at(place) == "]":
                return place + 1
            place = self._expect(",", place)

    def _value(self, place: int) -> tuple[Any, int]:
        value, end = self._decoder.raw_decode(self.text, place)
        if self._duplicates:
            self.twice(self._duplicates)
            self._duplicates = []
        return value, end

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        row = dict(pairs)
        if len(row) < len(pairs):
            times = Counter(name for name, _value in pairs)
            self._duplicates += [name for name, count in times.items() if count > 1]
        return row

    def _skip(self, place: int) -> int:
        found = _BLANK.match(self.text, place)
        return found.end() if found else place

    def _at(self, place: int) -> str:
        return self.text[place : place + 1]

    def _expect(self, sign: str, place: int) -> int:
        place = self._skip(place)
        if self._at(place) != sign:
            raise JSONDecodeError(f"Expecting '{sign}'", self.text, place)
        return self._skip(place + 1)

    def _end(self, place: int) -> None:
        place = self._skip(place)
        if place < len(self.text):
            raise JSONDecodeError("Extra data", self.text, place)


def _integer(digits: str) -> int | float:
    """Whole numbers beyond any use become floats: Python refuses to read thousands of digits exactly."""
    return int(digits) if len(digits) <= INTEGER_DIGITS else float(digits)


def _refuse_constant(name: str) -> Any:
    raise ValidationError(_("The file is not valid JSON: %(name)s is no number there.") % {"name": name})
