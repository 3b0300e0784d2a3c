"""The hours a person reports for a week, beside those they promised."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.goals.models import Goal
from apps.responsibilities.models.responsibility import Responsibility
from apps.workspaces.models import Member, Workspace


class HoursReport(BaseModel):
    """Hours that a member gave one goal or one responsibility, or anything else, in the week that begins on a Monday.

    Neither goal nor responsibility means: everything else.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="reported_hours", verbose_name=_("person"))
    week = models.DateField(_("week from Monday"))
    goal = models.ForeignKey(
        Goal, models.CASCADE, null=True, blank=True, related_name="reported_hours", verbose_name=_("goal")
    )
    responsibility = models.ForeignKey(
        Responsibility,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="reported_hours",
        verbose_name=_("responsibility"),
    )
    hours = models.DecimalField(
        _("hours"), max_digits=4, decimal_places=1, validators=[MinValueValidator(0), MaxValueValidator(168)]
    )

    objects = models.Manager()

    class Meta:
        verbose_name = _("reported hours")
        verbose_name_plural = _("reported hours")
        constraints = (
            models.CheckConstraint(condition=Q(hours__range=(0, 168)), name="hours_report_fits_a_week"),
            models.CheckConstraint(
                condition=Q(goal__isnull=True) | Q(responsibility__isnull=True), name="hours_report_on_one_thing"
            ),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="hours_report_from_monday"),
            models.UniqueConstraint(
                fields=["member", "week", "goal", "responsibility"],
                nulls_distinct=False,
                name="hours_report_once_a_week",
            ),
        )
        indexes = (models.Index(fields=["workspace", "week"], name="hours_report_by_week"),)

    def __str__(self) -> str:
        return f"{self.member_id} {self.week}: {self.hours}"
