"""Who holds what, and as what: responsible, accountable, consulted or informed.

The four roles are those of the responsibility assignment matrix (PMBOK Guide, 6th ed., 9.1.2.1, "RACI").
"""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.models import BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.goals.models import Goal
from apps.responsibilities.models.responsibility import Responsibility
from apps.workspaces.models import Member, Team, Workspace


class AssignmentRole(models.TextChoices):
    """What somebody is to a responsibility or a goal."""

    RESPONSIBLE = "responsible", _("Responsible")
    ACCOUNTABLE = "accountable", _("Accountable")
    CONSULTED = "consulted", _("Consulted")
    INFORMED = "informed", _("Informed")


LETTERS = {
    AssignmentRole.RESPONSIBLE: "R",
    AssignmentRole.ACCOUNTABLE: "A",
    AssignmentRole.CONSULTED: "C",
    AssignmentRole.INFORMED: "I",
}
ACCEPT_WITHIN = timedelta(days=7)
"""After this time an offer that nobody answered is a finding."""


class AssignmentStatus(models.TextChoices):
    """The life of an assignment: offered, then accepted or declined by the one concerned."""

    OFFERED = "offered", pgettext_lazy("assignment", "Offered")
    ACCEPTED = "accepted", pgettext_lazy("assignment", "Accepted")
    DECLINED = "declined", pgettext_lazy("assignment", "Declined")


HELD = (AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED)
"""What counts as held in the matrix and in findings: an offer counts until it is declined."""


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Chainable filters on assignments."""

    def held(self) -> "AssignmentQuerySet":
        """Offered or accepted."""
        return self.filter(status__in=HELD)

    def waiting(self, at: datetime) -> "AssignmentQuerySet":
        """Offers that nobody answered for longer than they should take."""
        return self.filter(status=AssignmentStatus.OFFERED, offered_at__lte=at - ACCEPT_WITHIN)


class Assignment(BaseModel, ExternalId):
    """A member or a team in one role on a responsibility or directly on a goal.

    By hand a party gets each role on one thing once. An imported row (with an external id) is stored as it is, also
    where its source says the same thing several times.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="assignments", verbose_name=_("workspace"))
    responsibility = models.ForeignKey(
        Responsibility,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("responsibility"),
    )
    goal = models.ForeignKey(
        Goal, models.CASCADE, null=True, blank=True, related_name="assignments", verbose_name=_("goal")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("person")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("team")
    )
    role = models.CharField(_("role"), max_length=12, choices=AssignmentRole)
    status = models.CharField(_("status"), max_length=8, choices=AssignmentStatus, default=AssignmentStatus.OFFERED)
    hours_per_week = models.DecimalField(
        _("hours a week"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(168)],
    )
    note = LongTextField(_("note"), max_length=2_000)
    offered_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("offered by")
    )
    offered_at = models.DateTimeField(_("offered"))
    answered_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    decline_reason = LongTextField(_("why it was declined"), max_length=2_000)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = (
            UniqueInWorkspace(name="assignment_unique_in_workspace"),
            UniqueExternalId(name="assignment_external_id_unique"),
            models.CheckConstraint(
                condition=Q(responsibility__isnull=True, goal__isnull=False)
                | Q(responsibility__isnull=False, goal__isnull=True),
                name="assignment_on_exactly_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=True, team__isnull=False) | Q(member__isnull=False, team__isnull=True),
                name="assignment_of_exactly_one_party",
            ),
            models.CheckConstraint(
                condition=Q(hours_per_week__isnull=True) | Q(hours_per_week__range=(0, 168)),
                name="assignment_hours_fit_a_week",
            ),
            models.CheckConstraint(
                condition=Q(status=AssignmentStatus.OFFERED, answered_at__isnull=True)
                | (~Q(status=AssignmentStatus.OFFERED) & Q(answered_at__isnull=False)),
                name="assignment_answered_at_iff_answered",
            ),
            models.UniqueConstraint(
                fields=["responsibility", "goal", "member", "team", "role"],
                condition=Q(external_id=""),
                nulls_distinct=False,
                name="assignment_once_per_role",
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "-created_at", "-id"], name="assignment_newest"),
            models.Index(fields=["responsibility", "role"], name="assignment_by_responsibility"),
            models.Index(fields=["goal", "role"], name="assignment_by_goal", condition=Q(goal__isnull=False)),
            models.Index(fields=["member", "status", "role"], name="assignment_by_member"),
            models.Index(fields=["team", "status", "role"], name="assignment_by_team"),
            models.Index(
                fields=["workspace", "offered_at"], name="assignment_unanswered", condition=Q(status="offered")
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id or self.team_id} {self.role} {self.responsibility_id or self.goal_id}"

    @property
    def letter(self) -> str:
        """R, A, C or I."""
        return LETTERS[AssignmentRole(self.role)]

    @property
    def is_held(self) -> bool:
        """Offered or accepted."""
        return self.status in HELD
