"""The audit log as a page, and what people changed by hand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Model, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.utils.translation import gettext as _

from apps.activity.access import SUBJECTS, words_of
from apps.activity.models import Event
from apps.core.pagination import Page, keyset_page
from apps.core.urls import reverse_in
from apps.core.write_conflicts import LastChange
from apps.workspaces.models import Member, Role

NEWEST = 50


@dataclass(frozen=True)
class Entry:
    """One line of the log. Of what the reader may not see there is only the moment."""

    at: datetime
    is_hidden: bool = True
    actor: Member | None = None
    words: str = ""
    title: str = ""
    url: str = ""
    detail: str = ""


def audit_page(
    viewer: Member, *, kind: str = "", actor_id: UUID | None = None, place: Mapping[str, str]
) -> tuple[list[Entry], Page[Event]]:
    """A page of everything that happened in the workspace, newest first.

    With a filter only what the viewer sees is there: a hidden entry that a filter kept would say what or who it is
    about.
    """
    events = _titled(viewer)
    if kind or actor_id:
        events = events.exclude(Q(title=None))
    if kind:
        events = events.filter(subject_type=kind)
    if actor_id:
        events = events.filter(actor_id=actor_id)
    page = keyset_page(events.select_related("actor"), place, order=("at", "pk"), descending=True)
    return [_entry(viewer, event) for event in page.rows], page


def _titled(viewer: Member) -> QuerySet[Event]:
    """The events of the viewer's workspace, each with its subject's title; null where the viewer sees no such
    subject.
    """
    titles = [
        When(
            subject_type=kind.name,
            then=Subquery(kind.visible(viewer).filter(pk=OuterRef("subject_id")).order_by().values(kind.title)[:1]),
        )
        for kind in SUBJECTS
    ]
    title = Case(*titles, default=Value(None), output_field=TextField())
    return Event.objects.filter(workspace_id=viewer.workspace_id).annotate(title=title)


def _entry(viewer: Member, event: Event) -> Entry:
    title: str | None = event.title  # type: ignore[attr-defined]  # annotated
    kind = SUBJECTS.get(event.subject_type)
    if title is None or kind is None:
        return Entry(at=event.at)
    return Entry(
        at=event.at,
        is_hidden=False,
        actor=event.actor,
        words=str(words_of(event) or _("changed something about")),
        title=title,
        url=reverse_in(viewer.workspace, kind.page, event.subject_id) if kind.page else "",
        detail=_role_change(event),
    )


def _role_change(event: Event) -> str:
    """“Member → Admin”, where a role was changed."""
    roles = event.data.get("changes", {}).get("role") if event.verb == "member.role_changed" else None
    if not roles:
        return ""
    return " → ".join(str(Role(role).label) if role in Role.values else str(role) for role in roles)


def changed_by_hand(subject_type: str, ids: Collection[UUID]) -> dict[UUID, dict[str, datetime]]:
    """What people changed themselves of these rows: a field, or a deed ("achieved" of "goal.achieved") → when last.

    What an import wrote is marked in its events' data and does not count.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT subject_id, word, max(at) FROM activity_event, LATERAL (
                SELECT split_part(verb, '.', 2)
                UNION ALL SELECT jsonb_object_keys(
                    CASE jsonb_typeof(data->'changes') WHEN 'object' THEN data->'changes' ELSE '{}' END
                )
            ) AS words(word)
            WHERE subject_type = %s AND subject_id = ANY(%s) AND NOT data ? 'import'
            GROUP BY subject_id, word
            """,
            [subject_type, list(ids)],
        )
        found: dict[UUID, dict[str, datetime]] = {}
        for subject_id, word, at in cursor.fetchall():
            found.setdefault(subject_id, {})[word] = at
    return found


def known_changes(events: Collection[Event], member: Member) -> dict[UUID, dict[str, tuple[Any, Any]]]:
    """What each event changed, as far as the member may know; see known_of. One query for each kind of things named."""
    seen: set[str] = set()
    for kind, ids in named_in(events).items():
        rows = SUBJECTS[kind].visible(member).filter(pk__in=ids).order_by()
        seen.update(map(str, rows.values_list("pk", flat=True)))
    return {event.pk: known_of(event, seen) for event in events}


def named_in(events: Collection[Event]) -> dict[str, set[str]]:
    """The ids of what the changes of some events name, by kind."""
    named: dict[str, set[str]] = {}
    for event in events:
        for kind, ids in _named(references_of(event), changes_of(event)).items():
            named.setdefault(kind, set()).update(ids)
    return named


def known_of(event: Event, seen: Collection[str]) -> dict[str, tuple[Any, Any]]:
    """What an event changed, for somebody who sees the things with these ids: field → what it was, what it became.

    A reference to anything else is as good as none; a field in which nothing more differs is left out.
    """
    return _known(references_of(event), changes_of(event), seen)


def is_known_to_all(subject_type: str, changes: Mapping[str, Sequence[Any]], *, workspace_id: UUID) -> bool:
    """Whether every member but guests who sees the subject may know of something in these changes of it.

    Where not, even the time of the change is not theirs: see BaseModel.save_undated.
    """
    references = SUBJECTS[subject_type].references
    seen: set[str] = set()
    for kind, ids in _named(references, changes).items():
        shared = SUBJECTS[kind].shared
        rows = shared(workspace_id).filter(pk__in=ids).order_by().values_list("pk", flat=True) if shared else ids
        seen.update(map(str, rows))
    return bool(_known(references, changes, seen))


def _named(references: Mapping[str, str], changes: Mapping[str, Sequence[Any]]) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for name in references.keys() & changes.keys():
        if ids := {pk for side in changes[name] for pk in _ids(side)}:
            named.setdefault(references[name], set()).update(ids)
    return named


def _known(
    references: Mapping[str, str], changes: Mapping[str, Sequence[Any]], seen: Collection[str]
) -> dict[str, tuple[Any, Any]]:
    found = {}
    for name, pair in changes.items():
        before, after = (_seen(side, seen) for side in pair) if name in references else pair
        if before != after:
            found[name] = before, after
    return found


def references_of(event: Event) -> Mapping[str, str]:
    """The fields of its subject that name other things, each with their kind."""
    kind = SUBJECTS.get(event.subject_type)
    return kind.references if kind else {}


def changes_of(event: Event) -> dict[str, list[Any]]:
    """What an event changed of its subject, or of an assignment on it: field → what it was, and what it became."""
    return event.data.get("changes") or event.data.get("assignment_changes") or {}


def _seen(value: Any, seen: Collection[str]) -> Any:
    """A reference, or several, without those that are not seen."""
    if isinstance(value, list):
        return [each for each in value if all(pk in seen for pk in _ids(each))]
    return value if all(pk in seen for pk in _ids(value)) else None


def _ids(value: Any) -> Iterator[str]:
    """The ids in a reference: one, several, or several each with a figure (a contributor's hours)."""
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, str) and value:
        yield value


