"""The API of responsibilities, assignments, tasks, absences and handovers."""

from apps.responsibilities.api.responsibilities import AssignmentViewSet, ResponsibilityViewSet

__all__ = ["AssignmentViewSet", "ResponsibilityViewSet"]
