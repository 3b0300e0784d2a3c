"""Reading the values of one row: clean and within our limits, or told in the report and left empty."""

import hashlib
import re
import reprlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from apps.core.models import TEXT_MAX
from apps.integrations.services.imports.report import Report

NAME_MAX = 200
LABEL_MAX = 100
LINK_MAX = 2_000
KEY_KEPT = 200
LIST_MAX = 10_000
YEARS = range(1900, 2201)
LINK = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?\Z", re.IGNORECASE)
ADDRESS = re.compile(r"[^@\s<>\"(),;:\\]{1,64}@[^@\s<>\"(),;:\\.-][^@\s<>\"(),;:\\]*\.[^@\s<>\"(),;:\\.]{2,}\Z")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\Z", re.ASCII)


def clean(text: str) -> str:
    """The text as PostgreSQL can hold it: without NUL, and with U+FFFD for halves of characters."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def shown(value: object) -> str:
    """A short form of any value, however large or deep it is, for the report."""
    return clean(value if isinstance(value, str) else reprlib.repr(value))[:100]


def external_key(key: str) -> str:
    """The key as an external id of at most 255 characters: its beginning and a hash where it is longer."""
    return key if len(key) <= 255 else f"{key[:KEY_KEPT]}#{hashlib.sha256(key.encode()).hexdigest()[:40]}"  # noqa: PLR2004


def day_of(text: str) -> date | None:
    """The day that 2026-03-31 or 31.3.2026 names; None where there is no such day, or only part of one."""
    if found := ISO_DAY.match(text):
        year, month, day = found[1], found[2], found[3]
    elif found := DOTTED_DAY.match(text):
        day, month, year = found[1], found[2], found[3]
    else:
        return None
    try:
        return date(int(year), int(month), int(day)) if int(year) in YEARS else None
    except ValueError:
        return None


def moment_of(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment an ISO date and time names; noon of the workspace where only a day is named; None where neither is."""
    if day := day_of(text):
        return datetime.combine(day, time(12), zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


class Values:
    """One row of a kind. Every reader takes the field off, so that `rest` is what nobody read."""

    def __init__(self, kind: str, key: str, row: Mapping[str, Any], report: Report) -> None:
        self.kind, self.key, self.report = kind, key, report
        self.row = dict(row)

    def tell(self, reason: str, field: str = "", value: object = "") -> None:
        """Report on this row."""
        self.report.tell(self.kind, self.key, reason, clean(field), shown(value))

    def take(self, field: str, kinds: type | tuple[type, ...]) -> Any:
        """The value if it is of these kinds; None where it is missing or null, or told of as a wrong kind."""
        value = self.row.pop(field, None)
        if value is None:
            return None
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            self.tell("wrong_type", field, value)
            return None
        return value

    def text(self, field: str, limit: int = TEXT_MAX) -> str | None:
        """A text as it is written, without blanks around it; None for none."""
        value = self.take(field, str)
        if value is None:
            return None
        cleaned = clean(value)
        if cleaned != value:
            self.tell("bad_characters", field)
        return self.fit(cleaned.strip(), field, limit) or None

    def line(self, field: str, limit: int = NAME_MAX) -> str | None:
        """A text in one line."""
        value = self.text(field, TEXT_MAX)
        return self.fit(" ".join(value.split()), field, limit) or None if value else None

    def fit(self, text: str, field: str, limit: int) -> str:
        """The text within a limit, told of where it is cut."""
        if len(text) <= limit:
            return text
        self.tell("shortened", field, f"{len(text)} > {limit}")
        return f"{text[: limit - 1]}…"

    def reference(self, field: str) -> str | None:
        """A key of another row."""
        value = self.text(field)
        return external_key(value) if value else None

    def references(self, field: str) -> list[str]:
        """Keys of other rows, each once, in their order."""
        return [external_key(key) for key in self.texts(field)]

    def texts(self, field: str) -> list[str]:
        """A list of texts, each once, in their order; what is none is told of."""
        found: dict[str, None] = {}
        for value in (self.take(field, list) or [])[:LIST_MAX]:
            if isinstance(value, str) and clean(value).strip():
                found[clean(value).strip()] = None
            elif value not in (None, ""):
                self.tell("wrong_type", field, value)
        return list(found)

    def labels(self, field: str) -> list[str]:
        """Labels within their limit."""
        return list(dict.fromkeys(self.fit(" ".join(text.split()), field, LABEL_MAX) for text in self.texts(field)))

    def day(self, field: str) -> date | None:
        """A day that exists."""
        value = self.text(field)
        day = day_of(value) if value else None
        if value and day is None:
            self.tell("bad_date", field, value)
        return day

    def link(self, field: str) -> str | None:
        """An http link; any other scheme could run in a browser."""
        value = self.text(field)
        if value and (len(value) > LINK_MAX or not LINK.match(value)):
            self.tell("bad_link", field, value)
            return None
        return value

    def address(self, field: str) -> str | None:
        """An e-mail address."""
        value = self.text(field)
        if value and (len(value) > 254 or not ADDRESS.match(value)):  # noqa: PLR2004 - RFC 5321, 4.5.3.1.3
            self.tell("bad_address", field, value)
            return None
        return value.lower() if value else None

    def keep(self, *fields: str) -> dict[str, Any]:
        """Facts that have no place of their own, for the log: texts and lists of texts."""
        kept: dict[str, object] = {}
        for name in fields:
            value = self.texts(name) if isinstance(self.row.get(name), list) else self.text(name)
            if value:
                kept[name] = value
        return kept

    def end(self) -> None:
        """Tell of the fields that nobody read and that say something."""
        for name, value in self.row.items():
            if value not in (None, "", [], {}):
                self.tell("field_unknown", name, value)
