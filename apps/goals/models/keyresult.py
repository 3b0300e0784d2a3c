"""How one knows that a goal is reached."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TITLE_MAX, BaseModel, ExternalId, UniqueExternalId, UniqueInWorkspace
from apps.goals.models.goal import Goal
from apps.workspaces.models import Workspace


class KeyResultKind(models.TextChoices):
    """What a key result counts."""

    NUMBER = "number", _("Number")
    PERCENT = "percent", _("Percent")
    MILESTONE = "milestone", _("Milestone, done or not")


class KeyResult(BaseModel, ExternalId):
    """A measure with a start and a target. Whether up or down is better follows from these two."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    goal = models.ForeignKey(Goal, models.CASCADE, related_name="key_results", verbose_name=_("goal"))
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    kind = models.CharField(_("kind"), max_length=10, choices=KeyResultKind, default=KeyResultKind.NUMBER)
    start_value = models.DecimalField(_("start"), max_digits=20, decimal_places=4, default=Decimal(0))
    target_value = models.DecimalField(_("target"), max_digits=20, decimal_places=4, default=Decimal(100))
    current_value = models.DecimalField(_("now"), max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    weight = models.DecimalField(
        _("weight"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal(100))],
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    progress = models.FloatField(_("progress"), default=0.0)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects: ClassVar[models.Manager["KeyResult"]] = models.Manager()

    class Meta:
        verbose_name = _("key result")
        verbose_name_plural = _("key results")
        ordering = ("position", "id")
        constraints = (
            UniqueInWorkspace(name="key_result_unique_in_workspace"),
            UniqueExternalId(name="key_result_external_id_unique"),
            models.CheckConstraint(condition=~Q(title=""), name="key_result_has_a_title"),
            models.CheckConstraint(condition=~Q(start_value=F("target_value")), name="key_result_goes_somewhere"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="key_result_weight_is_positive"),
            models.CheckConstraint(condition=Q(progress__range=(0, 1)), name="key_result_progress_0_to_1"),
            models.CheckConstraint(
                condition=~Q(kind=KeyResultKind.MILESTONE) | Q(start_value=0, target_value=1),
                name="key_result_milestone_from_0_to_1",
            ),
        )
        indexes = (
            models.Index(fields=["goal", "position", "id"], name="key_result_by_goal"),
            models.Index(fields=["workspace", "-created_at", "-id"], name="key_result_newest"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def value_now(self) -> Decimal:
        """The last reading; the start while there is none."""
        return self.start_value if self.current_value is None else self.current_value

    @property
    def falls(self) -> bool:
        """Whether less is better."""
        return self.target_value < self.start_value

    @property
    def is_milestone(self) -> bool:
        """Whether it is only done or not."""
        return self.kind == KeyResultKind.MILESTONE

    @property
    def shown_unit(self) -> str:
        """The unit as it stands behind a figure."""
        return "%" if self.kind == KeyResultKind.PERCENT else self.unit
