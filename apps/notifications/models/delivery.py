"""Deliveries: the outbox of all mail. A row is made in the transaction of its cause and sent by a worker later."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel, LongTextField
from apps.notifications.models.chat import ChatChannel
from apps.workspaces.models import Member, Workspace


class Channel(models.TextChoices):
    """The way a message goes."""

    MAIL = "mail", _("Mail")
    CHAT = "chat", _("Chat")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Chainable filters on deliveries."""

    def due(self, at: datetime) -> "DeliveryQuerySet":
        """Those that wait to be sent now, the longest waiting first."""
        return self.filter(state=Delivery.State.QUEUED, next_try_at__lte=at).order_by("next_try_at", "id")

    def ended(self) -> "DeliveryQuerySet":
        """Those that went out, or never will."""
        return self.exclude(state__in=[Delivery.State.QUEUED, Delivery.State.HELD])


class Delivery(BaseModel):
    """One message to one address, or into one chat. `(address, kind, dedupe_key)` is unique: nothing is said twice."""

    class State(models.TextChoices):
        """How far it came."""

        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("No longer needed")
        FAILED = "failed", _("Failed")
        HELD = "held", _("Held back")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="deliveries", verbose_name=_("workspace"))
    recipient = models.ForeignKey(
        Member, models.CASCADE, null=True, blank=True, related_name="deliveries", verbose_name=_("recipient")
    )
    channel = models.CharField(_("channel"), max_length=4, choices=Channel, default=Channel.MAIL)
    chat = models.ForeignKey(
        ChatChannel, models.CASCADE, null=True, blank=True, related_name="deliveries", verbose_name=_("chat channel")
    )
    address = models.EmailField(_("e-mail address"), blank=True)
    kind = models.CharField(_("kind"), max_length=40)
    dedupe_key = models.CharField(_("dedupe key"), max_length=120)
    subject_id = models.UUIDField(_("what it is about"), null=True, blank=True)
    data = models.JSONField(_("details"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    next_try_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    message_id = models.CharField(_("message id"), max_length=255, unique=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = LongTextField(_("last error"))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "channel", "address", "chat", "kind", "dedupe_key"],
                nulls_distinct=False,
                name="delivery_said_once",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.MAIL, chat__isnull=True) & ~Q(address="")
                | Q(channel=Channel.CHAT, chat__isnull=False, address=""),
                name="delivery_by_one_way",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="delivery_sent_at_iff_sent",
            ),
        )
        indexes = (
            models.Index(fields=["next_try_at", "id"], name="delivery_to_send", condition=Q(state="queued")),
            models.Index(fields=["workspace", "-created_at"], name="delivery_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"
