"""The integrations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Import and export."""

    name = "apps.integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns integrations; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.accounts.services import ACCESS_FOLLOWERS  # noqa: PLC0415
        from apps.activity.access import add_subjects  # noqa: PLC0415
        from apps.activity.services import RECORDED  # noqa: PLC0415
        from apps.integrations.models import EVENTS  # noqa: PLC0415
        from apps.integrations.queries.audit import INTEGRATION_SUBJECTS  # noqa: PLC0415
        from apps.integrations.services.tokens import revoke_all  # noqa: PLC0415
        from apps.integrations.services.webhook_mail import render_webhook_paused  # noqa: PLC0415
        from apps.integrations.services.webhook_sending import KIND_PAUSED  # noqa: PLC0415
        from apps.integrations.services.webhooks import queue_messages  # noqa: PLC0415
        from apps.notifications.services import CHAT_EVENTS, RENDERERS  # noqa: PLC0415

        ACCESS_FOLLOWERS.append(revoke_all)
        add_subjects(*INTEGRATION_SUBJECTS)
        RECORDED.append(queue_messages)
        CHAT_EVENTS.update({name: words for name, words in EVENTS.items() if not name.startswith("import.")})
        RENDERERS[KIND_PAUSED] = render_webhook_paused
