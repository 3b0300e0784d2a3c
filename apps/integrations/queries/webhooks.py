"""What a message to a webhook says, as far as its owner may know."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from apps.activity.access import SUBJECTS
from apps.activity.models import Event
from apps.activity.queries import known_changes
from apps.integrations.access import can_have_webhooks
from apps.integrations.models import IMPORT_FINISHED, ImportJob, WebhookDelivery
from apps.workspaces.models import Member

RESOURCES = {
    "goal": "goals",
    "responsibility": "responsibilities",
    "task": "tasks",
    "cycle": "cycles",
    "team": "teams",
    "member": "members",
}
"""Kind of subject → its resource in the API."""

TOLD = ("check_in", "key_result", "confidence", "assignment", "role", "member", "team")
"""What else of an event its message holds."""


def heard(events: Collection[Event], owner: Member) -> dict[UUID, list[str]]:
    """Those events that somebody with webhooks may hear of, by id, each with the fields it changed as far as they know.

    Left out are all of which they may not see the subject, or nothing of what was changed.
    """
    if not can_have_webhooks(owner) or owner.user is None or not owner.user.is_active:
        return {}
    subjects: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        if event.subject_type in RESOURCES:
            subjects[event.subject_type].add(event.subject_id)
    seen = {
        (kind, pk)
        for kind, ids in subjects.items()
        for pk in SUBJECTS[kind].visible(owner).filter(pk__in=ids).order_by().values_list("pk", flat=True)
    }
    found: dict[UUID, list[str]] = {event.pk: [] for event in events if event.verb == IMPORT_FINISHED}
    about_seen = [event for event in events if (event.subject_type, event.subject_id) in seen]
    for pk, known in known_changes([event for event in about_seen if "changes" in event.data], owner).items():
        if known:
            found[pk] = sorted(known)
    return found | {event.pk: [] for event in about_seen if "changes" not in event.data}


def subject_of(delivery: WebhookDelivery) -> dict[str, Any] | None:
    """The thin payload of a message: what it is about, where the API has it, who did it, which fields changed.

    None where the webhook's owner may not hear of it any more. The content itself is read over the API, with a token,
    by the rules of that moment; so a log of messages never holds what was later hidden.
    """
    owner, event = delivery.webhook.member, delivery.event
    changed = heard([event], owner).get(event.pk)
    if changed is None:
        return None
    if event.verb == IMPORT_FINISHED:
        return _import_of(event)
    kind = SUBJECTS[event.subject_type]
    row = kind.visible(owner).filter(pk=event.subject_id).values("pk", kind.title, "external_id").first()
    if row is None:  # it went in this moment
        return None
    data = {
        "object": event.subject_type,
        "id": row["pk"],
        kind.title: row[kind.title],
        "external_id": row["external_id"],
        "url": f"{settings.SITE_URL}/api/v1/{RESOURCES[kind.name]}/{row['pk']}/",
        "actor": event.actor_id,
        "changed": changed,
    }
    return data | {key: event.data[key] for key in TOLD if key in event.data}


def _import_of(event: Event) -> dict[str, object]:
    """That an import is done, for everybody: neither its file's name nor its counts, which may speak of hidden goals.

    The link gives the goals that changed since it began, as far as who asks may see them.
    """
    began_at = ImportJob.objects.filter(pk=event.subject_id).values_list("created_at", flat=True).first() or event.at
    since = urlencode({"updated_since": began_at.isoformat(), "ordering": "updated_at"})
    return {
        "object": "import",
        "id": event.subject_id,
        "url": f"{settings.SITE_URL}/api/v1/goals/?{since}",
        "actor": event.actor_id,
        "changed": [],
    }
