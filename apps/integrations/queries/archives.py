"""A person's exports, and the pieces of an archive."""

from collections.abc import Iterator

from django.db.models import QuerySet

from apps.integrations import access
from apps.integrations.models import Export, ExportChunk
from apps.workspaces.models import Member


def export_list(member: Member) -> QuerySet[Export]:
    """The member's exports, the newest first; services.exports keeps them few."""
    return access.visible_exports(member).order_by("-created_at", "-id")


def archive_pieces(export: Export) -> Iterator[bytes]:
    """The archive of a finished export, a piece at a time."""
    position = 0
    chunks = ExportChunk.objects.filter(export_id=export.pk, attempt=export.attempts)
    while (content := chunks.filter(position=position).values_list("content", flat=True).first()) is not None:
        yield bytes(content)
        position += 1
