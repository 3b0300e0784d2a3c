"""The API of responsibilities, assignments, tasks, absences and handovers."""

from apps.responsibilities.api.consultations import ConsultationViewSet
from apps.responsibilities.api.responsibilities import AssignmentViewSet, ResponsibilityViewSet
from apps.responsibilities.api.tasks import TaskViewSet

__all__ = [
    "AssignmentViewSet",
    "ConsultationViewSet",
    "ResponsibilityViewSet",
    "TaskViewSet",
]
