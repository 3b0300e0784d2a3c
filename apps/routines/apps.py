"""The routines app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutinesConfig(AppConfig):
    """What is said at its time: the content of reminders and digests."""

    name = "apps.routines"
    verbose_name = _("Routines")

    def ready(self) -> None:
        """Say what digests hold, and tell the outbox how to write them."""
        from apps.notifications.services import MAIL_KINDS, MailKind
        from apps.notifications.services.digest_parts import DIGEST_PARTS
        from apps.routines import services

        DIGEST_PARTS.add(*services.MORNING, *services.WEEKLY)
        MAIL_KINDS.add(MailKind(services.KIND, services.render_digest, services.render_digests, sent_again=True))
