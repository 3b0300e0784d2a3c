"""The handovers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoversConfig(AppConfig):
    """Handing over for good, and cover in absences."""

    name = "apps.handovers"
    verbose_name = _("Handovers")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns handovers; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.activity.access import add_subjects  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.handovers import access, serializers  # noqa: PLC0415
        from apps.handovers.queries.audit import HANDOVER_SUBJECTS  # noqa: PLC0415
        from apps.handovers.queries.effects import covered, given_away  # noqa: PLC0415
        from apps.handovers.services.cover import follow_absence  # noqa: PLC0415
        from apps.handovers.services.holdings import HANDOVER_HOLDINGS  # noqa: PLC0415
        from apps.handovers.services.news import HANDOVER_KINDS  # noqa: PLC0415
        from apps.notifications.services import add_kinds  # noqa: PLC0415
        from apps.responsibilities.queries.findings import COVERED  # noqa: PLC0415
        from apps.responsibilities.services.bulk import GIVEN_AWAY  # noqa: PLC0415
        from apps.tasks.access import WORKED_BY  # noqa: PLC0415
        from apps.workspaces.access import visible_absences  # noqa: PLC0415
        from apps.workspaces.services import ABSENCE_CHANGED, HOLDINGS  # noqa: PLC0415

        add_kinds(*HANDOVER_KINDS)
        add_subjects(*HANDOVER_SUBJECTS)
        HOLDINGS.extend(HANDOVER_HOLDINGS)
        ABSENCE_CHANGED.append(follow_absence)
        COVERED.add(covered)
        GIVEN_AWAY.add(given_away)
        WORKED_BY.add(access.covers_assignee)
        EXPORTED.extend(
            (
                Exported("absences", serializers.AbsenceSerializer, visible_absences),
                Exported("handovers", serializers.HandoverSerializer, access.visible_handovers),
            )
        )
