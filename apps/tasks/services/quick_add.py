"""Making a task from one line: what the grammar read, with its names looked up among what the writer sees."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.goals.access import visible_goals
from apps.goals.models import OPEN_STATUSES, Goal
from apps.responsibilities import access
from apps.responsibilities.models import Responsibility
from apps.tasks.models import Task
from apps.tasks.services.fields import TaskFields
from apps.tasks.services.quick_add_grammar import Parsed, parse, quoted
from apps.tasks.services.tasks import create_task
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

ME = frozenset({"me", "ich", "mich", "mir"})
LOOKED_AT = 60
NAMED = 5

Thing = Goal | Responsibility


@dataclass(frozen=True)
class Understood:
    """A line as it was understood: what the task would be, which names meant nobody, and which meant several.

    Unknown names stand in the title; a name of several must be chosen before the task can be made. `choices` are those
    it could be, each as it would be written.
    """

    parsed: Parsed
    title: str
    assignee: Member | None
    thing: Thing | None
    unknown: tuple[str, ...] = field(default=())
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def understand(line: str, *, by: Member, at: datetime, thing: Thing | None = None) -> Understood:
    """Read a line for somebody; `thing` is what they stand on, and counts unless the line names another."""
    parsed = parse(line, by.today(at))
    found = Understood(parsed, parsed.title, None, thing)
    if parsed.assignee:
        people = _people(parsed.assignee, by)
        found = _with(found, "assignee", "@", parsed.assignee, people, lambda person: person.name)
    if parsed.place:
        things = _things(parsed.place, by)
        found = _with(found, "thing", ">", parsed.place, things, lambda each: each.title)
    return found


def quick_add(line: str, *, by: Member, at: datetime, thing: Thing | None = None, key: UUID | None = None) -> Task:
    """The task that the line says. Raises PermissionDenied, and ValidationError at `line` for what is not clear."""
    read = understand(line, by=by, at=at, thing=thing)
    if read.ambiguous:
        word, choices = read.ambiguous[0]
        names = ", ".join(choices)
        raise ValidationError({"line": _("“%(word)s” could be %(names)s.") % {"word": word, "names": names}})
    if not read.title:
        raise ValidationError({"line": _("Say what is to be done.")})
    if read.thing is None:
        raise ValidationError({"line": _("Say what it belongs to: choose it, or write > and a part of its title.")})
    try:
        return create_task(fields_of(read), by=by, at=at, key=key)
    except ValidationError as error:
        raise ValidationError({"line": error.messages}) from error


def fields_of(read: Understood) -> TaskFields:
    """What was understood as the service takes it."""
    parsed = read.parsed
    fields: TaskFields = {
        "title": read.title,
        "assignee": read.assignee,
        "importance": parsed.importance,
        "urgency": parsed.urgency,
        "due_on": parsed.due_on,
        "hours": parsed.hours,
        "labels": parsed.labels,
    }
    if isinstance(read.thing, Goal):
        fields["goal"] = read.thing
    else:
        fields["responsibility"] = read.thing
    return fields


def _with(
    found: Understood, name: str, sign: str, written: str, rows: Sequence[Any], label: Callable[[Any], str]
) -> Understood:
    """With the one row that a written name means; else the name in the title, or among what must be chosen."""
    word = quoted(sign, written)
    if len(rows) == 1:
        return replace(found, **{name: rows[0]})
    if not rows:
        title = f"{found.title} {word}".strip()
        return replace(found, title=title, unknown=(*found.unknown, word))
    choices = tuple(quoted(sign, label(row)) for row in rows[:NAMED])
    return replace(found, ambiguous=(*found.ambiguous, (word, choices)))


def _people(written: str, by: Member) -> list[Member]:
    """Who a name can mean: whose whole name it is, else who is called so, else whose names begin with its parts."""
    if written.casefold() in ME:
        return [by]
    parts = _parts(written)
    rows = visible_members(by).filter(deactivated_at=None)
    rows = rows.filter(_begins("name", parts))
    return _best(list(rows.order_by("name", "pk")[:LOOKED_AT]), parts, lambda person: person.name)


def _things(written: str, by: Member) -> list[Thing]:
    """Open goals and responsibilities with these words in their titles, of those the person sees."""
    parts = _parts(written)
    goals = visible_goals(by).filter(status__in=OPEN_STATUSES).filter(_begins("title", parts))
    found: list[Thing] = list(goals.select_related("team").order_by("title", "pk")[:LOOKED_AT])
    rows: QuerySet[Responsibility] = access.visible_responsibilities(by).filter(archived_at=None)
    found += list(rows.filter(_begins("title", parts)).select_related("team").order_by("title", "pk")[:LOOKED_AT])
    return _best(found, parts, lambda thing: thing.title)


def _parts(text: str) -> list[str]:
    """The words of a name: lea.berg is lea and berg."""
    return re.findall(r"\w+", text.casefold())[:8] or [text.casefold()]


def _begins(column: str, parts: Sequence[str]) -> Q:
    """Rows in which every part begins a word; what holds it is found by the index of trigrams."""
    condition = Q()
    for part in parts:
        condition &= Q(**{f"{column}__icontains": part, f"{column}__iregex": rf"\m{re.escape(part)}"})
    return condition


def _best(rows: Sequence[Any], parts: Sequence[str], label: Callable[[Any], str]) -> list[Any]:
    """Of rows that match, those that match best: the whole, then whole words, then beginnings of words."""
    whole = [row for row in rows if _parts(label(row)) == list(parts)]
    words = [row for row in rows if set(parts) <= set(_parts(label(row)))]
    return whole or words or list(rows)
