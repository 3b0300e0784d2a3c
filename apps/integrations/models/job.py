"""An import: the file, how far it came, and the report of what was not taken whole."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, LongTextField
from apps.integrations.models.reasons import Reason, RowKind
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
        READY = "ready", _("Waiting for your go-ahead")
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
    step = models.CharField(_("step"), max_length=20, blank=True)
    after = models.PositiveIntegerField(_("last place done of this step"), default=0)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    total = models.PositiveIntegerField(_("rows in the file"), default=0)
    telling = models.JSONField(_("the report's state"), default=dict)
    worked_at = models.DateTimeField(_("last worked on"), null=True, blank=True)
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
        """Whether it has not ended: until then it can be cancelled. What was written by then stays, and is counted."""
        return self.is_at_work or self.state == self.State.READY


class ImportRecord(BaseModel):
    """A row of the file, read and clean, with what became of it: so an import goes on where a dead worker left it.

    Kept until the import ends. `key` is the row's own; `folded` is a digest of it in small letters, `name` of what else
    a table may call it by; `label` is how the report calls it.
    """

    class Outcome(models.TextChoices):
        """What became of it; nothing while its step has not come."""

        CREATED = "created", _("New")
        UPDATED = "updated", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="records", verbose_name=_("import"))
    kind = models.CharField(_("kind"), max_length=20)
    position = models.PositiveIntegerField(_("position"))
    key = models.CharField(_("key"), max_length=255)
    folded = models.CharField(_("key in small letters"), max_length=64, blank=True)
    name = models.CharField(_("name in small letters"), max_length=64, blank=True)
    label = models.CharField(_("in the report"), max_length=255)
    data = models.JSONField(_("what the row says"), default=dict)
    row_id = models.UUIDField(_("row here"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    told = models.BooleanField(_("stands in the report"), default=False)

    class Meta:
        verbose_name = _("import record")
        verbose_name_plural = _("import records")
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["job", "kind", "position"], name="import_record_place_once"),)
        indexes = (
            models.Index(fields=["job", "kind", "key"], name="import_record_by_key"),
            models.Index(fields=["job", "kind", "folded"], name="import_record_by_folded"),
            models.Index(fields=["job", "kind", "name"], name="import_record_by_name", condition=~models.Q(name="")),
            models.Index(fields=["job", "kind", "label"], name="import_record_by_label"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


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
        return str(RowKind(self.kind).label)

    @property
    def reason_text(self) -> str:
        """The reason in words."""
        return str(Reason(self.reason).label)
