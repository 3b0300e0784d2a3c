"""Import and export: the jobs, their reports, and how a cell of a table is made safe; the tokens of programs."""

from apps.integrations.models.cells import plain_cell, safe_cell
from apps.integrations.models.exports import Export, ExportChunk
from apps.integrations.models.job import ImportJob, ImportRecord, ImportRow
from apps.integrations.models.reasons import Reason, RowKind
from apps.integrations.models.tokens import SCOPES, ApiToken, new_api_token, token_is_well_formed
from apps.integrations.models.webhooks import EACH_ROW, EVENTS, IMPORT_FINISHED, Webhook, WebhookDelivery

__all__ = [
    "EACH_ROW",
    "EVENTS",
    "IMPORT_FINISHED",
    "SCOPES",
    "ApiToken",
    "Export",
    "ExportChunk",
    "ImportJob",
    "ImportRecord",
    "ImportRow",
    "Reason",
    "RowKind",
    "Webhook",
    "WebhookDelivery",
    "new_api_token",
    "plain_cell",
    "safe_cell",
    "token_is_well_formed",
]
