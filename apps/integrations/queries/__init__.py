"""Page-shaped reads of imports and exports."""

from apps.integrations.queries.archives import archive_pieces, export_list
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
from apps.integrations.queries.matrix import matrix_table

__all__ = [
    "ReportPage",
    "archive_pieces",
    "every_line",
    "export_list",
    "goal_table",
    "import_list",
    "import_progress",
    "importing_member",
    "matrix_table",
    "report_counts",
    "report_lines",
    "report_page",
    "safe_table",
]
