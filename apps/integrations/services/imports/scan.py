"""Reading a JSON file row by row. A piece of the text and one row are in memory at a time, however long the file is."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from json.decoder import JSONDecodeError
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.integrations.services.imports.content import Content

_BLANK = re.compile(r"[ \t\n\r]*")
LISTS_MAX = 2_000_000
INTEGER_DIGITS = 20
PIECE = 256 * 1024
MARGIN = 32
"""What ends this near to the end of a piece may have been cut: a number, a word, an escaped sign."""
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


def json_text(content: Content) -> TextIO:
    """The file's text: UTF-8, or what a byte order mark says.

    ValidationError that says which byte is wrong, or that it holds more lists and rows than anybody would import.
    """
    encoding = marked_encoding(content.start()) or "utf-8"
    place = content.wrong_byte(encoding)
    if place is not None:
        raise ValidationError(
            _("The file is not UTF-8 text: byte %(place)s cannot be read. Save it as UTF-8.") % {"place": place + 1}
        )
    pieces = iter(partial(content.text(encoding).read, PIECE), "")
    if sum(piece.count("[") + piece.count("{") for piece in pieces) > LISTS_MAX:
        raise ValidationError(_("The file holds more than %(count)s lists and rows.") % {"count": LISTS_MAX})
    return content.text(encoding)


class Scanner:
    """Walks through `{"section": [row, row, …], …}`. `twice(names)` is told of fields that one object names twice."""

    def __init__(self, source: TextIO, twice: Callable[[list[str]], None]) -> None:
        self.source, self.twice = source, twice
        self.text, self.place = "", 0
        self._ended = False
        self._line, self._column = 0, 0
        self._duplicates: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=_integer, parse_constant=_refuse_constant
        )

    def rows(self) -> Iterator[tuple[str, Any]]:
        """(section, row) for each row of a list, (section, value) for what is no list.

        ValidationError with line and column where the text is not JSON, and where it is nested beyond reason.
        """
        try:
            yield from self._sections()
        except JSONDecodeError as error:
            line, column = error.lineno + self._line, error.colno + (self._column if error.lineno == 1 else 0)
            raise ValidationError(
                _("The file is not valid JSON: line %(line)s, column %(column)s: %(reason)s.")
                % {"line": line, "column": column, "reason": error.msg}
            ) from error
        except RecursionError as error:
            raise ValidationError(_("The file is nested too deeply.")) from error

    def _sections(self) -> Iterator[tuple[str, Any]]:
        self._expect("{")
        if self._at() == "}":
            self._end()
            return
        while True:
            if self._at() != '"':
                raise JSONDecodeError("Expecting a name in double quotes", self.text, self.place)
            name = self._value()
            self._expect(":")
            if self._at() == "[":
                yield from self._list(name)
            else:
                yield name, self._value()
            if self._at() == "}":
                self._end()
                return
            self._expect(",")

    def _list(self, name: str) -> Iterator[tuple[str, Any]]:
        self._expect("[")
        while self._at() != "]":
            yield name, self._value()
            if self._at() != "]":
                self._expect(",")
                if self._at() == "]":
                    raise JSONDecodeError("Expecting value", self.text, self.place)
        self._expect("]")

    def _value(self) -> Any:
        """The value that begins here. One that may go on beyond the piece of text we have is read anew with more."""
        size = PIECE
        while True:
            self._duplicates = []
            try:
                value, end = self._decoder.raw_decode(self.text, self.place)
            except JSONDecodeError as error:
                cut_off = error.msg.startswith("Unterminated") or error.pos >= len(self.text) - MARGIN
                if not cut_off or not self._more(size):
                    raise
            else:
                if end < len(self.text) - MARGIN or not self._more(size):
                    break
            size *= 2
        self.place = end
        if self._duplicates:
            self.twice(self._duplicates)
        return value

    def _more(self, size: int = PIECE) -> bool:
        """Drop the text that was read, keeping count of its lines, and take the next piece; False at the end."""
        piece = "" if self._ended else self.source.read(size)
        if not piece:
            self._ended = True
            return False
        read = self.text[: self.place]
        lines = read.count("\n")
        self._line += lines
        self._column = len(read) - read.rfind("\n") - 1 if lines else self._column + len(read)
        self.text, self.place = self.text[self.place :] + piece, 0
        return True

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        row = dict(pairs)
        if len(row) < len(pairs):
            times = Counter(name for name, _value in pairs)
            self._duplicates += [name for name, count in times.items() if count > 1]
        return row

    def _at(self) -> str:
        """The next sign that is no blank; nothing at the end."""
        while True:
            found = _BLANK.match(self.text, self.place)
            self.place = found.end() if found else self.place
            if self.place < len(self.text) or not self._more():
                return self.text[self.place : self.place + 1]

    def _expect(self, sign: str) -> None:
        if self._at() != sign:
            raise JSONDecodeError(f"Expecting '{sign}'", self.text, self.place)
        self.place += 1

    def _end(self) -> None:
        self._expect("}")
        if self._at():
            raise JSONDecodeError("Extra data", self.text, self.place)


def _integer(digits: str) -> int | float:
    """Whole numbers beyond any use become floats: Python refuses to read thousands of digits exactly."""
    return int(digits) if len(digits) <= INTEGER_DIGITS else float(digits)


def _refuse_constant(name: str) -> object:
    raise ValidationError(_("The file is not valid JSON: %(name)s is no number there.") % {"name": name})
