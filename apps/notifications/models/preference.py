"""What a person wants to be told of, and when."""

from datetime import date, datetime, time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.notifications.models.notice import Reach
from apps.workspaces.models import Member, Workspace


class Preference(BaseModel):
    """How far one kind of news reaches one person, where they chose otherwise than the kind's default."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="preferences", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=40)
    reach = models.CharField(_("reach"), max_length=6, choices=Reach)

    objects = models.Manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = (models.UniqueConstraint(fields=["member", "kind"], name="preference_once_per_kind"),)

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}: {self.reach}"


class DeliveryScheduleQuerySet(models.QuerySet["DeliverySchedule"]):
    """Chainable filters on schedules."""

    def due_for_digest(self, at: datetime) -> "DeliveryScheduleQuerySet":
        """People whose morning digest is due."""
        return self.filter(next_digest_at__lte=at)

    def due_for_weekly(self, at: datetime) -> "DeliveryScheduleQuerySet":
        """People whose weekly digest is due."""
        return self.filter(next_weekly_at__lte=at)


class DeliverySchedule(BaseModel):
    """When a person may be disturbed, in their own time zone. Everybody with an account has one.

    Quiet hours run from `quiet_from` to `quiet_until`, usually over midnight; equal means none. `working_days` null
    means the workspace's. Nothing is sent before the day `paused_until`; it comes in the first digest after.
    `next_digest_on` is the first of their days without a digest, `next_digest_at` the moment it is due; null means none
    is planned.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    member = models.OneToOneField(Member, models.CASCADE, related_name="schedule", verbose_name=_("person"))
    quiet_from = models.TimeField(_("quiet from"), default=time(19, 0))
    quiet_until = models.TimeField(_("quiet until"), default=time(7, 30))
    working_days: ArrayField[list[int] | None, list[int] | None] = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(7)]),
        null=True,
        blank=True,
        verbose_name=_("working days"),
    )
    daily_digest = models.BooleanField(_("morning digest"), default=True)
    digest_at = models.TimeField(_("time of the digest"), default=time(8, 30))
    weekly_digest = models.BooleanField(_("weekly digest"), default=True)
    weekly_on = models.PositiveSmallIntegerField(
        _("day of the weekly digest"), default=1, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    paused_until = models.DateField(_("paused until"), null=True, blank=True)
    next_digest_on = models.DateField(_("day of the next morning digest"), null=True, blank=True, editable=False)
    next_digest_at = models.DateTimeField(_("next morning digest"), null=True, blank=True, editable=False)
    next_weekly_on = models.DateField(_("day of the next weekly digest"), null=True, blank=True, editable=False)
    next_weekly_at = models.DateTimeField(_("next weekly digest"), null=True, blank=True, editable=False)
    last_mail_at = models.DateTimeField(_("last mail of notices"), null=True, blank=True, editable=False)

    objects = DeliveryScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery schedule")
        verbose_name_plural = _("delivery schedules")
        constraints = (
            models.CheckConstraint(condition=Q(weekly_on__range=(1, 7)), name="schedule_weekly_on_iso_weekday"),
            models.CheckConstraint(
                condition=Q(working_days__isnull=True)
                | (Q(working_days__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(working_days__len__gt=0)),
                name="schedule_working_days_are_iso_weekdays",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_digest_at"], name="schedule_next_digest", condition=Q(next_digest_at__isnull=False)
            ),
            models.Index(
                fields=["next_weekly_at"], name="schedule_next_weekly", condition=Q(next_weekly_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id}"

    def is_quiet(self, local: time) -> bool:
        """Whether a time of the person's day lies in their quiet hours."""
        if self.quiet_from == self.quiet_until:
            return False
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until

    def is_paused(self, day: date) -> bool:
        """Whether the person asked for silence on this day."""
        return self.paused_until is not None and day < self.paused_until
