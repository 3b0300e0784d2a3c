"""The activity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    """The append-only log of what was done."""

    name = "apps.activity"
    verbose_name = _("Activity")

    def ready(self) -> None:
        """Write down what happens in the app below, which cannot call up to this one."""
        from apps.activity.queries import last_changes
        from apps.activity.services import record_from_below
        from apps.core.write_conflicts import LAST_CHANGES
        from apps.workspaces.services.events import RECORDERS

        RECORDERS.add(record_from_below)
        LAST_CHANGES.add(last_changes)
