"""The handovers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HandoversConfig(AppConfig):
    """Handing over for good, and cover in absences."""

    name = "apps.handovers"
    verbose_name = _("Handovers")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns handovers; docs/architecture.md lists them."""
        from apps.activity.access import SUBJECTS
        from apps.core.exports import EXPORTED, Exported
        from apps.handovers import access, serializers
        from apps.handovers.queries.audit import HANDOVER_SUBJECTS
        from apps.handovers.queries.effects import covered, given_away
        from apps.handovers.queries.menus import HANDOVER_MENU
        from apps.handovers.services.cover import follow_absence
        from apps.handovers.services.holdings import HANDOVER_HOLDINGS
        from apps.handovers.services.news import HANDOVER_KINDS
        from apps.notifications.services import KINDS
        from apps.responsibilities.queries.findings import COVERED
        from apps.responsibilities.services.bulk import GIVEN_AWAY
        from apps.tasks.access import WORKED_BY
        from apps.workspaces.access import visible_absences
        from apps.workspaces.queries.menus import MENU_ENTRIES
        from apps.workspaces.services import ABSENCE_CHANGED, HOLDINGS

        MENU_ENTRIES.add(*HANDOVER_MENU)
        KINDS.add(*HANDOVER_KINDS)
        SUBJECTS.add(*HANDOVER_SUBJECTS)
        HOLDINGS.add(*HANDOVER_HOLDINGS)
        ABSENCE_CHANGED.add(follow_absence)
        COVERED.add(covered)
        GIVEN_AWAY.add(given_away)
        WORKED_BY.add(access.worked_by)
        EXPORTED.add(
            Exported("absences", serializers.AbsenceSerializer, visible_absences),
            Exported("handovers", serializers.HandoverSerializer, access.visible_handovers),
        )
