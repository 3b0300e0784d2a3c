"""Page-shaped reads of imports and exports."""

from apps.integrations.queries.exports import goal_table
from apps.integrations.queries.imports import (
    ReportPage,
    every_line,
    import_list,
    import_progress,
    importing_member,
    report_counts,
    report_lines,
    report_page,
    safe_table,
)

__all__ = [
    "ReportPage",
    "every_line",
    "goal_table",
    "import_list",
    "import_progress",
    "importing_member",
    "report_counts",
    "report_lines",
    "report_page",
    "safe_table",
]
