"""The capacity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CapacityConfig(AppConfig):
    """Hours promised and reported, against the hours there are."""

    name = "apps.capacity"
    verbose_name = _("Capacity")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns hours; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.capacity.queries.hours import seen_reports  # noqa: PLC0415
        from apps.capacity.queries.load import promised_in_week  # noqa: PLC0415
        from apps.capacity.serializers import ReportedHoursSerializer  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.responsibilities.queries.holding import PROMISED  # noqa: PLC0415

        PROMISED.add(promised_in_week)
        EXPORTED.append(Exported("reported-hours", ReportedHoursSerializer, seen_reports))
