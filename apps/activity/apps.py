"""The activity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    """The append-only log of what was done."""

    name = "apps.activity"
    verbose_name = _("Activity")

    def ready(self) -> None:
        """Write down what happens in the app below, which cannot call up to this one."""
        # The models are loaded only now, hence the imports here.
        from apps.activity.queries import last_changes  # noqa: PLC0415
        from apps.activity.services import record  # noqa: PLC0415
        from apps.core.write_conflicts import LAST_CHANGES  # noqa: PLC0415
        from apps.workspaces.services.events import RECORDERS  # noqa: PLC0415

        RECORDERS.append(record)
        LAST_CHANGES.add(last_changes)
