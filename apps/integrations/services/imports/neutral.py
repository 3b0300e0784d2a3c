"""The shape neutral-goals/1 (docs/users/import.md) as plain rows; whatever is wrong with a row is told, not raised."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.goals.models import OPEN_STATUSES, NoteFormat, Status
from apps.goals.services.bulk import CycleSpec
from apps.integrations.services.imports import vocabulary
from apps.integrations.services.imports.report import NAMELESS, Report
from apps.integrations.services.imports.rows import GoalRow, Here, PersonRow, Row, TeamRow, UpdateRow, same_key
from apps.integrations.services.imports.scan import Scanner
from apps.integrations.services.imports.values import (
    LABEL_MAX,
    NAME_MAX,
    Values,
    clean,
    external_key,
    moment_of,
    shown,
)
from apps.integrations.services.imports.work import Assignments, read_tasks
from apps.workspaces.services.bulk import MemberSpec, TeamSpec, batches

FORMAT = "neutral-goals/1"
SECTIONS = ("people", "teams", "cycles", "goals", "assignments")
ROWS_MAX = 2_000_000
AT_ONCE = 200
EXTRAS = ("owner_text", "tracking", "related", "unresolved")


def read_neutral(source: TextIO, *, zone: ZoneInfo, at: datetime, report: Report, here: Here) -> Iterator[list[Row]]:
    """The file's rows, some at a time. ValidationError where it is not JSON or not of this shape.

    What is wrong with a row is in the report. `here(kind, keys)` says which of these keys were met before the last
    rows that were given.
    """
    return _Reader(zone, at, report, here).read(source)


class _Reader:
    """One reading; `keys` are those that were met, by kind, as far as they matter for the rows in hand."""

    def __init__(self, zone: ZoneInfo, at: datetime, report: Report, here: Here) -> None:
        self.zone, self.at, self.report, self.here = zone, at, report, here
        self.rows: list[Row] = []
        self.keys: dict[str, set[str]] = {}
        self.twice: list[str] = []
        self.places: dict[str, int] = dict.fromkeys(SECTIONS, 0)
        self.assignments = Assignments(report)
        self.readers: dict[str, Callable[[Values], None]] = {
            "people": self._person, "teams": self._team, "cycles": self._cycle, "goals": self._goal,
        }  # fmt: skip

    def read(self, source: TextIO) -> Iterator[list[Row]]:
        """Walk through the sections; at least one must be of this shape."""
        known = False
        for batch in batches(self._scanned(source), AT_ONCE):
            self._meet(batch)
            for section, row, twice in batch:
                self.twice = twice
                known = known or section in SECTIONS
                if section == "meta":
                    known = self._meta(row) or known
                else:
                    self._take(section, row)
                self._tell_twice("file", "")
            rows, self.rows = self.rows, []
            yield rows
        if not known:
            raise ValidationError(
                _("This is JSON, but not of the shape %(format)s: it has none of people, teams, cycles and goals.")
                % {"format": FORMAT}
            )

    def _scanned(self, source: TextIO) -> Iterator[tuple[str, object, list[str]]]:
        """(section, row, fields that it names twice)."""
        twice: list[str] = []
        for section, row in Scanner(source, twice.extend).rows():
            yield section, row, list(twice)
            twice.clear()

    def _meet(self, batch: list[tuple[str, object, list[str]]]) -> None:
        """Ask once for all keys of a batch which of them were met before it."""
        stated: dict[str, set[str]] = {section: set() for section in self.readers}
        for section, row, _twice in batch:
            name = row.get("name" if section == "cycles" else "key") if isinstance(row, dict) else None
            if section in stated and isinstance(name, str):
                stated[section].add(same_key(section, _key_of(section, clean(name))))
        self.keys = {section: self.here(section, keys) for section, keys in stated.items()}

    def _take(self, section: str, row: object) -> None:
        if section == "assignments":
            self.rows += self.assignments.read(row)
            self._tell_twice("assignments", self.assignments.label)
        elif section in self.readers:
            self._row(section, row, self.readers[section])
        else:
            self.report.tell("file", "", "field_unknown", clean(section))

    def _meta(self, meta: object) -> bool:
        stated = meta.get("format") if isinstance(meta, dict) else None
        if stated is not None and stated != FORMAT:
            raise ValidationError(
                _("The file says that it is %(stated)s. This version reads %(format)s.")
                % {"stated": shown(stated), "format": FORMAT}
            )
        return stated == FORMAT

    def _tell_twice(self, kind: str, key: str) -> None:
        for name in self.twice:
            self.report.tell(kind, key, "field_twice", clean(name))
        self.twice.clear()

    def _row(self, kind: str, row: object, read: Callable[[Values], None]) -> None:
        """Read a row that is known by a key of its own; a second one of the same key is left out."""
        self.places[kind] += 1
        if self.places[kind] > ROWS_MAX:
            raise ValidationError(_("The file holds more than %(count)s rows of one kind.") % {"count": ROWS_MAX})
        place = f"{NAMELESS}{self.places[kind]}"
        if not isinstance(row, dict):
            self.report.tell(kind, place, "not_a_row", "", shown(row))
            self._tell_twice(kind, place)
            return
        name = "name" if kind == "cycles" else "key"
        values = Values(kind, place, row, self.report)
        stated = values.text(name)
        if stated is None:
            values.tell("key_missing", name)
            self._tell_twice(kind, place)
            return
        key = values.key = _key_of(kind, stated)
        if kind == "cycles":
            values.fit(" ".join(stated.split()), name, NAME_MAX)
        elif key != stated:
            values.tell("key_long", name)
        self._tell_twice(kind, key)
        met = same_key(kind, key)
        if met in self.keys[kind]:
            values.tell("key_twice", name, key)
            return
        self.keys[kind].add(met)
        read(values)
        values.end()

    def _person(self, values: Values) -> None:
        name = values.line("name")
        if name is None:
            values.tell("name_missing", "name")
        spec = MemberSpec(
            key=values.key,
            name=name,
            email=values.address("email"),
            title=values.line("title"),
            rest=values.keep("github"),
        )
        self.rows.append(PersonRow(spec, values.reference("manager_key")))

    def _team(self, values: Values) -> None:
        name = values.line("name")
        if name is None:
            values.tell("name_missing", "name")
        spec = TeamSpec(
            key=values.key,
            name=name,
            purpose=values.text("description"),
            archived=values.take("archived", bool),
            rest=values.keep("kind", "former_member_keys"),
        )
        leads, members = values.references("lead_keys"), values.references("member_keys")
        self.rows.append(TeamRow(spec, values.reference("parent"), leads, members))

    def _cycle(self, values: Values) -> None:
        starts_on, ends_on = values.day("start"), values.day("end")
        if starts_on and ends_on and ends_on < starts_on:
            values.tell("ends_before_start", "end", ends_on.isoformat())
            ends_on = None
        self.rows.append(CycleSpec(values.key, starts_on, ends_on, values.keep("dates_from")))

    def _goal(self, values: Values) -> None:
        title = values.line("title", TEXT_MAX)
        if title is None:
            values.tell("name_missing", "title")
        row = GoalRow(key=values.key, title=title or values.key)
        row.cycle, row.owner = values.line("cycle"), values.reference("owner_key")
        row.parent, teams = values.reference("parent_key"), values.references("team_keys")
        row.team, row.supporting = (teams[0] if teams else None), teams[1:]
        row.url, row.labels = values.link("url"), values.labels("labels")
        row.began_on = values.day("created")
        row.tasks = list(read_tasks(values.key, values.take("key_results_or_tasks", list) or [], self.report))
        row.updates = list(self._updates(values))
        said = _Said(values, row)
        said.stage()
        said.status()
        said.progress_hint()
        said.description()
        closed_on = row.updates[-1].made_at.astimezone(self.zone).date() if row.updates else None
        for task in row.tasks:
            task.closed_on = closed_on
        self.rows += [row, *row.updates, *row.tasks]

    def _updates(self, values: Values) -> Iterator[UpdateRow]:
        """The check-ins, in order of time. Their keys stay the same when the file grows: goal, day and reference."""
        found: list[UpdateRow] = []
        met: dict[tuple[str, str], int] = {}
        for place, update in enumerate(values.take("updates", list) or (), 1):
            label = f"{values.key} #{place}"
            if isinstance(update, dict):
                row = self._update(values.key, Values("check_ins", label, update, self.report), met)
                found += [row] if row else []
            elif update is not None:
                self.report.tell("check_ins", label, "not_a_row", "", shown(update))
        yield from sorted(found, key=lambda row: row.made_at)

    def _update(self, goal_key: str, values: Values, met: dict[tuple[str, str], int]) -> UpdateRow | None:
        stated = values.text("date")
        made_at = moment_of(stated, self.zone) if stated else None
        if made_at is None:
            values.tell("date_missing" if stated is None else "bad_date", "date", stated or "")
            return None
        if made_at.astimezone(self.zone).date() > self.at.astimezone(self.zone).date():
            values.tell("in_future", "date", stated or "")
            return None
        reference = values.text("ref") or values.text("source") or ""
        nth = met[stated or "", reference] = met.get((stated or "", reference), 0) + 1
        digest = hashlib.sha256("\0".join((goal_key, stated or "", reference, str(nth))).encode()).hexdigest()
        row = UpdateRow(
            key=f"update:{digest}",
            label=values.key,
            goal=goal_key,
            made_at=min(made_at, self.at),
            author=values.reference("author_key"),
            author_name=values.line("author_name") or "",
            note=values.text("text") or "",
            note_format=_note_format(values),
            progress=_share(values, "progress"),
            confidence=None,
            status=None,
        )
        self._update_status(values, row)
        values.row.pop("source", None)
        values.end()
        return row

    def _update_status(self, values: Values, row: UpdateRow) -> None:
        """A confidence is one; a status of the goal is kept for it, and stands in the note as it was written."""
        stated = values.text("status")
        if stated is None:
            return
        row.confidence = vocabulary.confidence(stated)
        if row.confidence is not None:
            return
        row.status = vocabulary.goal_status(stated)
        if row.status is None:
            values.tell("status_unknown", "status", stated)
        row.note = values.fit(_with_line(row.note, row.note_format, "status", stated), "text", TEXT_MAX)


def _key_of(kind: str, stated: str) -> str:
    """What a row is known by: its key, or the name of a cycle."""
    if kind != "cycles":
        return external_key(stated.strip())
    name = " ".join(stated.split())
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"


def _note_format(values: Values) -> str:
    stated = values.text("format")
    if stated is None or stated in NoteFormat.values:
        return stated or NoteFormat.MARKDOWN
    values.tell("format_unknown", "format", stated)
    return NoteFormat.MARKDOWN


def _share(values: Values, field: str) -> float | None:
    stated = values.text(field)
    share = vocabulary.share(stated) if stated else None
    if stated and share is None:
        values.tell("bad_progress", field, stated)
    return share


def _with_line(text: str, note_format: str, name: str, stated: str) -> str:
    """The text with a line "name: what was stated" beneath it, in the text's own format."""
    if note_format == NoteFormat.HTML:
        stated = stated.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"{text}<p>{name}: {stated}</p>"
    return f"{text}\n\n{name}: {stated}".strip()


