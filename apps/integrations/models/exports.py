"""An export: an archive of all its person may see, how far it came, and the archive itself in pieces."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, LongTextField, UniqueInWorkspace
from apps.workspaces.models import Member, Role, Workspace


class ExportManager(models.Manager["Export"]):
    """Exports, without the ids of what they hold, of which there can be very many."""

    def get_queryset(self) -> models.QuerySet["Export"]:
        """All of them."""
        return super().get_queryset().defer("held_goals")


class Export(BaseModel):
    """One archive of a workspace, as one person saw it. It lies in the database: every web process can hand it out."""

    class State(models.TextChoices):
        """How far it came."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Could not be written")
        CANCELLED = "cancelled", _("Cancelled")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="exports", verbose_name=_("workspace"))
    requested_by = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("requested by"))
    role = models.CharField(_("role it was written with"), max_length=10, choices=Role)
    file_name = models.CharField(_("file"), max_length=255)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    leased_until = models.DateTimeField(_("a worker has it until"), null=True, blank=True)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    rows_known = models.PositiveIntegerField(_("rows known"), default=0)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    held_goals = ArrayField(models.UUIDField(), null=True, editable=False, verbose_name=_("goals in it"))
    error = LongTextField(_("error"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: ClassVar[ExportManager] = ExportManager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ("-created_at",)
        constraints = (
            UniqueInWorkspace(name="export_unique_in_workspace"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | (~Q(state__in=["waiting", "running"]) & Q(finished_at__isnull=False)),
                name="export_finished_at_iff_ended",
            ),
        )
        indexes = (
            models.Index(fields=["requested_by", "-created_at"], name="export_newest"),
            models.Index(fields=["created_at"], name="export_to_write", condition=Q(state__in=["waiting", "running"])),
        )

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has it or will take it."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_ready(self) -> bool:
        """Whether the archive can be fetched."""
        return self.state == self.State.DONE

    @property
    def expires_at(self) -> datetime | None:
        """When it is forgotten; None while it is written."""
        return None if self.finished_at is None else self.finished_at + timedelta(days=settings.KEEP_EXPORTS_DAYS)


class ExportChunk(BaseModel):
    """A piece of an archive. `attempt` tells the pieces of a worker that was given up from those of the next."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="chunks", verbose_name=_("export"))
    attempt = models.PositiveSmallIntegerField(_("try"))
    position = models.PositiveIntegerField(_("position"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("export chunk")
        verbose_name_plural = _("export chunks")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["export", "attempt", "position"], name="export_chunk_position_once"),
        )

    def __str__(self) -> str:
        return f"{self.export_id} {self.attempt}.{self.position}"
