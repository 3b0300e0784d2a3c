"""What somebody said about a goal on a day: confidence, readings, blockers, an ask."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.goals.models.goal import Confidence, Goal
from apps.goals.models.keyresult import KeyResult
from apps.workspaces.models import Member, Workspace


class NoteFormat(models.TextChoices):
    """How a note is written. People write Markdown; imported notes may be HTML, shown sanitised."""

    MARKDOWN = "markdown", _("Markdown")
    HTML = "html", _("HTML")


class CheckIn(BaseModel, ExternalId):
    """One check-in. Imported ones may have an author's name without a member."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="check_ins", verbose_name=_("goal"))
    author = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="check_ins", verbose_name=_("author")
    )
    author_name = models.CharField(_("author's name"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made"))
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence, null=True, blank=True)
    progress = models.FloatField(_("progress"), null=True, blank=True)
    note = LongTextField(_("note"))
    note_format = models.CharField(
        _("format of the note"), max_length=10, choices=NoteFormat, default=NoteFormat.MARKDOWN
    )
    blockers = LongTextField(_("what is in the way"))
    ask = LongTextField(_("ask"))
    ask_to = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="asks", verbose_name=_("asked of")
    )
    answer = LongTextField(_("answer"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    objects: ClassVar[models.Manager["CheckIn"]] = models.Manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ("-made_at", "-id")
        constraints = (
            UniqueInWorkspace(name="check_in_unique_in_workspace"),
            UniqueExternalId(name="check_in_external_id_unique"),
            models.CheckConstraint(
                condition=Q(progress__isnull=True) | Q(progress__range=(0, 1)), name="check_in_progress_0_to_1"
            ),
            models.CheckConstraint(
                condition=Q(ask_to__isnull=True) | ~Q(ask=""), name="check_in_asks_something_of_whom_it_names"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="check_in_answered_at_iff_answered",
            ),
        )
        indexes = (
            models.Index(fields=["goal", "-made_at", "-id"], name="check_in_newest"),
            models.Index(fields=["workspace", "-made_at", "-id"], name="check_in_by_time"),
            models.Index(
                fields=["ask_to", "-made_at"],
                name="check_in_open_asks",
                condition=Q(ask_to__isnull=False, answered_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.goal_id} {self.made_at:%Y-%m-%d}"


class Reading(BaseModel):
    """The value of one key result at a check-in."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    check_in = models.ForeignKey(CheckIn, models.CASCADE, related_name="readings", verbose_name=_("check-in"))
    key_result = models.ForeignKey(KeyResult, models.CASCADE, related_name="readings", verbose_name=_("key result"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = (models.UniqueConstraint(fields=["check_in", "key_result"], name="reading_once_per_check_in"),)
        indexes = (models.Index(fields=["key_result", "-id"], name="reading_by_key_result"),)

    def __str__(self) -> str:
        return f"{self.key_result_id}: {self.value}"


class CheckInRevision(BaseModel):
    """What a check-in said before an edit."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    check_in = models.ForeignKey(CheckIn, models.CASCADE, related_name="revisions", verbose_name=_("check-in"))
    edited_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("edited by"))
    edited_at = models.DateTimeField(_("edited"))
    before = models.JSONField(_("before the edit"))

    class Meta:
        verbose_name = _("earlier version")
        verbose_name_plural = _("earlier versions")
        ordering = ("-edited_at", "-id")

    def __str__(self) -> str:
        return f"{self.check_in_id} {self.edited_at:%Y-%m-%d %H:%M}"
