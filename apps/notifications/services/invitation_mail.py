"""The mail with which somebody is invited."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.notifications.models import Delivery
from apps.notifications.services.deliveries import queue_delivery
from apps.notifications.services.messages import Message, one_line
from apps.workspaces.models import Invitation

KIND = "invitation"
NAME_MAX = 80


def queue_invitation(invitation: Invitation, url: str, at: datetime) -> None:
    """Put the invitation's mail into the outbox. The secret link is kept there until the mail has gone out."""
    queue_delivery(
        workspace=invitation.workspace,
        kind=KIND,
        dedupe_key=_dedupe_key(invitation),
        address=invitation.email,
        subject_id=invitation.pk,
        data={"url": url},
        at=at,
    )


def render_invitation(delivery: Delivery) -> Message | None:
    """The invitation; None once it was accepted, withdrawn, has run out or was sent again with another link."""
    if delivery.subject_id is None:
        return None
    invitation: Invitation | None = (
        Invitation.objects.open(delivery.updated_at)
        .filter(pk=delivery.subject_id, workspace_id=delivery.workspace_id)
        .select_related("invited_by", "workspace")
        .first()
    )
    if invitation is None or _dedupe_key(invitation) != delivery.dedupe_key or not invitation.invited_by.is_active:
        return None
    words = {
        "inviter": one_line(invitation.invited_by.name, NAME_MAX),
        "workspace": one_line(invitation.workspace.name, NAME_MAX),
        "name": one_line(invitation.name, NAME_MAX),
        "day": date_format(timezone.localtime(invitation.expires_at), pgettext("date format", "l j F")),
    }
    return Message(
        subject=_("%(inviter)s invites you to %(workspace)s") % words,
        greeting=_("Hello %(name)s,") % words if words["name"] else _("Hello,"),
        paragraphs=(
            _("%(inviter)s invites you to %(workspace)s on Counterpoise, where its people keep their goals together.")
            % words,
        ),
        after=(_("The link is for you alone, and is open until %(day)s.") % words,),
        action=_("Join %(workspace)s") % words,
        url=delivery.data["url"],
        reason=_(
            "You get this mail because %(inviter)s wrote your address into an invitation. If that was a mistake, do"
            " nothing: without your yes you join nothing, and no second mail comes by itself."
        )
        % words,
    )


def _dedupe_key(invitation: Invitation) -> str:
    """One mail per link: an invitation that is sent again has a new one."""
    return f"{invitation.pk}:{invitation.token_hash[:16]}"
