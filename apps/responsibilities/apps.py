"""The responsibilities app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResponsibilitiesConfig(AppConfig):
    """Who holds what."""

    name = "apps.responsibilities"
    verbose_name = _("Responsibilities")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns responsibilities; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.activity.access import SUBJECTS, add_subjects  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.goals.queries import PAGE_COLUMNS, SEARCHED  # noqa: PLC0415
        from apps.goals.queries.history import DEEDS  # noqa: PLC0415
        from apps.notifications.services import add_kinds  # noqa: PLC0415
        from apps.responsibilities import access, serializers  # noqa: PLC0415
        from apps.responsibilities.queries.audit import RESPONSIBILITY_SUBJECTS, on_goals  # noqa: PLC0415
        from apps.responsibilities.queries.history import deeds  # noqa: PLC0415
        from apps.responsibilities.queries.responsibilities import goal_page_columns  # noqa: PLC0415
        from apps.responsibilities.queries.search import RESPONSIBILITIES  # noqa: PLC0415
        from apps.responsibilities.services.news import RESPONSIBILITY_KINDS  # noqa: PLC0415

        add_kinds(*RESPONSIBILITY_KINDS)
        add_subjects(*RESPONSIBILITY_SUBJECTS, on_goals(SUBJECTS["goal"]))
        DEEDS.append(deeds)
        PAGE_COLUMNS.append(goal_page_columns)
        SEARCHED.append(RESPONSIBILITIES)
        EXPORTED.extend(
            (
                Exported("responsibilities", serializers.ResponsibilitySerializer, access.visible_responsibilities),
                Exported("assignments", serializers.AssignmentSerializer, access.visible_assignments),
            )
        )
