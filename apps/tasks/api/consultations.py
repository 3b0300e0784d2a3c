"""Consultations in the API."""

from typing import Never

from django.db.models import Q, QuerySet

from apps.core.api_schema import describe, row_action
from apps.core.filters import FilterSet, by_flag, by_id, by_time
from apps.core.viewsets import ResourceViewSet
from apps.tasks import access, services
from apps.tasks.models import Consultation
from apps.tasks.serializers.consultations import (
    ConsultationAnswerGiven,
    ConsultationAnswerSerializer,
    ConsultationSerializer,
)
from apps.workspaces.access import visible_members
from apps.workspaces.models import Member

OPEN = Q(answered_at__isnull=True, ended_at__isnull=True)


@describe("consultation", "consultations", "Who is asked before a goal or a task is closed, and what they said.")
class ConsultationViewSet(ResourceViewSet[Consultation, Never]):
    """Consultations."""

    scope_family = "responsibilities"
    serializer_class = ConsultationSerializer
    upserts = False
    filterset = FilterSet(
        filters={
            "goal": by_id("goal"),
            "task": by_id("task"),
            "member": by_id("member", of=visible_members),
            "asked_by": by_id("asked_by", of=visible_members),
            "is_open": by_flag(lambda value: OPEN if value else ~OPEN),
            "updated_since": by_time("updated_at__gte"),
        },
        orderings={"created_at": "created_at", "updated_at": "updated_at", "answer_by_on": "answer_by_on"},
    )

    def visible(self, member: Member) -> QuerySet[Consultation]:
        """As on the pages."""
        return access.visible_consultations(member)

    @row_action("Answer what you are consulted on", ConsultationSerializer, ConsultationAnswerSerializer)
    def answer(self, row: Consultation, fields: ConsultationAnswerGiven) -> None:
        """Only the one who was asked can, and once."""
        services.answer_consultation(row, answer=fields["answer"], by=self.member, at=self.now())
