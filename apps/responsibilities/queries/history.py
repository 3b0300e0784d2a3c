"""The log of a responsibility in plain words, and what the log of a goal says of who holds it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.activity.access import visible_events
from apps.activity.models import Event
from apps.activity.queries import changes_of, known_of, named_in, references_of
from apps.core.pagination import Page, keyset_page
from apps.core.templatetags.core.words import number
from apps.goals.queries.history import HISTORY_PAGE, FieldChange, HistoryLine, Names, look_up
from apps.responsibilities.models import AssignmentRole, Responsibility
from apps.workspaces.models import Member

SHORT = 160


def recent_history(responsibility: Responsibility, member: Member, *, most: int) -> list[HistoryLine]:
    """The newest lines of a responsibility that the member sees, at most `most`."""
    events = visible_events(member, subject_type="responsibility", subject_id=responsibility.pk)
    return _lines(list(events.order_by("-at", "-id")[:most]), member)


def history_page(responsibility: Responsibility, member: Member, params: Any) -> tuple[list[HistoryLine], Page[Event]]:
    """A page of it: the lines, and the page with its cursors."""
    events = visible_events(member, subject_type="responsibility", subject_id=responsibility.pk)
    page = keyset_page(events, params, order=("at", "pk"), descending=True, size=HISTORY_PAGE)
    return _lines(page.rows, member), page


def deeds(event: Event, names: Names) -> str:
    """What happened to an assignment, to stand behind a name; nothing for other events."""
    data = event.data
    role = str(AssignmentRole(data["role"]).label).lower() if data.get("role") in AssignmentRole.values else ""
    who = names.of(data.get("member") or data.get("team")) or _("somebody")
    words = {
        "responsibility.assigned": _assigned(data),
        "responsibility.withdrawn": _("removed %(who)s as %(role)s"),
        "responsibility.assignment_changed": _("changed what %(who)s is here"),
        "assignment.accepted": _("agreed to be %(role)s"),
        "assignment.declined": _("declined to be %(role)s"),
    }
    found = words.get(event.verb)
    return found % {"who": who, "role": role} if found else ""


def _assigned(data: Mapping[str, object]) -> str:
    if data.get("status") == "accepted":
        return _("made %(who)s %(role)s")
    return _("asked %(who)s to be %(role)s")


def _lines(events: list[Event], member: Member) -> list[HistoryLine]:
    names = _names(events, member)
    return [line for event in events if (line := _line(event, names)) is not None]


def _line(event: Event, names: Names) -> HistoryLine | None:
    """None for a change of which the reader may know nothing."""
    changes = _changes(event, names)
    if changes_of(event) and not changes:
        return None
    words = deeds(event, names) or _words(event)
    return HistoryLine(event.actor, event.at, words, quote=event.data.get("reason") or "", changes=changes)


def _words(event: Event) -> str:
    words = {
        "responsibility.created": _("wrote it down"),
        "responsibility.updated": _("changed it"),
        "responsibility.archived": _("archived it"),
        "responsibility.restored": _("restored it"),
        "responsibility.assignments_imported": _("imported who holds it"),
    }
    return words.get(event.verb, _("changed it"))


def _changes(event: Event, names: Names) -> list[FieldChange]:
    labels = {
        "title": _("Title"),
        "description": _("Description"),
        "team": _("Team"),
        "goal": _("Goal"),
        "review_on": _("Review"),
        "external_id": _("External id"),
        "role": _("Role"),
        "member": _("Person"),
        "hours_per_week": _("Hours a week"),
        "note": _("Note"),
    }
    references = references_of(event)
    found = []
    for name, pair in known_of(event, names.found).items():
        old, new = (names.of(side) if name in references else _shown(name, side) for side in pair)
        found.append(FieldChange(labels.get(name, name), old or _("nothing"), new or _("nothing")))
    return found


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name == "role":
        return str(AssignmentRole(value).label)
    if name == "review_on":
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    text = number(value) if isinstance(value, float) else str(value)
    return text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"


def _names(events: list[Event], member: Member) -> Names:
    wanted = named_in(events)
    for event in events:
        for name, kind in references_of(event).items():
            if event.data.get(name):
                wanted.setdefault(kind, set()).add(str(event.data[name]))
    return look_up(wanted, member)
