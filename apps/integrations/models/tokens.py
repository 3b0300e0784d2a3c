"""Personal tokens of the API."""

import secrets
import zlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.workspaces.models import Member, Workspace

PREFIX = "cpt_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_LENGTH = 36
CHECK_LENGTH = 6

SCOPES = {
    "people:read": _("Read people, teams and values"),
    "people:write": _("Change people, teams and values"),
    "goals:read": _("Read cycles, goals, key results and check-ins"),
    "goals:write": _("Change cycles, goals, key results and check-ins"),
    "responsibilities:read": _("Read responsibilities, assignments, tasks, time off and handovers"),
    "responsibilities:write": _("Change responsibilities, assignments, tasks, time off and handovers"),
    "inbox:read": _("Read your inbox"),
    "inbox:write": _("Mark what is in your inbox, and do what it asks for"),
    "webhooks:read": _("Read your webhooks and what they delivered"),
    "webhooks:write": _("Change your webhooks"),
    "exports:read": _("Read your exports"),
    "exports:write": _("Start exports of all you may see"),
}


def _checksum(random: str) -> str:
    number, text = zlib.crc32(random.encode()), ""
    for _place in range(CHECK_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        text = ALPHABET[digit] + text
    return text


def new_api_token() -> str:
    """A new secret: cpt_, 36 random letters and digits (214 bits), and six of a CRC-32 over them.

    The prefix lets secret scanners find a leaked token, the checksum lets them, and us, tell one from noise without a
    look-up (as GitHub's tokens since 2021, "Behind GitHub's new authentication token formats").
    """
    random = "".join(secrets.choice(ALPHABET) for _place in range(RANDOM_LENGTH))
    return f"{PREFIX}{random}{_checksum(random)}"


def token_is_well_formed(token: str) -> bool:
    """Whether the text can be a token: prefix, length and checksum are right."""
    random, check = token[len(PREFIX) : -CHECK_LENGTH], token[-CHECK_LENGTH:]
    return (
        token.startswith(PREFIX)
        and len(random) == RANDOM_LENGTH
        and set(token[len(PREFIX) :]) <= set(ALPHABET)
        and _checksum(random) == check
    )


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Chainable filters on tokens."""

    def usable(self, at: datetime) -> "ApiTokenQuerySet":
        """Those that are neither revoked nor expired, of members and accounts that are active."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=at),
            revoked_at=None,
            member__deactivated_at=None,
            member__user__is_active=True,
        )


class ApiToken(BaseModel):
    """A program's way in as one member, cut down by its scopes. The token itself is shown once and never stored."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="api_tokens", verbose_name=_("member"))
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=12, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ("-created_at",)
        constraints = (models.CheckConstraint(condition=Q(scopes__len__gt=0), name="api_token_may_do_something"),)
        indexes = (models.Index(fields=["member", "-created_at"], name="api_token_newest"),)

    def __str__(self) -> str:
        return self.name

    def is_usable(self, at: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)
