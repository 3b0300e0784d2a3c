"""What the API shows and takes of tasks and consultations."""

from apps.tasks.serializers.consultations import ConsultationAnswerSerializer, ConsultationSerializer
from apps.tasks.serializers.tasks import TaskCloseSerializer, TaskSerializer

__all__ = ["ConsultationAnswerSerializer", "ConsultationSerializer", "TaskCloseSerializer", "TaskSerializer"]