def last_changes(thing: Model, names: Collection[str], logged: Model) -> dict[str, LastChange]:
    """Who changed these fields of something last, as far as the newest events about it say so.

    What has no log of its own (a key result) is named in the data of events about another (its goal).
    """
    events = Event.objects.filter(subject_type=logged._meta.model_name or "", subject_id=logged.pk)
    found: dict[str, LastChange | None] = {}
    for event in events.select_related("actor").order_by("-at", "-id")[:NEWEST]:
        if logged.pk != thing.pk and str(thing.pk) not in event.data.values():
            continue
        for name in _changed(event) & set(names) - set(found):
            found[name] = LastChange(event.actor.pk, event.actor.name, event.at) if event.actor else None
    return {name: change for name, change in found.items() if change}


def _changed(event: Event) -> set[str]:
    """The names of the fields that an event changed."""
    kept = (value for key, value in event.data.items() if key.endswith("changes") and isinstance(value, dict))
    return {name for changes in kept for name in changes}


def mentioned_by_hand(
    verbs: Collection[str], name: str, *, subject_types: Collection[str], subject_ids: Collection[UUID]
) -> set[str]:
    """What `name` says in the data of such events of these subjects; what an import wrote does not count."""
    events = Event.objects.filter(subject_type__in=subject_types, subject_id__in=subject_ids, verb__in=verbs)
    said = events.exclude(data__has_key="import").order_by().values_list(f"data__{name}", flat=True)
    return {str(value) for value in said}
