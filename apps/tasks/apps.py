"""The tasks app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Tasks on goals and responsibilities, and who is heard before one of these is closed."""

    name = "apps.tasks"
    verbose_name = _("Tasks")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns tasks; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.activity.access import SUBJECTS, add_subjects  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.goals.queries import PAGE_COLUMNS as GOAL_PAGE_COLUMNS  # noqa: PLC0415
        from apps.goals.queries import SEARCHED  # noqa: PLC0415
        from apps.goals.queries.history import DEEDS  # noqa: PLC0415
        from apps.goals.services import CLOSING_CHECKS, ClosingCheck  # noqa: PLC0415
        from apps.notifications.services import add_kinds  # noqa: PLC0415
        from apps.responsibilities.access import PART_TAKEN  # noqa: PLC0415
        from apps.responsibilities.queries import PAGE_COLUMNS  # noqa: PLC0415
        from apps.tasks import access, queries, serializers  # noqa: PLC0415
        from apps.tasks.queries.audit import TASK_SUBJECTS, asking_on_goals, consulting_deeds  # noqa: PLC0415
        from apps.tasks.queries.search import TASKS  # noqa: PLC0415
        from apps.tasks.services import end_round, reason_to_wait  # noqa: PLC0415
        from apps.tasks.services.consultation_notices import CONSULTATION_KINDS  # noqa: PLC0415
        from apps.tasks.services.notices import TASK_KINDS  # noqa: PLC0415

        add_kinds(*TASK_KINDS, *CONSULTATION_KINDS)
        add_subjects(*TASK_SUBJECTS, asking_on_goals(SUBJECTS["goal"]))
        DEEDS.append(consulting_deeds)
        CLOSING_CHECKS.append(ClosingCheck(waits=reason_to_wait, closed=end_round))
        PART_TAKEN.add(access.has_task)
        GOAL_PAGE_COLUMNS.append(queries.goal_page_columns)
        PAGE_COLUMNS.add(queries.responsibility_page_columns)
        SEARCHED.append(TASKS)
        EXPORTED.extend(
            (
                Exported("tasks", serializers.TaskSerializer, access.visible_tasks),
                Exported("consultations", serializers.ConsultationSerializer, access.visible_consultations),
            )
        )
