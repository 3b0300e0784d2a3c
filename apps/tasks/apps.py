"""The tasks app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Tasks on goals and responsibilities, and who is heard before one of these is closed."""

    name = "apps.tasks"
    verbose_name = _("Tasks")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns tasks; docs/architecture.md lists them."""
        from apps.activity.access import ADDED_WORDS, SUBJECTS
        from apps.core.exports import EXPORTED, Exported
        from apps.goals.queries import PAGE_COLUMNS as GOAL_PAGE_COLUMNS
        from apps.goals.queries.history import DEEDS
        from apps.goals.services import CLOSING_CHECKS, ClosingCheck
        from apps.notifications.services import KINDS
        from apps.responsibilities.access import PART_TAKEN
        from apps.responsibilities.queries import PAGE_COLUMNS
        from apps.tasks import access, queries, serializers
        from apps.tasks.queries.audit import CONSULTED_ON_GOALS, TASK_SUBJECTS, consulting_deeds
        from apps.tasks.queries.menus import TASK_MENU
        from apps.tasks.queries.search import TASKS
        from apps.tasks.services import end_round, reason_to_wait
        from apps.tasks.services.consultation_notices import CONSULTATION_KINDS
        from apps.tasks.services.notices import TASK_KINDS
        from apps.workspaces.queries.menus import MENU_ENTRIES
        from apps.workspaces.queries.search import SEARCHED

        MENU_ENTRIES.add(*TASK_MENU)
        KINDS.add(*TASK_KINDS, *CONSULTATION_KINDS)
        SUBJECTS.add(*TASK_SUBJECTS)
        ADDED_WORDS.add(CONSULTED_ON_GOALS)
        DEEDS.add(consulting_deeds)
        CLOSING_CHECKS.add(ClosingCheck("consultations", waits=reason_to_wait, closed=end_round))
        PART_TAKEN.add(access.part_taken)
        GOAL_PAGE_COLUMNS.add(queries.goal_page_columns)
        PAGE_COLUMNS.add(queries.responsibility_page_columns)
        SEARCHED.add(TASKS)
        EXPORTED.add(
            Exported("tasks", serializers.TaskSerializer, access.visible_tasks),
            Exported("consultations", serializers.ConsultationSerializer, access.visible_consultations),
        )
