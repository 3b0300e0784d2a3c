"""The API of responsibilities and assignments."""

from apps.responsibilities.api.responsibilities import AssignmentViewSet, ResponsibilityViewSet

__all__ = [
    "AssignmentViewSet",
    "ResponsibilityViewSet",
]
