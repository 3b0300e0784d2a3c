"""What the API shows and takes of responsibilities, assignments, tasks, absences and handovers."""

from apps.responsibilities.serializers.responsibilities import (
    AssignmentSerializer,
    DeclineSerializer,
    ResponsibilitySerializer,
)

__all__ = ["AssignmentSerializer", "DeclineSerializer", "ResponsibilitySerializer"]
