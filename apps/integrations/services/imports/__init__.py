"""Imports: from an uploaded file to rows, with a preview and a report."""

from apps.integrations.services.imports.jobs import (
    ImportAction,
    cancel_import,
    check_size,
    confirm_import,
    create_import,
    forget_old_imports,
    import_content,
)
from apps.integrations.services.imports.turns import progress_key, run_next_import

__all__ = [
    "ImportAction",
    "cancel_import",
    "check_size",
    "confirm_import",
    "create_import",
    "forget_old_imports",
    "import_content",
    "progress_key",
    "run_next_import",
]
