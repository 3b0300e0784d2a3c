"""The activity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    """The append-only log of what was done."""

    name = "apps.activity"
    verbose_name = _("Activity")
