"""The log of a responsibility in plain words, and what the log of a goal says of who holds it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.activity.access import visible_events
from apps.activity.models import Event
from apps.core.pagination import Page, keyset_page
from apps.goals.queries.history import HISTORY_PAGE, FieldChange, HistoryLine, Names, look_up
from apps.responsibilities.models import AssignmentRole, Responsibility
from apps.workspaces.models import Member

REFERENCES = {"team": "team", "goal": "goal", "member": "member"}
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
        "responsibility.withdrawn": _("took from %(who)s the role of being %(role)s"),
        "responsibility.assignment_changed": _("changed what %(who)s is here"),
        "assignment.accepted": _("accepted to be %(role)s"),
        "assignment.declined": _("declined to be %(role)s"),
    }
    found = words.get(event.verb)
    return found % {"who": who, "role": role} if found else ""


def _assigned(data: Mapping[str, Any]) -> str:
    if data.get("status") == "accepted":
        return _("made %(who)s %(role)s")
    return _("asked %(who)s to be %(role)s")


def _lines(events: list[Event], member: Member) -> list[HistoryLine]:
    names = _names(events, member)
    return [
        HistoryLine(
            event.actor,
            event.at,
            deeds(event, names) or _words(event),
            quote=event.data.get("reason") or "",
            changes=_changes(event, names),
        )
        for event in events
    ]


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
    if event.verb not in {"responsibility.updated", "responsibility.assignment_changed"}:
        return []
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
    found = []
    for name, (before, after) in _changed(event).items():
        old, new = _shown(name, before, names), _shown(name, after, names)
        if old != new:
            found.append(FieldChange(labels.get(name, name), old or _("nothing"), new or _("nothing")))
    return found


def _changed(event: Event) -> dict[str, Any]:
    """What was changed of the responsibility, or of an assignment on it."""
    found: dict[str, Any] = event.data.get("changes") or event.data.get("assignment_changes") or {}
    return found


def _shown(name: str, value: Any, names: Names) -> str:
    if value in (None, ""):
        return ""
    if name in REFERENCES:
        return names.of(value)
    if name == "role":
        return str(AssignmentRole(value).label)
    if name == "review_on":
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"


def _names(events: list[Event], member: Member) -> Names:
    wanted: dict[str, set[str]] = {}
    for event in events:
        for name, kind in REFERENCES.items():
            sides = [event.data.get(name), *_changed(event).get(name, ())]
            wanted.setdefault(kind, set()).update(str(pk) for pk in sides if pk)
    return look_up({kind: ids for kind, ids in wanted.items() if ids}, member)
