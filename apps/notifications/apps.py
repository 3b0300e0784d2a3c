"""The notifications app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What is said to whom: deliveries."""

    name = "apps.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        """Hear of invitations, and tell the outbox what their mail says."""
        from apps.notifications.services import RENDERERS, invitation_mail  # noqa: PLC0415 - models are loaded only now
        from apps.workspaces.services.invitations import INVITATION_CREATED  # noqa: PLC0415 - as above

        INVITATION_CREATED.append(invitation_mail.queue_invitation)
        RENDERERS[invitation_mail.KIND] = invitation_mail.render_invitation
