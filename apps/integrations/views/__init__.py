"""The pages of integrations."""

from apps.integrations.views.exports import goals_export
from apps.integrations.views.imports import (
    import_cancel,
    import_create,
    import_detail,
    import_list,
    import_report,
    import_run,
)

__all__ = [
    "goals_export",
    "import_cancel",
    "import_create",
    "import_detail",
    "import_list",
    "import_report",
    "import_run",
]
