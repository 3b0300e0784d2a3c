"""Handing over for good, and covering for the time of an absence.

A handover moves rows when it is accepted. A cover moves nothing: while its days last, whoever covers acts and is
reminded in the place of the absent person; afterwards everything is as it was.
"""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.goals.models import Goal
from apps.responsibilities.models.responsibility import Responsibility
from apps.tasks.models.task import Task
from apps.workspaces.models import Absence, Member, Workspace


class HandoverKind(models.TextChoices):
    """For good, or for the days of an absence."""

    HANDOVER = "handover", _("Handover")
    COVER = "cover", _("Cover")


class HandoverStatus(models.TextChoices):
    """The life of a handover: proposed → accepted → done; or declined."""

    PROPOSED = "proposed", pgettext_lazy("handover", "Proposed")
    ACCEPTED = "accepted", pgettext_lazy("handover", "Accepted")
    DECLINED = "declined", pgettext_lazy("handover", "Declined")
    DONE = "done", pgettext_lazy("handover", "Done")


class CameToNothing(models.TextChoices):
    """Why a handover or cover came to nothing where the receiver did not say so: kept as a code, so that each reader
    has it in their own language.
    """

    WITHDRAWN = "withdrawn", _("It was withdrawn.")
    REPLACED = "replaced", _("Somebody else was asked.")
    DAYS_OVER = "days_over", _("Its days have passed.")
    GIVER_LEFT = "giver_left", _("Who gives it does not work here any more.")
    RECEIVER_LEFT = "receiver_left", _("Who was asked does not work here any more.")
    GOAL_CLOSED = "goal_closed", _("This goal is closed.")
    ARCHIVED = "archived", _("This responsibility is archived.")
    NOT_SEEN = "not_seen", _("Who was asked cannot see this.")
    NOTHING_LEFT = "nothing_left", _("There was nothing left to hand over.")
    NOT_POSSIBLE = "not_possible", _("It could not be carried out.")


