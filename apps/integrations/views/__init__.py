"""The pages of integrations."""

from apps.integrations.views.archives import (
    export_cancel,
    export_create,
    export_delete,
    export_detail,
    export_download,
    export_list,
)
from apps.integrations.views.exports import goals_export, matrix_export
from apps.integrations.views.imports import (
    import_cancel,
    import_create,
    import_detail,
    import_list,
    import_report,
    import_run,
)
from apps.integrations.views.tokens import token_create, token_list, token_revoke
from apps.integrations.views.webhooks import (
    webhook_create,
    webhook_delete,
    webhook_detail,
    webhook_edit,
    webhook_list,
    webhook_redeliver,
)

__all__ = [
    "export_cancel",
    "export_create",
    "export_delete",
    "export_detail",
    "export_download",
    "export_list",
    "goals_export",
    "import_cancel",
    "import_create",
    "import_detail",
    "import_list",
    "import_report",
    "import_run",
    "matrix_export",
    "token_create",
    "token_list",
    "token_revoke",
    "webhook_create",
    "webhook_delete",
    "webhook_detail",
    "webhook_edit",
    "webhook_list",
    "webhook_redeliver",
]