class _Said:
    """What a goal's other fields come to: status, labels, description."""

    def __init__(self, values: Values, row: GoalRow) -> None:
        self.values, self.row = values, row
        self.lines: list[tuple[str, str]] = []

    def stage(self) -> None:
        """The stage is a label."""
        if stage := self.values.line("stage", LABEL_MAX):
            self._label(stage)

    def status(self) -> None:
        """The status the file states, else what the newest update says that speaks of one.

        A draft that people checked in on is active. A status without a clear meaning is kept as a label.
        """
        values, row = self.values, self.row
        stated = values.line("status", LABEL_MAX)
        status = vocabulary.goal_status(stated) if stated else None
        if stated and status is None:
            values.tell("status_unknown", "status", stated)
            self._label(stated)
        newest = next((update.status for update in reversed(row.updates) if update.status), None)
        if newest and (status is None or status in OPEN_STATUSES):
            status = Status(newest)
        if status == Status.DRAFT and row.updates:
            values.tell("no_draft_with_check_ins", "status", stated or "")
            status = Status.ACTIVE
        row.status = status
        if status and status not in OPEN_STATUSES and row.updates:
            row.closed_on = row.updates[-1].made_at.date()

    def progress_hint(self) -> None:
        """A clear share is the newest check-in's progress where that says none; else it is kept in the description."""
        stated = self.values.text("progress_hint")
        if stated is None:
            return
        share, newest = vocabulary.share(stated), self.row.updates[-1] if self.row.updates else None
        if share is None or newest is None:
            self.values.tell("bad_progress" if share is None else "no_check_in", "progress_hint", stated)
            self.lines.append(("progress_hint", stated))
        elif newest.progress is None:
            newest.progress = share

    def description(self) -> None:
        """The summary, and beneath it what the source says and we have no field for, under the source's own names."""
        values, row = self.values, self.row
        parts = [values.text("summary") or ""]
        if row.title and len(row.title) > TITLE_MAX:
            values.tell("title_long", "title", f"{len(row.title)} > {TITLE_MAX}")
            parts.insert(0, row.title)
            row.title = f"{row.title[: TITLE_MAX - 1]}…"
        for name in EXTRAS:
            texts = values.texts(name) if isinstance(values.row.get(name), list) else [values.text(name) or ""]
            self.lines += [(name, " ".join(text.split())) for text in texts if text]
        parts.append("\n".join(f"- {name}: {text}" for name, text in self.lines))
        row.description = values.fit("\n\n".join(part for part in parts if part), "summary", TEXT_MAX) or None

    def _label(self, label: str) -> None:
        if label not in self.row.labels:
            self.row.labels.append(label)