OPEN_HANDOVER_STATUSES = (HandoverStatus.PROPOSED, HandoverStatus.ACCEPTED)


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Chainable filters on handovers."""

    def open(self) -> "HandoverQuerySet":
        """Proposed or accepted."""
        return self.filter(status__in=OPEN_HANDOVER_STATUSES)

    def covering(self, day: date) -> "HandoverQuerySet":
        """Accepted covers that hold on a day."""
        return self.filter(
            kind=HandoverKind.COVER, status=HandoverStatus.ACCEPTED, starts_on__lte=day, ends_on__gte=day
        )

    def in_force(self) -> "HandoverQuerySet":
        """Covers that have begun and are not over: the rules ask this, so that they need no clock."""
        return self.filter(kind=HandoverKind.COVER, status=HandoverStatus.ACCEPTED, begun_at__isnull=False)


class Handover(BaseModel, ExternalId):
    """From one person to another: what they hold on one responsibility, or on one goal.

    On a responsibility: the giver's own assignments and open tasks there. On a goal: its ownership, their assignments,
    hours and open tasks there (as a handover), or its check-ins (as a cover).
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="handovers", verbose_name=_("workspace"))
    kind = models.CharField(_("kind"), max_length=8, choices=HandoverKind, default=HandoverKind.HANDOVER)
    responsibility = models.ForeignKey(
        Responsibility,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="handovers",
        verbose_name=_("responsibility"),
    )
    goal = models.ForeignKey(
        Goal, models.CASCADE, null=True, blank=True, related_name="handovers", verbose_name=_("goal")
    )
    from_member = models.ForeignKey(Member, models.PROTECT, related_name="handovers_given", verbose_name=_("from"))
    to_member = models.ForeignKey(Member, models.PROTECT, related_name="handovers_taken", verbose_name=_("to"))
    absence = models.ForeignKey(
        Absence, models.CASCADE, null=True, blank=True, related_name="covers", verbose_name=_("absence")
    )
    starts_on = models.DateField(_("from the day"))
    ends_on = models.DateField(_("until the day"), null=True, blank=True)
    notes = LongTextField(_("notes"))
    status = models.CharField(_("status"), max_length=8, choices=HandoverStatus, default=HandoverStatus.PROPOSED)
    proposed_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    decline_reason = LongTextField(_("why it was declined"), max_length=2_000)
    decline_code = models.CharField(
        _("why it came to nothing by itself"), max_length=16, choices=CameToNothing, blank=True, default=""
    )
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        constraints = (
            UniqueInWorkspace(name="handover_unique_in_workspace"),
            UniqueExternalId(name="handover_external_id_unique"),
            models.CheckConstraint(
                condition=Q(responsibility__isnull=True, goal__isnull=False)
                | Q(responsibility__isnull=False, goal__isnull=True),
                name="handover_of_exactly_one_thing",
            ),
            models.CheckConstraint(condition=~Q(from_member=F("to_member")), name="handover_between_two_people"),
            models.CheckConstraint(
                condition=Q(kind=HandoverKind.HANDOVER, absence__isnull=True, ends_on__isnull=True)
                | Q(kind=HandoverKind.COVER, ends_on__isnull=False),
                name="handover_cover_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="handover_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status=HandoverStatus.DONE, done_at__isnull=False)
                | (~Q(status=HandoverStatus.DONE) & Q(done_at__isnull=True)),
                name="handover_done_at_iff_done",
            ),
            models.CheckConstraint(
                condition=Q(begun_at__isnull=True)
                | Q(kind=HandoverKind.COVER, status__in=[HandoverStatus.ACCEPTED, HandoverStatus.DONE]),
                name="handover_only_covers_begin",
            ),
            models.CheckConstraint(
                condition=Q(decline_code="") | Q(status=HandoverStatus.DECLINED, decline_reason=""),
                name="handover_code_instead_of_words",
            ),
            models.UniqueConstraint(
                fields=["responsibility", "goal", "from_member"],
                condition=Q(kind=HandoverKind.HANDOVER, status__in=OPEN_HANDOVER_STATUSES),
                nulls_distinct=False,
                name="handover_open_once",
            ),
            models.UniqueConstraint(
                fields=["absence", "responsibility", "goal"],
                condition=Q(absence__isnull=False, status__in=OPEN_HANDOVER_STATUSES),
                nulls_distinct=False,
                name="handover_one_cover_per_absence",
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "-created_at", "-id"], name="handover_newest"),
            models.Index(fields=["to_member", "status"], name="handover_to_member"),
            models.Index(fields=["from_member", "status"], name="handover_from_member"),
            models.Index(
                fields=["workspace", "ends_on"],
                name="handover_covers",
                condition=Q(kind=HandoverKind.COVER, status=HandoverStatus.ACCEPTED),
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_member_id} to {self.to_member_id}: {self.responsibility_id or self.goal_id}"

    @property
    def is_open(self) -> bool:
        """Proposed or accepted."""
        return self.status in OPEN_HANDOVER_STATUSES

    @property
    def is_cover(self) -> bool:
        """For the days of an absence, not for good."""
        return self.kind == HandoverKind.COVER

    @property
    def why_declined(self) -> str:
        """Why it came to nothing: the receiver's own words, or those of its code in the reader's language."""
        return self.decline_reason or str(self.get_decline_code_display())

    @property
    def thing(self) -> Responsibility | Goal:
        """What it is about."""
        found = self.goal or self.responsibility
        assert found is not None, "a constraint holds it"  # noqa: S101
        return found

    @property
    def is_in_force(self) -> bool:
        """A cover that has begun and is not over."""
        return self.is_cover and self.status == HandoverStatus.ACCEPTED and self.begun_at is not None


class HandoverTask(BaseModel):
    """A task that moves with a handover; whose it was before can be read from the handover."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="moves", verbose_name=_("handover"))
    task = models.ForeignKey(Task, models.CASCADE, related_name="+", verbose_name=_("task"))

    class Meta:
        verbose_name = _("task handed over")
        verbose_name_plural = _("tasks handed over")
        constraints = (models.UniqueConstraint(fields=["handover", "task"], name="handover_task_once"),)

    def __str__(self) -> str:
        return f"{self.task_id} with {self.handover_id}"
