"""Goals as a CSV table: the columns, and reading them into plain rows."""

import csv
import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from typing import TextIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.goals.models import Status
from apps.integrations.models import plain_cell
from apps.integrations.services.imports import vocabulary
from apps.integrations.services.imports.content import Content
from apps.integrations.services.imports.report import Report
from apps.integrations.services.imports.rows import GoalRow, Here, Row
from apps.integrations.services.imports.scan import marked_encoding
from apps.integrations.services.imports.values import LABEL_MAX, Values, clean, external_key
from apps.workspaces.services.bulk import batches

# Column → other names that it is known by, in small letters. The export writes the first; READ_ONLY ones are not read.
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": (),
    "external_id": ("key", "external id"),
    "title": ("goal", "objective", "name", "titel", "ziel"),
    "reason": ("why", "grund", "warum"),
    "description": ("details", "summary", "beschreibung"),
    "cycle": ("period", "quarter", "zyklus", "zeitraum"),
    "team": ("department",),
    "supporting_teams": ("supporting teams", "teams"),
    "owner": ("owner email", "responsible", "verantwortlich"),
    "parent": ("parent goal", "aligned to", "übergeordnet"),
    "parent_title": (),
    "status": ("state",),
    "lesson": ("learned", "gelernt"),
    "visibility": ("who may know",),
    "starts_on": ("start", "starts", "start date", "beginn"),
    "due_on": ("due", "due date", "deadline", "end date", "fällig"),
    "importance": ("wichtigkeit",),
    "urgency": ("dringlichkeit",),
    "labels": ("tags",),
    "url": ("link",),
    "progress": (),
    "confidence": (),
    "last_check_in_at": (),
    "updated_at": (),
}
READ_ONLY = ("parent_title", "progress", "confidence", "last_check_in_at")
ALIASES = {alias: name for name, aliases in COLUMNS.items() for alias in (name, name.replace("_", " "), *aliases)}
SEPARATORS = ",;\t"
COLUMNS_MAX = 200
AT_ONCE = 200
CONTROLS = frozenset(range(32)) - {9, 10, 11, 12, 13}


def read_table(content: Content, *, report: Report, here: Here) -> Iterator[list[Row]]:
    """The goals of a CSV file, some at a time. ValidationError where it is no text, no table, or has no titles.

    `here(kind, keys)` says which of these keys were met before the last rows that were given.
    """
    header, lines = _lines(_text(content, report))
    names = _columns(header, report)
    for batch in batches(lines, AT_ONCE):
        goals = [goal for number, cells in batch if (goal := _line(names, number, cells, report)) is not None]
        met = here("goals", {goal.key for goal in goals})
        rows: list[Row] = []
        for goal in goals:
            if goal.key in met:
                report.tell("goals", goal.key, "key_twice", "", goal.title or "")
                continue
            met.add(goal.key)
            rows.append(goal)
        yield rows


