"""The responsibilities app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResponsibilitiesConfig(AppConfig):
    """Who holds what."""

    name = "apps.responsibilities"
    verbose_name = _("Responsibilities")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns responsibilities; docs/architecture.md lists them."""
        from apps.activity.access import ADDED_WORDS, SUBJECTS
        from apps.core.exports import EXPORTED, Exported
        from apps.goals.queries import PAGE_COLUMNS
        from apps.goals.queries.history import DEEDS
        from apps.notifications.services import KINDS
        from apps.responsibilities import access, serializers
        from apps.responsibilities.queries.audit import ASSIGNED_ON_GOALS, RESPONSIBILITY_SUBJECTS
        from apps.responsibilities.queries.history import deeds
        from apps.responsibilities.queries.menus import RESPONSIBILITY_MENU
        from apps.responsibilities.queries.responsibilities import goal_page_columns
        from apps.responsibilities.queries.search import RESPONSIBILITIES
        from apps.responsibilities.services.news import RESPONSIBILITY_KINDS
        from apps.workspaces.queries.menus import MENU_ENTRIES
        from apps.workspaces.queries.search import SEARCHED

        MENU_ENTRIES.add(*RESPONSIBILITY_MENU)
        KINDS.add(*RESPONSIBILITY_KINDS)
        SUBJECTS.add(*RESPONSIBILITY_SUBJECTS)
        ADDED_WORDS.add(ASSIGNED_ON_GOALS)
        DEEDS.add(deeds)
        PAGE_COLUMNS.add(goal_page_columns)
        SEARCHED.add(RESPONSIBILITIES)
        EXPORTED.add(
            Exported("responsibilities", serializers.ResponsibilitySerializer, access.visible_responsibilities),
            Exported("assignments", serializers.AssignmentSerializer, access.visible_assignments),
        )
