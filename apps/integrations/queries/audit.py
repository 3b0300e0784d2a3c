"""What the audit log says of imports, tokens and webhooks."""

from django.utils.translation import gettext_lazy as _

from apps.activity.access import SubjectKind
from apps.integrations import access
from apps.integrations.models import IMPORT_FINISHED

INTEGRATION_SUBJECTS = (
    SubjectKind(
        name="importjob",
        label=_("Imports"),
        visible=access.visible_imports,
        title="file_name",
        page="integrations:import_detail",
        words={IMPORT_FINISHED: _("imported the file")},
    ),
    SubjectKind(
        name="export",
        label=_("Exports"),
        visible=access.visible_exports,
        title="file_name",
        page="integrations:export_detail",
        words={
            "export.started": _("started the export"),
            "export.done": _("received the finished export"),
            "export.deleted": _("deleted the export"),
        },
    ),
    SubjectKind(
        name="apitoken",
        label=_("Tokens"),
        visible=access.visible_tokens,
        title="name",
        words={"token.created": _("created the token"), "token.revoked": _("revoked the token")},
    ),
    SubjectKind(
        name="webhook",
        label=_("Webhooks"),
        visible=access.visible_webhooks,
        title="url",
        words={
            "webhook.created": _("created the webhook"),
            "webhook.updated": _("changed the webhook"),
            "webhook.deleted": _("deleted the webhook"),
        },
    ),
)
