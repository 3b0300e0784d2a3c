"""The tenant, its people and teams, what they value, and how people come in."""

import hashlib
import secrets
import zoneinfo
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import validate_timezone
from apps.core.models import (
    BaseModel,
    ExternalId,
    LongTextField,
    UniqueExternalId,
    UniqueInWorkspace,
)


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

    objects: ClassVar[Any] = MemberQuerySet.as_manager()

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


class TeamQuerySet(models.QuerySet["Team"]):
    """Chainable filters on teams."""

    def open(self) -> "TeamQuerySet":
        """Those that are not archived."""
        return self.filter(archived_at__isnull=True)

    def below(self, team_ids: Iterable[UUID]) -> "TeamQuerySet":
        """The teams under any of these, at every depth, without these themselves."""
        return self.filter(ancestor_ids__overlap=list(team_ids))


class Team(BaseModel, ExternalId):
    """A team in the tree of teams. `ancestor_ids` runs from the root to the parent; services keep it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="teams", verbose_name=_("workspace"))
    name = models.CharField(_("name"), max_length=200)
    purpose = LongTextField(_("purpose"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent team")
    )
    ancestor_ids: ArrayField[list[UUID], list[UUID]] = ArrayField(models.UUIDField(), default=list, editable=False)
    members = models.ManyToManyField(Member, through="TeamMembership", related_name="teams", verbose_name=_("members"))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects: ClassVar[Any] = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name", "id")
        constraints = (
            UniqueInWorkspace(name="team_unique_in_workspace"),
            UniqueExternalId(name="team_external_id_unique"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="team_is_not_own_parent"),
        )
        indexes = (
            models.Index(fields=["workspace", "name", "id"], name="team_by_name"),
            GinIndex(fields=["ancestor_ids"], name="team_ancestors"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="team_name_search"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for a team at the root."""
        return len(self.ancestor_ids)


class TeamMembership(BaseModel):
    """A member's place in a team; leads lead it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships", verbose_name=_("member"))
    is_lead = models.BooleanField(_("lead"), default=False)

    class Meta:
        verbose_name = _("team membership")
        verbose_name_plural = _("team memberships")
        constraints = (models.UniqueConstraint(fields=["team", "member"], name="team_membership_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} in {self.team_id}"


class Value(BaseModel, ExternalId):
    """Something the workspace (no member) or one person holds dear; goals name the values they serve."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="values", verbose_name=_("workspace"))
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, blank=True, related_name="values", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=200)
    statement = LongTextField(_("what it means here"))

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ("name", "id")
        constraints = (
            UniqueInWorkspace(name="value_unique_in_workspace"),
            UniqueExternalId(name="value_external_id_unique"),
            models.UniqueConstraint(
                F("workspace"), Lower("name"), condition=Q(member__isnull=True), name="value_name_once_per_workspace"
            ),
        )

    def __str__(self) -> str:
        return self.name


def hash_token(token: str) -> str:
    """What is stored of a secret link: its SHA-256. The token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 random bits for a secret link."""
    return secrets.token_urlsafe(32)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Chainable filters on invitations."""

    def open(self, at: datetime) -> "InvitationQuerySet":
        """Those that can still be accepted."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=at)


class Invitation(BaseModel):
    """A way in. With an address it is for that person, once; without one it is a link for many, until it expires.

    Where it names a member (an imported person), whoever accepts takes that member's place.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations", verbose_name=_("workspace"))
    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team"))
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, blank=True, related_name="invitations", verbose_name=_("member")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("invited by"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=~Q(role=Role.OWNER), name="invitation_never_makes_an_owner"),
            models.CheckConstraint(
                condition=Q(email="") | Q(accepted_at__isnull=True) | Q(accepted_by__isnull=False),
                name="invitation_accepted_by_someone",
            ),
        )
        indexes = (models.Index(fields=["workspace", "-created_at"], name="invitation_newest"),)

    def __str__(self) -> str:
        return self.email or str(_("Invitation link"))

    @property
    def is_link(self) -> bool:
        """Whether many people may use it."""
        return not self.email

    def state(self, at: datetime) -> str:
        """What it is at a moment: accepted, revoked, expired or open."""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= at else "open"
