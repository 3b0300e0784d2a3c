"""When two people change the same thing on pages, nobody's change is lost: see docs/architecture.md."""

from apps.core.write_conflicts.forms import EditForm, WriteConflict
from apps.core.write_conflicts.history import LAST_CHANGES, LastChange
from apps.core.write_conflicts.versions import is_touched
from apps.core.write_conflicts.views import edits

__all__ = ["LAST_CHANGES", "EditForm", "LastChange", "WriteConflict", "edits", "is_touched"]
