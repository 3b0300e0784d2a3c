"""Many responsibilities, assignments and tasks at once, from a file; see workspaces.services.bulk for run and tally.

What cannot be taken is told, with its reason, and never raised; nothing is ever removed. Whoever calls holds one
transaction around everything.
"""

from apps.responsibilities.services.bulk.assignments import AssignmentSpec, upsert_assignments
from apps.responsibilities.services.bulk.responsibilities import ResponsibilitySpec, upsert_responsibilities
from apps.responsibilities.services.bulk.tasks import TaskSpec, upsert_tasks

__all__ = [
    "AssignmentSpec",
    "ResponsibilitySpec",
    "TaskSpec",
    "upsert_assignments",
    "upsert_responsibilities",
    "upsert_tasks",
]
