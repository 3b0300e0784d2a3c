"""The span of time in which goals are set and reached."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, ExternalId, UniqueExternalId, UniqueInWorkspace
from apps.workspaces.models import Member, Workspace


class CycleQuerySet(models.QuerySet["Cycle"]):
    """Chainable filters on cycles."""

    def open(self) -> "CycleQuerySet":
        """Those that are not closed."""
        return self.filter(closed_at__isnull=True)

    def newest_first(self) -> "CycleQuerySet":
        """By start, the latest first; those without dates last."""
        return self.order_by(F("starts_on").desc(nulls_last=True), "-name", "-id")


class Cycle(BaseModel, ExternalId):
    """A quarter, a season, a year. Dates are empty only where an import did not know them."""

    class Status(models.TextChoices):
        """Where the cycle stands on a day."""

        UPCOMING = "upcoming", _("Upcoming")
        CURRENT = "current", _("Current")
        CLOSED = "closed", _("Closed")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="cycles", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=200)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        constraints = (
            UniqueInWorkspace(name="cycle_unique_in_workspace"),
            UniqueExternalId(name="cycle_external_id_unique"),
            models.UniqueConstraint(F("workspace"), Lower("name"), name="cycle_name_once_per_workspace"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cycle_ends_after_it_starts"),
        )
        indexes = (models.Index(fields=["workspace", "-starts_on"], name="cycle_newest"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        """Whether the cycle was closed."""
        return self.closed_at is not None

    def status_on(self, day: date) -> "Cycle.Status":
        """Closed once it was closed; upcoming before its start; current from then on, however late."""
        if self.closed_at is not None:
            return Cycle.Status.CLOSED
        if self.starts_on is not None and self.starts_on > day:
            return Cycle.Status.UPCOMING
        return Cycle.Status.CURRENT
