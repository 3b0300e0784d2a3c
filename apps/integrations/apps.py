"""The integrations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """Import and export."""

    name = "apps.integrations"
    verbose_name = _("Integrations")
