"""The notifications app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """What is said to whom: deliveries."""

    name = "apps.notifications"
    verbose_name = _("Notifications")
