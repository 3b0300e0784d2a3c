"""What admins do about mail: send a test, and send again what failed."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.clock import database_now
from apps.core.urls import reverse_in
from apps.notifications import access
from apps.notifications.models import Delivery
from apps.notifications.services.addresses import is_held_back
from apps.notifications.services.bounces import BOUNCED
from apps.notifications.services.deliveries import queue_delivery
from apps.notifications.services.messages import Message, is_sent_again
from apps.workspaces.models import Member

KIND = "mail_test"


@transaction.atomic
def send_test_mail(*, by: Member, at: datetime) -> None:
    """Put a mail to oneself into the outbox, at most one a minute. Raises PermissionDenied, ValidationError."""
    access.can_see_mail_health.demand(by)
    minute = at.replace(second=0, microsecond=0).isoformat()
    if not queue_delivery(workspace=by.workspace, recipient=by, kind=KIND, dedupe_key=minute, at=at):
        raise ValidationError(_("A test mail was sent a moment ago."))


def render_test_mail(delivery: Delivery) -> Message | None:
    """Says that mail works, to whoever asked: an admin, or somebody at the machine (manage.py check_mail)."""
    member = delivery.recipient
    page = reverse_in(delivery.workspace, "notifications:mail_health")
    return Message(
        subject=_("Mail from Counterpoise works"),
        greeting=_("Hello %(name)s,") % {"name": member.name} if member else _("Hello,"),
        paragraphs=(_("This test went the whole way: from the outbox, by a worker, over your mail server, to you."),),
        after=(_("If it is in your spam folder, set up SPF, DKIM and DMARC records for the sender's domain."),),
        action=_("See how mail is doing"),
        url=settings.SITE_URL + page,
        reason=_("You get this mail because you asked for a test."),
    )


def can_be_sent_again(delivery: Delivery) -> bool:
    """Whether a failed mail still holds what it needs: not one with a secret, nor one that went out and came back."""
    return is_sent_again(delivery) and delivery.data != BOUNCED


@transaction.atomic
def retry_delivery(delivery: Delivery, *, by: Member, at: datetime) -> None:
    """Try a failed mail from the beginning. Whether it is still needed is asked again when it is sent.

    Raises PermissionDenied; ValidationError where it has not failed, its details were erased with its secret, or its
    address does not work.
    """
    access.can_see_mail_health.demand(by)
    row = access.visible_mails(by).select_for_update(of=("self",)).get(pk=delivery.pk)
    if row.state != Delivery.State.FAILED:
        raise ValidationError(_("This mail is waiting, or has gone out."))
    if not can_be_sent_again(row):
        raise ValidationError(_("This mail cannot be sent again: what it held was erased. Make a new one."))
    if is_held_back(row):
        raise ValidationError(_("Its address does not work: let it be mailed again first."))
    row.state, row.next_try_at, row.attempts = Delivery.State.QUEUED, min(at, database_now()), 0
    row.last_error, row.updated_at = "", at
    row.save(update_fields=["state", "next_try_at", "attempts", "last_error", "updated_at"])
