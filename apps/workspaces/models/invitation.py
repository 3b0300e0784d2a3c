"""How people come in."""

import hashlib
import secrets
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.workspaces.models.member import Member, Role
from apps.workspaces.models.team import Team
from apps.workspaces.models.workspace import Workspace


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

    objects = InvitationQuerySet.as_manager()

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
