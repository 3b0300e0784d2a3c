"""A goal's log in plain words. What the reader may not see is left out: not only its name, the whole change."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.activity.models import Event
from apps.activity.queries import known_of, named_in, references_of
from apps.core.pagination import Page, keyset_page
from apps.core.registries import Hook
from apps.core.templatetags.core.words import number, percent_filter
from apps.goals.access import visible_cycles, visible_goals, visible_history
from apps.goals.models import CheckIn, CheckInRevision, Confidence, Goal, KeyResult, KeyResultKind, Status, Visibility
from apps.workspaces.access import visible_members, visible_teams, visible_values
from apps.workspaces.models import Member

HISTORY_PAGE = 30
SHORT = 160
PLACES = 4
"""As many as a key result's values have."""
VERSIONS_SHOWN = 100


@dataclass(frozen=True)
class FieldChange:
    """One field, from what to what."""

    label: str
    before: str
    after: str


@dataclass
class HistoryLine:
    """Who did what when."""

    actor: Member | None
    at: datetime
    words: str
    quote: str = ""
    changes: list[FieldChange] = field(default_factory=list)
    check_in_id: str = ""


@dataclass
class Names:
    """The names of the rows that some events speak of, as far as the reader sees them."""

    found: dict[str, str]

    def of(self, pk: object) -> str:
        """The name; nothing for what is hidden or gone."""
        return self.found.get(str(pk), "") if pk else ""


DEEDS: Hook[[Event, Names], str] = Hook(
    "DEEDS",
    "called with (event, names); words for what apps above record about a goal, to stand behind a name: nothing for "
    "events not their own. Names hold the `member` and the `team` of an event",
)


def recent_history(goal: Goal, member: Member, *, most: int) -> list[HistoryLine]:
    """The newest lines of a goal, at most `most`; without check-ins, which stand on the page themselves."""
    events = list(visible_history(member, goal).exclude(verb="goal.checked_in").order_by("-at", "-id")[:most])
    return _lines(events, member)


def history_page(goal: Goal, member: Member, params: Any) -> tuple[list[HistoryLine], Page[Event]]:
    """A page of it: the lines, and the page with its cursors."""
    page = keyset_page(visible_history(member, goal), params, order=("at", "pk"), descending=True, size=HISTORY_PAGE)
    return _lines(page.rows, member), page


def _lines(events: list[Event], member: Member) -> list[HistoryLine]:
    names = _names(events, member)
    return [line for event in events if (line := _line(event, names)) is not None]


def _line(event: Event, names: Names) -> HistoryLine | None:
    data = event.data
    line = HistoryLine(event.actor, event.at, _words(event, names))
    line.quote = data.get("lesson") or data.get("question") or data.get("reason") or ""
    if reason := data.get("without_answers"):
        line.changes = [FieldChange(_("Without the answers of those consulted"), "", reason)]
    line.check_in_id = str(data.get("check_in") or "")
    if event.verb in {"goal.updated", "goal.key_result_changed"}:
        line.changes = [
            change
            for name, pair in known_of(event, names.found).items()
            if (change := _change(event, name, *pair, names=names))
        ]
        return line if line.changes else None
    return line


def _words(event: Event, names: Names) -> str:
    """What was done, to stand behind a name."""
    for found in DEEDS(event, names):
        if found:
            return found
    data = event.data
    if data.get("import"):
        return _import_words(event)
    plain = {
        "goal.created": _("wrote this goal"),
        "goal.updated": _("changed the goal"),
        "goal.achieved": _("closed it as achieved"),
        "goal.missed": _("closed it as missed"),
        "goal.dropped": _("closed it as dropped"),
        "goal.reopened": _("opened it again"),
        "goal.moved": _("changed its rank"),
        "goal.check_in_edited": _("changed a check-in"),
        "goal.ask_answered": _("answered an ask"),
    }
    if event.verb in plain:
        return plain[event.verb]
    if event.verb == "goal.checked_in":
        said = dict(Confidence.choices).get(data.get("confidence") or "")
        return _("checked in: %(confidence)s") % {"confidence": said} if said else _("checked in")
    if event.verb == "goal.carried_over":
        return _("carried it over from %(before)s to %(after)s") % {"before": data.get("from"), "after": data.get("to")}
    about = {
        "goal.key_result_added": _("added the key result “%(title)s”"),
        "goal.key_result_changed": _("changed the key result “%(title)s”"),
        "goal.key_result_removed": _("removed the key result “%(title)s”"),
    }.get(event.verb)
    return about % {"title": data.get("title", "")} if about else _("changed it")


def _import_words(event: Event) -> str:
    words = {
        "goal.created": _("imported this goal"),
        "goal.check_ins_imported": _("imported check-ins"),
        "goal.assignments_imported": _("imported the roles"),
    }
    return words.get(event.verb, _("changed the goal by an import"))


def _labels() -> dict[str, str]:
    return {
        "title": _("Title"),
        "reason": _("Reason"),
        "description": _("Description"),
        "cycle": _("Cycle"),
        "team": _("Team"),
        "supporting_teams": _("Supporting teams"),
        "owner": _("Owner"),
        "parent": _("Parent goal"),
        "contributors": _("Contributors"),
        "values": _("Values"),
        "labels": _("Labels"),
        "url": _("Link"),
        "importance": _("Importance"),
        "urgency": _("Urgency"),
        "status": _("Status"),
        "visibility": _("Who may know"),
        "starts_on": _("Start"),
        "due_on": _("Due"),
        "kind": _("Kind"),
        "start_value": _("Start"),
        "target_value": _("Target"),
        "unit": _("Unit"),
        "weight": _("Weight"),
        "external_id": _("External id"),
        "note": _("Note"),
        "blockers": _("What is in the way"),
        "ask": _("Ask"),
        "ask_to": _("Asked of"),
        "confidence": _("Confidence"),
        "progress": _("Progress"),
    }


