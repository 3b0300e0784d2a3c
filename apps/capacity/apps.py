"""The capacity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CapacityConfig(AppConfig):
    """Hours promised and reported, against the hours there are."""

    name = "apps.capacity"
    verbose_name = _("Capacity")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns hours; docs/architecture.md lists them."""
        from apps.capacity.queries.hours import seen_reports
        from apps.capacity.queries.load import promised_in_week
        from apps.capacity.serializers import ReportedHoursSerializer
        from apps.core.exports import EXPORTED, Exported
        from apps.responsibilities.queries.holding import PROMISED

        PROMISED.add(promised_in_week)
        EXPORTED.add(Exported("reported-hours", ReportedHoursSerializer, seen_reports))
