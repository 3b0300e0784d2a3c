"""The tenant: one organisation."""

import zoneinfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import validate_timezone
from apps.core.models import BaseModel


def monday_to_friday() -> list[int]:
    """The working days of most workspaces, as ISO weekdays (1 is Monday)."""
    return [1, 2, 3, 4, 5]


class Cadence(models.IntegerChoices):
    """How many days may pass between two check-ins on a goal."""

    WEEKLY = 7, _("Every week")
    FORTNIGHTLY = 14, _("Every two weeks")
    MONTHLY = 28, _("Every four weeks")


class Workspace(BaseModel):
    """One organisation: the wall that no row crosses."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_timezone])
    working_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(7)]),
        default=monday_to_friday,
        verbose_name=_("working days"),
    )
    cadence = models.PositiveSmallIntegerField(_("check-in cadence"), choices=Cadence, default=Cadence.WEEKLY)
    accountable_most = models.PositiveSmallIntegerField(
        _("most things one person should be accountable for"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    consult_days = models.PositiveSmallIntegerField(
        _("working days a consulted person has to answer"),
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
    )

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        constraints = (
            models.CheckConstraint(
                condition=Q(working_days__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(working_days__len__gt=0),
                name="workspace_working_days_are_iso_weekdays",
            ),
            models.CheckConstraint(condition=Q(cadence__gte=1), name="workspace_cadence_is_positive"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The workspace's time zone."""
        return zoneinfo.ZoneInfo(self.timezone)
