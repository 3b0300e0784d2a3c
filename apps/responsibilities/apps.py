"""The responsibilities app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResponsibilitiesConfig(AppConfig):
    """Who holds what, tasks, time, handovers and cover."""

    name = "apps.responsibilities"
    verbose_name = _("Responsibilities")

    def ready(self) -> None:
        """Add to the lists of the apps below what concerns responsibilities; docs/architecture.md lists them."""
        # The models are loaded only now, hence the imports here.
        from apps.activity.access import SUBJECTS, add_subjects  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.goals.queries import PAGE_COLUMNS, SEARCHED  # noqa: PLC0415
        from apps.goals.queries.history import DEEDS  # noqa: PLC0415
        from apps.goals.services import CLOSING_CHECKS, ClosingCheck  # noqa: PLC0415
        from apps.notifications.services import add_kinds  # noqa: PLC0415
        from apps.responsibilities import access, serializers  # noqa: PLC0415
        from apps.responsibilities.queries.audit import RESPONSIBILITY_SUBJECTS, on_goals  # noqa: PLC0415
        from apps.responsibilities.queries.audit_tasks import TASK_SUBJECTS, consulting_deeds  # noqa: PLC0415
        from apps.responsibilities.queries.history import deeds  # noqa: PLC0415
        from apps.responsibilities.queries.responsibilities import goal_page_columns  # noqa: PLC0415
        from apps.responsibilities.queries.search import RESPONSIBILITIES, TASKS  # noqa: PLC0415
        from apps.responsibilities.serializers.consultations import ConsultationSerializer  # noqa: PLC0415
        from apps.responsibilities.serializers.tasks import TaskSerializer  # noqa: PLC0415
        from apps.responsibilities.services.consultation_notices import CONSULTATION_KINDS  # noqa: PLC0415
        from apps.responsibilities.services.consultations import end_round, reason_to_wait  # noqa: PLC0415
        from apps.responsibilities.services.news import RESPONSIBILITY_KINDS  # noqa: PLC0415
        from apps.responsibilities.services.task_notices import TASK_KINDS  # noqa: PLC0415

        add_kinds(*RESPONSIBILITY_KINDS, *TASK_KINDS, *CONSULTATION_KINDS)
        add_subjects(*RESPONSIBILITY_SUBJECTS, on_goals(SUBJECTS["goal"]), *TASK_SUBJECTS)
        DEEDS.extend((deeds, consulting_deeds))
        CLOSING_CHECKS.append(ClosingCheck(waits=reason_to_wait, closed=end_round))
        PAGE_COLUMNS.append(goal_page_columns)
        SEARCHED.extend((RESPONSIBILITIES, TASKS))
        EXPORTED.extend(
            (
                Exported("responsibilities", serializers.ResponsibilitySerializer, access.visible_responsibilities),
                Exported("assignments", serializers.AssignmentSerializer, access.visible_assignments),
                Exported("tasks", TaskSerializer, access.visible_tasks),
                Exported("consultations", ConsultationSerializer, access.visible_consultations),
            )
        )
        self._add_handovers()

    def _add_handovers(self) -> None:
        # The models are loaded only now, hence the imports here.
        from apps.activity.access import add_subjects  # noqa: PLC0415
        from apps.core.exports import EXPORTED, Exported  # noqa: PLC0415
        from apps.notifications.services import add_kinds  # noqa: PLC0415
        from apps.responsibilities import access  # noqa: PLC0415
        from apps.responsibilities.queries.audit_handovers import HANDOVER_SUBJECTS  # noqa: PLC0415
        from apps.responsibilities.queries.hours import seen_reports  # noqa: PLC0415
        from apps.responsibilities.serializers import handovers  # noqa: PLC0415
        from apps.responsibilities.serializers.load import ReportedHoursSerializer  # noqa: PLC0415
        from apps.responsibilities.services.cover import follow_absence  # noqa: PLC0415
        from apps.responsibilities.services.handover_holdings import HANDOVER_HOLDINGS  # noqa: PLC0415
        from apps.responsibilities.services.handover_news import HANDOVER_KINDS  # noqa: PLC0415
        from apps.workspaces.access import visible_absences  # noqa: PLC0415
        from apps.workspaces.services import ABSENCE_CHANGED, HOLDINGS  # noqa: PLC0415

        add_kinds(*HANDOVER_KINDS)
        add_subjects(*HANDOVER_SUBJECTS)
        HOLDINGS.extend(HANDOVER_HOLDINGS)
        ABSENCE_CHANGED.append(follow_absence)
        EXPORTED.extend(
            (
                Exported("absences", handovers.AbsenceSerializer, visible_absences),
                Exported("handovers", handovers.HandoverSerializer, access.visible_handovers),
                Exported("reported-hours", ReportedHoursSerializer, seen_reports),
            )
        )
