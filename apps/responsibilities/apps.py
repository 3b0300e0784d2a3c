"""The responsibilities app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResponsibilitiesConfig(AppConfig):
    """Who holds what, tasks, time, handovers and cover."""

    name = "apps.responsibilities"
    verbose_name = _("Responsibilities")
