"""The mail to the owner of a webhook that was paused."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.urls import reverse_in
from apps.integrations.models import Webhook
from apps.notifications.models import Delivery
from apps.notifications.services import Message


def render_webhook_paused(delivery: Delivery) -> Message | None:
    """What the mail says; None where the webhook is gone, another's, or told again meanwhile."""
    if delivery.recipient is None or delivery.subject_id is None:
        return None
    webhook = Webhook.objects.filter(pk=delivery.subject_id, member=delivery.recipient).first()
    if webhook is None or webhook.paused_at is None:
        return None
    host = urlsplit(webhook.url).hostname or ""
    url = settings.SITE_URL + reverse_in(delivery.workspace, "integrations:webhook_detail", webhook.pk)
    return Message(
        subject=_("Your webhook to %(host)s is paused") % {"host": host},
        greeting=_("Hello %(name)s,") % {"name": delivery.recipient.name},
        paragraphs=(
            _("%(host)s has not accepted our messages for a day, so we stopped sending them.") % {"host": host},
            _("Nothing is lost: what was not delivered is in the log and can be sent again."),
        ),
        action=_("Look at the webhook"),
        url=url,
        reason=_("You get this because the webhook is yours."),
    )
