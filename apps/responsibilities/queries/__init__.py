"""Page-shaped reads of who holds what, tasks and hours."""

from apps.responsibilities.queries.findings import Finding, Moment, found, with_findings
from apps.responsibilities.queries.history import deeds, history_page, recent_history
from apps.responsibilities.queries.holding import (
    Held,
    Holder,
    Holders,
    Holding,
    RoleGroup,
    held_by,
    holder_page,
    holders_of,
)
from apps.responsibilities.queries.matrix import (
    ROLES,
    Choices,
    Column,
    Letter,
    Line,
    Matrix,
    MatrixFilters,
    Party,
    line_of,
    matrix,
    matrix_choices,
    things_for,
)
from apps.responsibilities.queries.responsibilities import responsibilities_for_page, responsibility_columns

__all__ = [
    "ROLES",
    "Choices",
    "Column",
    "Finding",
    "Held",
    "Holder",
    "Holders",
    "Holding",
    "Letter",
    "Line",
    "Matrix",
    "MatrixFilters",
    "Moment",
    "Party",
    "RoleGroup",
    "deeds",
    "found",
    "held_by",
    "history_page",
    "holder_page",
    "holders_of",
    "line_of",
    "matrix",
    "matrix_choices",
    "recent_history",
    "responsibilities_for_page",
    "responsibility_columns",
    "things_for",
    "with_findings",
]
