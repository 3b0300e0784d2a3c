"""Who sees which tasks and consultations, and who answers a consultation."""

from django.db.models import Q, QuerySet

from apps.goals import access as goals
from apps.responsibilities.access.things import on_visible_thing
from apps.responsibilities.models import Consultation, Task
from apps.workspaces.models import Member


def visible_tasks(member: Member) -> QuerySet[Task]:
    """Those on responsibilities and goals the member sees."""
    rows: QuerySet[Task] = Task.objects.filter(workspace_id=member.workspace_id)
    return rows.filter(on_visible_thing(member))


def visible_consultations(member: Member) -> QuerySet[Consultation]:
    """Those about goals and tasks the member sees."""
    rows: QuerySet[Consultation] = Consultation.objects.filter(workspace_id=member.workspace_id)
    return rows.filter(Q(goal__in=goals.visible_goals(member)) | Q(task__in=visible_tasks(member)))


def can_answer_consultation(member: Member, consultation: Consultation) -> bool:
    """The person it asks."""
    return member.is_active and consultation.member_id == member.pk
