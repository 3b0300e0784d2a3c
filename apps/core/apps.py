"""The core app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """What has no noun of the domain."""

    name = "apps.core"
    verbose_name = _("Core")
