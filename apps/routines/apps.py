"""The routines app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutinesConfig(AppConfig):
    """What is said at its time: the content of reminders and digests."""

    name = "apps.routines"
    verbose_name = _("Routines")