def _line(names: list[str], number: int, cells: list[str], report: Report) -> GoalRow | None:
    row = {name: plain_cell(cell) for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
    return _goal(Values("goals", str(_("line %(number)s")) % {"number": number}, row, report)) if row else None


def _text(content: Content, report: Report) -> TextIO:
    """UTF-8, what a mark says, UTF-16 by its zeros, else Windows-1252; a file that is no text at all is refused."""
    start = content.start()
    encoding = marked_encoding(start)
    if not encoding and start.count(0) > len(start) // 4:
        encoding = "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    is_text = content.wrong_byte(encoding or "utf-8") is None
    if not is_text and not encoding:
        report.tell("file", "", "encoding_assumed")
        encoding, is_text = "cp1252", True
    beginning = content.text(encoding or "utf-8", "replace").read(10_000) if is_text else ""
    if not beginning or any(ord(sign) in CONTROLS for sign in beginning):
        raise ValidationError(_("This is not a text file. Save the table as CSV, in UTF-8."))
    return content.text(encoding or "utf-8", "replace")


def _lines(text: TextIO) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header, and the other lines with their numbers. The separator is the one that the header holds most of."""
    first = next((line for line in text if line.strip("\r\n")), "")
    separator = max(SEPARATORS, key=first.lstrip().count)
    reader = csv.reader(chain([first], text), delimiter=separator)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        try:
            for cells in reader:
                yield reader.line_num, cells
        except csv.Error as error:
            raise ValidationError(
                _("Line %(line)s of the table cannot be read: %(reason)s.") % {"line": reader.line_num, "reason": error}
            ) from error

    lines = numbered()
    return next(lines, (0, []))[1], lines


def _columns(header: list[str], report: Report) -> list[str]:
    names: list[str] = []
    for cell in header[:COLUMNS_MAX]:
        word = " ".join(plain_cell(cell).casefold().split())
        name = ALIASES.get(word, ALIASES.get(word.replace("_", " "), ""))
        if word and not name:
            report.tell("file", "", "field_unknown", cell)
        if name and name in names:
            report.tell("file", "", "field_twice", name)
        names.append("" if name in names else name)
    if "title" not in names:
        raise ValidationError(
            _("The table needs a column named “title”. Its first line names: %(columns)s.")
            % {"columns": ", ".join(header[:20])[:200] or "-"}
        )
    return names


def _goal(values: Values) -> GoalRow | None:
    """One line. Without an id and a key a goal is known by its title and cycle."""
    title = values.line("title", TEXT_MAX)
    if title is None:
        values.tell("key_missing", "title")
        return None
    stated, cycle = values.reference("external_id"), values.line("cycle")
    pk = _uuid(values)
    digest = hashlib.sha256(f"{title.casefold()}\0{(cycle or '').casefold()}".encode()).hexdigest()
    key = str(pk) if pk else stated or external_key(f"csv:{digest}")
    values.key = key
    row = GoalRow(key=key, pk=pk, cycle=cycle, title=title if len(title) <= TITLE_MAX else f"{title[: TITLE_MAX - 1]}…")
    row.reason, row.description = values.text("reason"), values.text("description")
    row.lesson = values.text("lesson")
    if row.title != title:
        values.tell("title_long", "title", f"{len(title)} > {TITLE_MAX}")
        row.description = values.fit(f"{title}\n\n{row.description or ''}".strip(), "description", TEXT_MAX)
    row.owner, row.parent, row.url = values.text("owner"), values.text("parent"), values.link("url")
    row.team, row.supporting = values.line("team"), _several(values, "supporting_teams")
    row.labels = [values.fit(label, "labels", LABEL_MAX) for label in _several(values, "labels")]
    row.importance, row.urgency = _score(values, "importance"), _score(values, "urgency")
    row.starts_on, row.due_on = values.day("starts_on"), values.day("due_on")
    row.as_of = _as_of(values)
    _status(values, row)
    if not _visibility(values, row):
        return None
    for name in READ_ONLY:
        values.row.pop(name, None)
    values.end()
    return row


def _uuid(values: Values) -> UUID | None:
    stated = values.text("id")
    try:
        return UUID(stated) if stated else None
    except ValueError:
        values.tell("wrong_type", "id", stated or "")
        return None


def _several(values: Values, field: str) -> list[str]:
    """The lines of a cell; where it has only one, its parts between semicolons."""
    text = clean(values.take(field, str) or "")
    parts = text.split("\n") if "\n" in text else text.split(";")
    return list(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))


def _score(values: Values, field: str) -> int | None:
    stated = values.text(field)
    if stated is None:
        return None
    if stated in {"1", "2", "3", "4", "5"}:
        return int(stated)
    values.tell("bad_number", field, stated)
    return None


def _status(values: Values, row: GoalRow) -> None:
    stated = values.line("status", LABEL_MAX)
    status = vocabulary.goal_status(stated) if stated else None
    if stated and status is None:
        values.tell("status_unknown", "status", stated)
        row.labels.append(stated)
    row.status = Status(status) if status else None


def _visibility(values: Values, row: GoalRow) -> bool:
    """Set who may know. False where the word is not known: shown to all, the goal might say too much."""
    stated = values.line("visibility")
    if stated is None:
        return True
    row.visibility = vocabulary.VISIBILITY.get(vocabulary.plain_word(stated))
    if row.visibility is None:
        values.tell("visibility_unknown", "visibility", stated)
    return row.visibility is not None


def _as_of(values: Values) -> datetime | None:
    """When the exported line was true; whoever's spreadsheet changed its form gets the cautious answer: never."""
    stated = values.text("updated_at")
    try:
        moment = datetime.fromisoformat(stated) if stated else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.date() > date(1970, 1, 2) else None
