"""When people are away."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, ExternalId, UniqueExternalId, UniqueInWorkspace
from apps.workspaces.models.member import Member
from apps.workspaces.models.workspace import Workspace


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Chainable filters on absences."""

    def on(self, day: date) -> "AbsenceQuerySet":
        """Those that hold a day."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def between(self, first: date, last: date) -> "AbsenceQuerySet":
        """Those that touch any day from the first to the last."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


class Absence(BaseModel, ExternalId):
    """Days on which a person is away, first and last included. No reason is asked for: it is nobody's business."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="absences", verbose_name=_("workspace"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="absences", verbose_name=_("person"))
    starts_on = models.DateField(_("first day away"))
    ends_on = models.DateField(_("last day away"))

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("starts_on", "id")
        constraints = (
            UniqueInWorkspace(name="absence_unique_in_workspace"),
            UniqueExternalId(name="absence_external_id_unique"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"),
            ExclusionConstraint(
                name="absence_once_a_day",
                expressions=[
                    (F("member"), RangeOperators.EQUAL),
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "ends_on", "starts_on"], name="absence_by_time"),
            models.Index(fields=["ends_on"], name="absence_just_over"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.starts_on}…{self.ends_on}"
