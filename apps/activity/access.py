"""Who reads the log. An event is seen with its subject: callers pass the subjects they have already found visible."""

from django.db.models import QuerySet

from apps.activity.models import Event
from apps.workspaces.models import Member


def visible_events(member: Member, *, subject_type: str, subject_id: object) -> QuerySet[Event]:
    """The history of one subject, newest first. The caller has checked that the member sees the subject."""
    return Event.objects.filter(
        workspace_id=member.workspace_id, subject_type=subject_type, subject_id=subject_id
    ).select_related("actor")
