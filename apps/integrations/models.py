"""Jobs that read or write many rows: import."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, LongTextField
from apps.workspaces.models import Member, Workspace


class ImportJob(BaseModel):
    """An uploaded file and what became of it. The file stays in the database, so that any worker on any machine can take it."""

    class Format(models.TextChoices):
        """What the file holds."""

        NEUTRAL = "neutral", _("Neutral JSON (people, teams, cycles, goals)")
        CSV = "csv", _("CSV, one goal a row")

    class State(models.TextChoices):
        """How far it came. A preview is computed first and waits for a person's yes."""

        CHECKING = "checking", _("Working out what would change")
        READY = "ready", _("Waiting for your yes")
        RUNNING = "running", _("Importing")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be imported")
        CANCELLED = "cancelled", _("Cancelled")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="imports", verbose_name=_("workspace"))
    requested_by = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("requested by"))
    format = models.CharField(_("format"), max_length=8, choices=Format)
    file_name = models.CharField(_("file"), max_length=255)
    content = models.BinaryField(_("content"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    report = models.JSONField(_("report"), default=dict)
    error = LongTextField(_("error"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["workspace", "-created_at"], name="import_newest"),
            models.Index(
                fields=["created_at"],
                name="import_to_run",
                condition=models.Q(state__in=["checking", "running"]),
            ),
        )

    def __str__(self) -> str:
        return self.file_name
