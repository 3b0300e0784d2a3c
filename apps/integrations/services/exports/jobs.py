"""What people do to exports: start, cancel, delete; and what time does: forget."""

from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.activity import services as activity
from apps.integrations import access
from apps.integrations.models import Export, ExportChunk
from apps.workspaces.models import Member

KEPT_MAX = 5
AT_WORK = (Export.State.WAITING, Export.State.RUNNING)


class ExportAction(Protocol):
    """What a person does to an export: cancel_export or delete_export."""

    def __call__(self, export: Export, *, by: Member, at: datetime) -> object:
        """Do it."""


@transaction.atomic
def create_export(*, by: Member, at: datetime) -> Export:
    """Start an export of all the actor may see; a worker writes it. Raises PermissionDenied, ValidationError.

    One at a time, and KEPT_MAX in all: an archive can be as large as the workspace.
    """
    by = Member.objects.select_for_update(of=("self",), no_key=True).select_related("workspace", "user").get(pk=by.pk)
    if not access.can_export(by):
        raise PermissionDenied(_("Only people who work here can export."))
    mine = Export.objects.filter(requested_by=by)
    if mine.filter(state__in=AT_WORK).exists():
        raise ValidationError(_("Your last export is still being written."))
    if mine.count() >= KEPT_MAX:
        raise ValidationError(_("%(count)s exports are enough. Delete one first.") % {"count": KEPT_MAX})
    day = at.astimezone(by.zone).strftime("%Y-%m-%d")
    export = Export.objects.create(
        workspace=by.workspace,
        requested_by=by,
        role=by.role,
        file_name=f"{by.workspace.slug}-{day}.zip",
        created_at=at,
    )
    activity.record("export.started", export, by=by, at=at, workspace_id=by.workspace_id)
    return export


@transaction.atomic
def cancel_export(export: Export, *, by: Member, at: datetime) -> Export:
    """Stop an export and drop what is written so far; its worker notices at its next step.

    Raises PermissionDenied, ValidationError where it has ended already.
    """
    export = _locked(export, by=by)
    if export.state not in AT_WORK:
        raise ValidationError(_("This export has ended already."))
    end(export, Export.State.CANCELLED, at=at)
    return export


@transaction.atomic
def delete_export(export: Export, *, by: Member, at: datetime) -> None:
    """Forget an export and its archive, at work or not. Raises PermissionDenied."""
    export = _locked(export, by=by)
    activity.record("export.deleted", export, by=by, at=at, workspace_id=by.workspace_id)
    export.delete()


def _locked(export: Export, *, by: Member) -> Export:
    found = access.visible_exports(by).select_for_update(of=("self",)).filter(pk=export.pk).first()
    if found is None:
        raise PermissionDenied(_("Only the person who started an export can change it."))
    return found


def end(export: Export, state: Export.State, *, at: datetime, error: str = "") -> None:
    """The export ends without an archive; its row is locked by the caller."""
    export.state, export.error, export.finished_at, export.leased_until = state, error, at, None
    export.save(update_fields=["state", "error", "finished_at", "leased_until"])
    ExportChunk.objects.filter(export=export).delete()


@transaction.atomic
def forget_old_exports(*, at: datetime, limit: int = 100) -> int:
    """KEEP_EXPORTS_DAYS after its end an export is deleted with its archive; says how many were."""
    before = at - timedelta(days=settings.KEEP_EXPORTS_DAYS)
    old = Export.objects.select_for_update(skip_locked=True, of=("self",)).filter(finished_at__lte=before)
    gone = list(old.order_by("finished_at").values_list("pk", flat=True)[:limit])
    Export.objects.filter(pk__in=gone).delete()
    return len(gone)
