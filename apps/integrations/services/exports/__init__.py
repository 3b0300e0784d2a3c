"""Exports of a workspace: started by a person, written by a worker, fetched, forgotten after a week."""

from apps.integrations.services.exports.jobs import (
    ExportAction,
    cancel_export,
    create_export,
    delete_export,
    forget_old_exports,
)
from apps.integrations.services.exports.work import LEASE, TRIES, run_next_export

__all__ = [
    "LEASE",
    "TRIES",
    "ExportAction",
    "cancel_export",
    "create_export",
    "delete_export",
    "forget_old_exports",
    "run_next_export",
]
