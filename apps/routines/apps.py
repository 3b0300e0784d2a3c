"""The routines app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutinesConfig(AppConfig):
    """What is said at its time: the content of reminders and digests."""

    name = "apps.routines"
    verbose_name = _("Routines")

    def ready(self) -> None:
        """Say what digests hold, and tell the outbox how to write them."""
        # The models are loaded only now, hence the imports here.
        from apps.notifications.services import RENDERERS  # noqa: PLC0415
        from apps.notifications.services.messages import BATCH_RENDERERS  # noqa: PLC0415
        from apps.notifications.services.outbox import SENT_AGAIN  # noqa: PLC0415
        from apps.routines import services  # noqa: PLC0415

        services.DIGEST_SECTIONS.extend((*services.MORNING, *services.WEEKLY))
        RENDERERS[services.KIND] = services.render_digest
        BATCH_RENDERERS[services.KIND] = services.render_digests
        SENT_AGAIN.add(services.KIND)
