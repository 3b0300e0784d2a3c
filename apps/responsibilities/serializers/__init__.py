"""What the API shows and takes of responsibilities and assignments."""

from apps.responsibilities.serializers.responsibilities import (
    AssignmentSerializer,
    DeclineSerializer,
    ResponsibilitySerializer,
)

__all__ = [
    "AssignmentSerializer",
    "DeclineSerializer",
    "ResponsibilitySerializer",
]
