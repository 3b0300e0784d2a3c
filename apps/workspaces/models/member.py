"""A person in a workspace, and what they may do there as a whole."""

import zoneinfo
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, ExternalId, UniqueExternalId, UniqueInWorkspace
from apps.workspaces.models.workspace import Workspace


class Role(models.TextChoices):
    """What a member may do in the workspace as a whole."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    GUEST = "guest", _("Guest")


class MemberQuerySet(models.QuerySet["Member"]):
    """Chainable filters on members."""

    def active(self) -> "MemberQuerySet":
        """Those who are not deactivated."""
        return self.filter(deactivated_at__isnull=True)

    def named(self, text: str) -> "MemberQuerySet":
        """Those whose name, address or title holds the text, in any case."""
        return self.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(title__icontains=text))


class Member(BaseModel, ExternalId):
    """A person in one workspace. An imported person has no account until they accept an invitation."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="members", verbose_name=_("workspace"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"), blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    manager = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("manager")
    )
    weekly_hours = models.DecimalField(
        _("hours a week"),
        max_digits=4,
        decimal_places=1,
        default=Decimal(40),
        validators=[MinValueValidator(0), MaxValueValidator(168)],
    )
    deactivated_at = models.DateTimeField(_("deactivated"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("name", "id")
        constraints = (
            UniqueInWorkspace(name="member_unique_in_workspace"),
            UniqueExternalId(name="member_external_id_unique"),
            models.UniqueConstraint(
                fields=["workspace", "user"], condition=Q(user__isnull=False), name="member_user_once_per_workspace"
            ),
            models.UniqueConstraint(
                F("workspace"), Lower("email"), condition=~Q(email=""), name="member_email_once_per_workspace"
            ),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="member_is_not_own_manager"),
            models.CheckConstraint(
                condition=Q(weekly_hours__gte=0, weekly_hours__lte=168), name="member_weekly_hours_fit_a_week"
            ),
        )
        indexes = (
            models.Index(fields=["workspace", "name", "id"], name="member_by_name"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="member_name_search"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether the person still works here."""
        return self.deactivated_at is None

    @property
    def is_admin(self) -> bool:
        """Owners and admins run the workspace."""
        return self.role in {Role.OWNER, Role.ADMIN}

    @property
    def is_guest(self) -> bool:
        """Guests see only what they are named on."""
        return self.role == Role.GUEST

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The person's own time zone; the workspace's while they have no account."""
        return zoneinfo.ZoneInfo(self.user.timezone if self.user else self.workspace.timezone)

    def today(self, at: datetime) -> date:
        """The date it is for this person at a moment."""
        return at.astimezone(self.zone).date()
