"""What a message to a webhook says, as far as its owner may know."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet

from apps.activity.models import Event
from apps.goals.access import visible_cycles, visible_goals
from apps.goals.queries import changed_fields
from apps.integrations.models import ImportJob, WebhookDelivery
from apps.responsibilities.access import visible_responsibilities
from apps.tasks.access import visible_tasks
from apps.workspaces.access import visible_members, visible_teams
from apps.workspaces.models import Member

# Kind of subject → who sees it, the column of its name, its resource in the API.
SUBJECTS: dict[str, tuple[Callable[[Member], QuerySet[Any]], str, str]] = {
    "goal": (visible_goals, "title", "goals"),
    "responsibility": (visible_responsibilities, "title", "responsibilities"),
    "task": (visible_tasks, "title", "tasks"),
    "cycle": (visible_cycles, "name", "cycles"),
    "team": (visible_teams, "name", "teams"),
    "member": (visible_members, "name", "members"),
}

TOLD = ("check_in", "key_result", "confidence", "assignment", "role", "member", "team")
"""What else of an event its message holds."""


def subject_of(delivery: WebhookDelivery) -> dict[str, Any] | None:
    """The thin payload of a message: what it is about, where the API has it, who did it, which fields changed.

    None where the webhook's owner is gone or may not see the subject (any more), or nothing of what changed. The
    content itself is read over the API, with a token, by the rules of that moment; so a log of messages never holds
    what was later hidden.
    """
    owner, event = delivery.webhook.member, delivery.event
    if not owner.is_active or owner.user is None or not owner.user.is_active:
        return None
    if event.verb == "import.finished":
        return _import_of(event)
    if event.subject_type not in SUBJECTS:
        return None
    visible, name, resource = SUBJECTS[event.subject_type]
    row = visible(owner).filter(pk=event.subject_id).values("pk", name, "external_id").first()
    changed = sorted(event.data.get("changes", {}))
    if event.subject_type == "goal" and changed:
        changed = changed_fields(event, owner)
    if row is None or ("changes" in event.data and not changed):
        return None
    data = {
        "object": event.subject_type,
        "id": row["pk"],
        name: row[name],
        "external_id": row["external_id"],
        "url": f"{settings.SITE_URL}/api/v1/{resource}/{row['pk']}/",
        "actor": event.actor_id,
        "changed": changed,
    }
    return data | {key: event.data[key] for key in TOLD if key in event.data}


def _import_of(event: Event) -> dict[str, Any]:
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
