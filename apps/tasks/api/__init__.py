"""The API of tasks and consultations."""

from apps.tasks.api.consultations import ConsultationViewSet
from apps.tasks.api.tasks import TaskViewSet

__all__ = [
    "ConsultationViewSet",
    "TaskViewSet",
]
