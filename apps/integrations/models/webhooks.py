"""Webhooks: where somebody wants to be told of changes, and every message to there."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apps.activity.models import Event
from apps.core.encryption import EncryptedTextField, is_readable
from apps.core.models import BaseModel, ExternalId, LongTextField, UniqueExternalId, UniqueInWorkspace
from apps.workspaces.models import Member, Workspace

IMPORT_FINISHED = "import.finished"
EVENTS = {
    "goal.created": _("A goal was written"),
    "goal.updated": _("A goal was changed"),
    "goal.checked_in": _("Somebody checked in on a goal"),
    "goal.check_in_edited": _("A check-in was changed"),
    "goal.ask_answered": _("An ask was answered"),
    "goal.achieved": _("A goal was achieved"),
    "goal.missed": _("A goal was missed"),
    "goal.dropped": _("A goal was dropped"),
    "goal.reopened": _("A goal was reopened"),
    "goal.moved": _("A goal was moved in the order"),
    "goal.carried_over": _("A goal was carried over into another cycle"),
    "goal.key_result_added": _("A key result was added"),
    "goal.key_result_changed": _("A key result was changed"),
    "goal.key_result_removed": _("A key result was removed"),
    "responsibility.created": _("A responsibility was written"),
    "responsibility.updated": _("A responsibility was changed"),
    "responsibility.archived": _("A responsibility was archived"),
    "responsibility.restored": _("A responsibility was restored"),
    "responsibility.assigned": _("Somebody was asked to hold something"),
    "responsibility.withdrawn": _("Somebody's role was removed"),
    "assignment.accepted": _("Somebody accepted what they were asked to hold"),
    "assignment.declined": _("Somebody declined what they were asked to hold"),
    "task.created": _("A task was written"),
    "task.updated": _("A task was changed"),
    "task.started": _("A task was begun"),
    "task.put_back": _("A task was put back"),
    "task.completed": _("A task was done"),
    "task.dropped": _("A task was dropped"),
    "task.reopened": _("A task was reopened"),
    "cycle.created": _("A cycle was created"),
    "cycle.updated": _("A cycle was changed"),
    "cycle.closed": _("A cycle was closed"),
    "cycle.reopened": _("A cycle was reopened"),
    "team.created": _("A team was created"),
    "team.updated": _("A team was changed"),
    "member.created": _("A person was added"),
    "member.updated": _("A person was changed"),
    IMPORT_FINISHED: _("An import is done"),
    "import.rows": _("Each row of an import, too"),
}
EACH_ROW = "import.rows"
"""Not an event: who chooses it is told of each row that an import writes, and not only of its end."""
EVENT_NAMES = sorted(EVENTS)


class Webhook(BaseModel, ExternalId):
    """An address that is told of some events, as far as its owner may see what they are about."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="webhooks", verbose_name=_("owner"))
    url = models.URLField(_("address"), max_length=2_000)
    events = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    secret = EncryptedTextField(_("signing secret"))
    is_active = models.BooleanField(_("active"), default=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused after failures"), null=True, blank=True)

    objects: ClassVar[models.Manager["Webhook"]] = models.Manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("-created_at",)
        constraints = (
            UniqueInWorkspace(name="webhook_unique_in_workspace"),
            UniqueExternalId(name="webhook_external_id_unique"),
            models.CheckConstraint(condition=Q(events__len__gt=0), name="webhook_is_told_of_something"),
        )
        indexes = (GinIndex(fields=["events"], name="webhook_by_event"),)

    def __str__(self) -> str:
        return self.url

    @property
    def told_of(self) -> list[tuple[str, StrOrPromise]]:
        """Its events, each with its words."""
        return [(name, words) for name, words in EVENTS.items() if name in self.events]

    @property
    def is_signable(self) -> bool:
        """Whether its secret can be opened: without it nothing is sent."""
        return is_readable(self, "secret")

    @property
    def is_told(self) -> bool:
        """Whether messages go there now."""
        return self.is_active and self.paused_at is None


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Chainable filters on messages to webhooks."""

    def due(self, at: datetime) -> "WebhookDeliveryQuerySet":
        """Those that wait to be sent now, the longest waiting first."""
        return self.filter(state=WebhookDelivery.State.QUEUED, next_try_at__lte=at).order_by("next_try_at", "id")

    def ended(self) -> "WebhookDeliveryQuerySet":
        """Those that were delivered, dropped or given up."""
        return self.exclude(state=WebhookDelivery.State.QUEUED)


class WebhookDelivery(BaseModel):
    """One message: made in the transaction of its event, kept with what came of it."""

    class State(models.TextChoices):
        """How far it came."""

        QUEUED = "queued", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        DROPPED = "dropped", _("Not sent")
        FAILED = "failed", _("Failed")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", verbose_name=_("workspace"))
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.ForeignKey(Event, models.DO_NOTHING, related_name="+", verbose_name=_("event"))
    type = models.CharField(_("type"), max_length=60)
    payload = models.JSONField(_("payload"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    first_try_at = models.DateTimeField(_("first try"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    response = LongTextField(_("beginning of the answer"))
    error = LongTextField(_("error"))

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_told_once_of_an_event"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at__isnull=True)),
                name="webhook_delivered_at_iff_delivered",
            ),
        )
        indexes = (
            models.Index(fields=["webhook", "next_try_at", "id"], name="webhook_to_send", condition=Q(state="queued")),
            models.Index(fields=["webhook", "-created_at", "-id"], name="webhook_log"),
        )

    def __str__(self) -> str:
        return f"{self.type} to {self.webhook_id}"

    @property
    def message_id(self) -> str:
        """The webhook-id header: the same at every try, so that the receiver can tell a repeat."""
        return f"msg_{self.pk.hex}"
