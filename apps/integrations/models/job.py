"""An import: the file, how far it came, and the report of what was not taken whole."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, LongTextField
from apps.integrations.models.reasons import Kind, Reason
from apps.workspaces.models import Member, Workspace


class ImportJob(BaseModel):
    """An uploaded file and what became of it. The file stays in the database: any worker on any machine can take it."""

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
    content = models.BinaryField(_("content"), default=b"")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    report = models.JSONField(_("report"), default=dict)
    error = LongTextField(_("error"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

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

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has it or will take it."""
        return self.state in (self.State.CHECKING, self.State.RUNNING)

    @property
    def is_open(self) -> bool:
        """Whether it has not ended: until then it can be cancelled, for it is written all at once at its end."""
        return self.is_at_work or self.state == self.State.READY


class ImportRow(BaseModel):
    """A line of the report: of which row what was not taken, and why; `count` rows at once where it speaks of many."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows", verbose_name=_("import"))
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=20)
    key = models.CharField(_("key"), max_length=255, blank=True)
    reason = models.CharField(_("reason"), max_length=40)
    field = models.CharField(_("field"), max_length=100, blank=True)
    value = models.CharField(_("value"), max_length=300, blank=True)
    count = models.PositiveIntegerField(_("rows"), default=1)

    class Meta:
        verbose_name = _("import row")
        verbose_name_plural = _("import rows")
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["job", "position"], name="import_row_position_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.reason}"

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return str(Kind(self.kind).label)

    @property
    def reason_text(self) -> str:
        """The reason in words."""
        return str(Reason(self.reason).label)
