"""The integrations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Import and export."""

    name = "apps.integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns integrations; docs/architecture.md lists them."""
        from apps.accounts.services import ACCESS_FOLLOWERS
        from apps.activity.access import SUBJECTS
        from apps.activity.services import RECORDED
        from apps.core.health import WAITING
        from apps.integrations.models import EVENTS
        from apps.integrations.queries.audit import INTEGRATION_SUBJECTS
        from apps.integrations.queries.menus import INTEGRATION_MENU
        from apps.integrations.queries.waiting import DONE_LATER
        from apps.integrations.services.tokens import revoke_all
        from apps.integrations.services.webhook_mail import render_webhook_paused
        from apps.integrations.services.webhook_sending import KIND_PAUSED
        from apps.integrations.services.webhooks import queue_messages
        from apps.notifications.services import CHAT_EVENTS, MAIL_KINDS, ChatEvent, MailKind
        from apps.workspaces.queries.menus import MENU_ENTRIES

        MENU_ENTRIES.add(*INTEGRATION_MENU)
        WAITING.add(*DONE_LATER)
        ACCESS_FOLLOWERS.add(revoke_all)
        SUBJECTS.add(*INTEGRATION_SUBJECTS)
        RECORDED.add(queue_messages)
        CHAT_EVENTS.add(*(ChatEvent(name, words) for name, words in EVENTS.items() if not name.startswith("import.")))
        MAIL_KINDS.add(MailKind(KIND_PAUSED, render_webhook_paused))
