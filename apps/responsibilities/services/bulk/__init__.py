"""Many responsibilities and assignments at once, from a file; see workspaces.services.bulk for run and tally.

What cannot be taken is told, with its reason, and never raised; nothing is ever removed. Whoever calls holds a
transaction around each batch of rows.
"""

from apps.responsibilities.services.bulk.assignments import GIVEN_AWAY, AssignmentSpec, upsert_assignments
from apps.responsibilities.services.bulk.responsibilities import ResponsibilitySpec, upsert_responsibilities

__all__ = ["GIVEN_AWAY", "AssignmentSpec", "ResponsibilitySpec", "upsert_assignments", "upsert_responsibilities"]
