"""The goals app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """Cycles, goals, key results and check-ins."""

    name = "apps.goals"
    verbose_name = _("Goals")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns goals; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.activity.access import add_subjects  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.goals import access, serializers  # noqa: PLC0415
        from apps.goals.queries.audit import GOAL_SUBJECTS  # noqa: PLC0415
        from apps.goals.services import realign_check_in_dates  # noqa: PLC0415
        from apps.goals.services.holdings import GOAL_HOLDINGS  # noqa: PLC0415
        from apps.goals.services.notices import GOAL_KINDS  # noqa: PLC0415
        from apps.notifications.services import add_kinds  # noqa: PLC0415
        from apps.workspaces.services import HOLDINGS, WORKSPACE_CHANGED  # noqa: PLC0415

        add_kinds(*GOAL_KINDS)
        HOLDINGS.extend(GOAL_HOLDINGS)
        add_subjects(*GOAL_SUBJECTS)
        WORKSPACE_CHANGED.append(realign_check_in_dates)
        EXPORTED.extend(
            (
                Exported("cycles", serializers.CycleSerializer, access.visible_cycles),
                Exported("goals", serializers.GoalSerializer, access.visible_goals),
                Exported("key-results", serializers.KeyResultSerializer, access.visible_key_results),
                Exported("check-ins", serializers.CheckInSerializer, access.visible_check_ins),
            )
        )
