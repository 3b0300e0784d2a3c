"""The outbox of mails about an account: they belong to no workspace, and what they say is secret until they are out."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.encryption import EncryptedTextField
from apps.core.models import BaseModel, LongTextField
from apps.notifications.models.delivery import Delivery


class AccountMailQuerySet(models.QuerySet["AccountMail"]):
    """Chainable filters on mails about accounts."""

    def due(self, at: datetime) -> "AccountMailQuerySet":
        """Those that wait to be sent now, the longest waiting first."""
        return self.filter(state=Delivery.State.QUEUED, next_try_at__lte=at).order_by("next_try_at", "id")

    def ended(self) -> "AccountMailQuerySet":
        """Those that went out, or never will."""
        return self.exclude(state__in=[Delivery.State.QUEUED, Delivery.State.HELD])


class AccountMail(BaseModel):
    """One mail about an account to one address, written out already.

    `content` is its subject, text and HTML, with the link; erased when it has gone out or never will. `user` is None
    where the address has no account. Nothing is sent from `expires_at` on: its link would lead nowhere.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    address = models.EmailField(_("e-mail address"))
    kind = models.CharField(_("kind"), max_length=60)
    content = EncryptedTextField(_("content"), blank=True)
    expires_at = models.DateTimeField(_("open until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=Delivery.State, default=Delivery.State.QUEUED)
    next_try_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    message_id = models.CharField(_("message id"), max_length=255, unique=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = LongTextField(_("last error"))

    objects = AccountMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("account mail")
        verbose_name_plural = _("account mails")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="account_mail_sent_at_iff_sent",
            ),
        )
        indexes = (
            models.Index(fields=["next_try_at", "id"], name="account_mail_to_send", condition=Q(state="queued")),
            models.Index(fields=["user", "-created_at"], name="account_mail_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"
