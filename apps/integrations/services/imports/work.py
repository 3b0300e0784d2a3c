"""Reading what hangs on goals: tasks, and who is responsible, accountable, consulted or informed."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from apps.core.models import TEXT_MAX, TITLE_MAX
from apps.integrations.services.imports import vocabulary
from apps.integrations.services.imports.report import NAMELESS, Report
from apps.integrations.services.imports.rows import AssignmentRow, TaskRow
from apps.integrations.services.imports.values import LABEL_MAX, Values, clean, shown

KEY_SHOWN = 200
NOTE_MAX = 2_000
OWNER_TEXT_MAX, OWNERS_MAX = 1_000, 50
"""Beyond these a text is kept without a look at whether it says more than its keys."""
NO_WORDS = re.compile(r"\bteam\b|[\W_]+")


def read_tasks(goal_key: str, listed: list[Any], report: Report) -> Iterator[TaskRow]:
    """The rows of a goal's key_results_or_tasks. Each is known by goal, title, and which of that title it is."""
    met: Counter[str] = Counter()
    for place, row in enumerate(listed, 1):
        label = f"{goal_key[:KEY_SHOWN]} {NAMELESS}{place}"
        if isinstance(row, dict):
            task = _task(goal_key, Values("tasks", label, row, report), met)
            if task is not None:
                yield task
        elif row is not None:
            report.tell("tasks", label, "not_a_row", "", shown(row))


def _task(goal_key: str, values: Values, met: Counter[str]) -> TaskRow | None:
    title = values.line("title", TEXT_MAX)
    if title is None:
        values.tell("key_missing", "title")
        return None
    met[title] += 1
    owners, teams = values.references("owner_keys"), values.references("team_keys")
    row = TaskRow(
        key=digest("task", goal_key, title, str(met[title])), label=values.key, goal=goal_key, title=title,
        owners=owners, teams=teams,
    )  # fmt: skip
    row.labels = [label for label in (values.line("kind", LABEL_MAX), _status(values, row)) if label]
    _description(values, row)
    values.end()
    return row


def _status(values: Values, row: TaskRow) -> str | None:
    """Set what a word clearly means; any other is given back, to be a label."""
    stated = values.line("status", LABEL_MAX)
    if stated is None:
        return None
    row.status = vocabulary.task_status(stated)
    if row.status is not None:
        return None
    values.tell("status_unknown", "status", stated)
    return stated


def _description(values: Values, row: TaskRow) -> None:
    """The notes, and beneath them whose task it is in words, where the words say more than the keys do."""
    parts = [values.text("notes") or ""]
    if len(row.title) > TITLE_MAX:
        values.tell("title_long", "title", f"{len(row.title)} > {TITLE_MAX}")
        parts.insert(0, row.title)
        row.title = f"{row.title[: TITLE_MAX - 1]}…"
    owner_text = values.text("owner_text")
    if owner_text and _says_more(owner_text, [*row.owners, *row.teams]):
        parts.append(f"- owner_text: {' '.join(owner_text.split())}")
    row.description = values.fit("\n\n".join(part for part in parts if part), "notes", TEXT_MAX) or None


def _says_more(text: str, keys: list[str]) -> bool:
    """Whether a text holds any word that is none of the keys, nor “team”."""
    if len(text) > OWNER_TEXT_MAX or len(keys) > OWNERS_MAX:
        return True
    names = "|".join(re.escape(key.casefold()) for key in sorted(keys, key=len, reverse=True))
    rest = re.sub(rf"(?<!\w)(?:{names})(?!\w)", " ", text.casefold()) if names else text.casefold()
    return bool(NO_WORDS.sub("", rest))


class Assignments:
    """The rows of the list of assignments, which have no key: each is known by all that it says."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.place = 0
        self.label = ""

    def read(self, row: object) -> Iterator[AssignmentRow]:
        """One row: an assignment of the person, and one of the team where it names both."""
        self.place += 1
        self.label = _label(row, f"{NAMELESS}{self.place}")
        if not isinstance(row, dict):
            self.report.tell("assignments", self.label, "not_a_row", "", shown(row))
            return
        values = Values("assignments", self.label, row, self.report)
        goal, person, team = (values.reference(name) for name in ("goal_key", "person_key", "team_key"))
        subject = None if goal else values.line("subject", TEXT_MAX)
        role, note = _role(values), values.line("source_field", NOTE_MAX) or ""
        values.end()
        if role is None or not (goal or subject) or not (person or team):
            values.tell("assignment_incomplete", "" if role else "role")
            return
        for kind, party in (("person", person), ("team", team)):
            if party is not None:
                yield AssignmentRow(
                    key=digest("assignment", goal or "", subject or "", kind, party, role, note), label=self.label,
                    role=role, goal=goal, subject=subject, person=party if kind == "person" else None,
                    team=party if kind == "team" else None, note=note,
                )  # fmt: skip


def _label(row: object, place: str) -> str:
    """How the report calls a row: what it is about, and its place in the list."""
    about = (row.get("goal_key") or row.get("subject")) if isinstance(row, dict) else None
    words = " ".join(clean(about).split())[:KEY_SHOWN] if isinstance(about, str) else ""
    return f"{words} {place}".strip()


def _role(values: Values) -> str | None:
    stated = values.line("role")
    role = vocabulary.assignment_role(stated) if stated else None
    if stated and role is None:
        values.tell("role_unknown", "role", stated)
    return role


def digest(kind: str, *parts: str) -> str:
    """An external id made of what a row says."""
    return f"{kind}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"
