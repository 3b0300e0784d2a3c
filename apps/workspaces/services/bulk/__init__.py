"""Many people and teams at once, from a file: what is new is made, what differs is changed, the rest is left alone.

The rules are those of members.py, teams.py and memberships.py, applied to sets of rows. What cannot be taken is told,
with its reason, and never raised; nothing is ever removed. Whoever calls holds a transaction around each batch of rows.
"""

from apps.workspaces.services.bulk.forest import Forest
from apps.workspaces.services.bulk.members import MemberSpec, set_managers, upsert_members
from apps.workspaces.services.bulk.run import BATCH, BulkRun, BulkTally, apply_changes, batches, kept_by_hand
from apps.workspaces.services.bulk.teams import TeamSpec, add_memberships, set_team_parents, upsert_teams

__all__ = [
    "BATCH",
    "BulkRun",
    "BulkTally",
    "Forest",
    "MemberSpec",
    "TeamSpec",
    "add_memberships",
    "apply_changes",
    "batches",
    "kept_by_hand",
    "set_managers",
    "set_team_parents",
    "upsert_members",
    "upsert_teams",
]