def _change(event: Event, name: str, before: Any, after: Any, *, names: Names) -> FieldChange | None:
    refers = name in references_of(event)
    old, new = (_names_of(side, names) if refers else _shown(name, side, names) for side in (before, after))
    if old == new and not _is_text(before, after):
        return None
    return FieldChange(_labels().get(name, name), old or _("nothing"), new or _("nothing"))


def _is_text(before: object, after: object) -> bool:
    return isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > SHORT


CHOICES: dict[str, Any] = {"status": Status, "visibility": Visibility, "kind": KeyResultKind, "confidence": Confidence}


def _shown(name: str, value: Any, names: Names) -> str:
    """A stored value as a person reads it; nothing for none, and for what the reader does not see."""
    if value in (None, "", []):
        return ""
    return names.of(value) if name == "ask_to" else _plainly(name, value)


def _names_of(value: Any, names: Names) -> str:
    """A reference, or several, by name."""
    if isinstance(value, list):
        return ", ".join(sorted(filter(None, (_one_of_many(each, names) for each in value))))
    return names.of(value)


def _plainly(name: str, value: Any) -> str:
    if name in CHOICES:
        return str(dict(CHOICES[name].choices).get(value, value))
    if name in {"starts_on", "due_on"}:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    text = number(value, PLACES) if isinstance(value, float) else str(value)
    return text if len(text) <= SHORT else f"{text[:SHORT].rstrip()}…"


def _one_of_many(each: object, names: Names) -> str:
    pk, hours = each if isinstance(each, list) else (each, None)
    name = names.of(pk)
    return _("%(name)s (%(hours)s h)") % {"name": name, "hours": number(hours)} if name and hours is not None else name


def _names(events: list[Event], member: Member) -> Names:
    wanted = named_in(events)
    for event in events:
        for who in ("member", "team"):
            if event.data.get(who):
                wanted.setdefault(who, set()).add(str(event.data[who]))
    return look_up(wanted, member)


def look_up(wanted: dict[str, set[str]], member: Member) -> Names:
    """The names of rows the member sees, in one query for all kinds."""
    sources: dict[str, tuple[QuerySet[Model], str]] = {
        "member": (visible_members(member), "name"),
        "team": (visible_teams(member), "name"),
        "goal": (visible_goals(member), "title"),
        "cycle": (visible_cycles(member), "name"),
        "value": (visible_values(member), "name"),
    }
    parts = []
    for kind, ids in wanted.items():
        rows, column = sources[kind]
        known = [pk for pk in ids if _is_uuid(pk)]
        if known:
            parts.append(rows.filter(pk__in=known).order_by().values_list("pk", column))
    if not parts:
        return Names({})
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return Names({str(pk): name for pk, name in found})


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


# ---- versions of a check-in ----


@dataclass(frozen=True)
class Version:
    """An edit: who, when, and what it changed."""

    by: Member
    at: datetime
    changes: list[FieldChange]


def check_in_versions(check_in: CheckIn, member: Member) -> list[Version]:
    """Every edit of a check-in the member sees, the newest first, each with what it changed from and to."""
    revisions = list(
        CheckInRevision.objects.filter(check_in=check_in)
        .select_related("edited_by")
        .order_by("-edited_at", "-id")[:100]
    )
    titles = {str(each.pk): each for each in KeyResult.objects.filter(goal_id=check_in.goal_id)}
    asked = {str(r.before.get("ask_to_id")) for r in revisions if r.before.get("ask_to_id")}
    names = look_up({"member": asked | ({str(check_in.ask_to_id)} if check_in.ask_to_id else set())}, member)
    after = _content_now(check_in)
    found = []
    for revision in revisions:
        changes = _differences(revision.before, after, names, titles)
        found.append(Version(revision.edited_by, revision.edited_at, changes))
        after = revision.before
    return found


def _content_now(check_in: CheckIn) -> dict[str, object]:
    names = ("confidence", "progress", "note", "blockers", "ask")
    readings = {str(pk): str(value) for pk, value in check_in.readings.values_list("key_result_id", "value")}
    asked = {"ask_to_id": str(check_in.ask_to_id) if check_in.ask_to_id else None}
    return {name: getattr(check_in, name) for name in names} | asked | {"readings": readings}


def _differences(
    before: dict[str, Any], after: dict[str, Any], names: Names, titles: dict[str, KeyResult]
) -> list[FieldChange]:
    found = []
    for key in ("confidence", "progress", "note", "blockers", "ask", "ask_to_id"):
        if before.get(key) != after.get(key):
            name = key.removesuffix("_id")
            old, new = _whole(name, before.get(key), names), _whole(name, after.get(key), names)
            found.append(FieldChange(_labels()[name], old or _("nothing"), new or _("nothing")))
    old_readings, new_readings = before.get("readings", {}), after.get("readings", {})
    for pk in sorted({*old_readings, *new_readings}):
        old, new = old_readings.get(pk), new_readings.get(pk)
        if _number(old) != _number(new):
            title = titles[pk].title if pk in titles else _("A key result that is gone")
            found.append(FieldChange(title, _number(old) or _("nothing"), _number(new) or _("nothing")))
    return found


def _whole(name: str, value: object, names: Names) -> str:
    if name == "progress" and value is not None:
        return percent_filter(value)
    return str(value) if isinstance(value, str) and name not in {"confidence", "ask_to"} else _shown(name, value, names)


def _number(value: Any) -> str:
    return number(Decimal(str(value)), PLACES) if value not in (None, "") else ""
