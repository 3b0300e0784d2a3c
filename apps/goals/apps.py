"""The goals app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """Cycles, goals, key results and check-ins."""

    name = "apps.goals"
    verbose_name = _("Goals")
