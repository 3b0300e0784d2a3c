"""The goals app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """Cycles, goals, key results and check-ins."""

    name = "apps.goals"
    verbose_name = _("Goals")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns goals; docs/architecture.md lists them."""
        from apps.activity.access import SUBJECTS
        from apps.core.exports import EXPORTED, Exported
        from apps.goals import access, serializers
        from apps.goals.queries.audit import GOAL_SUBJECTS
        from apps.goals.queries.menus import GOAL_MENU
        from apps.goals.services import realign_check_in_dates
        from apps.goals.services.holdings import GOAL_HOLDINGS
        from apps.goals.services.notices import GOAL_KINDS
        from apps.notifications.services import KINDS
        from apps.workspaces.queries.menus import MENU_ENTRIES
        from apps.workspaces.services import HOLDINGS, WORKSPACE_CHANGED

        MENU_ENTRIES.add(*GOAL_MENU)
        KINDS.add(*GOAL_KINDS)
        HOLDINGS.add(*GOAL_HOLDINGS)
        SUBJECTS.add(*GOAL_SUBJECTS)
        WORKSPACE_CHANGED.add(realign_check_in_dates)
        EXPORTED.add(
            Exported("cycles", serializers.CycleSerializer, access.visible_cycles),
            Exported("goals", serializers.GoalSerializer, access.visible_goals),
            Exported("key-results", serializers.KeyResultSerializer, access.visible_key_results),
            Exported("check-ins", serializers.CheckInSerializer, access.visible_check_ins),
        )
