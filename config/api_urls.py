"""The API's addresses, beneath /api/v1/."""

from typing import Any

from django.urls import URLPattern, path

from apps.capacity import api as load
from apps.core.viewsets import ResourceViewSet
from apps.goals import api as goals
from apps.handovers import api as handovers
from apps.integrations import api as integrations
from apps.integrations.views.api_docs import SchemaView, api_docs
from apps.notifications import api as notifications
from apps.responsibilities import api as responsibilities
from apps.tasks import api as tasks
from apps.workspaces import api as workspaces

ROW_ACTIONS = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}


def resource(prefix: str, view: type[ResourceViewSet[Any, Any]], *, write: str = "create change") -> list[URLPattern]:
    """The addresses of one resource: list, row, upsert by external id, and its actions.

    `write` names what it has besides reading: create, change, delete. Whatever it has not answers 405.
    """
    allowed = set(write.split())
    rows: dict[str, Any] = {"get": "list"} | ({"post": "create"} if "create" in allowed else {})
    row: dict[str, Any] = {
        method: name
        for method, name in ROW_ACTIONS.items()
        if method == "get" or {"patch": "change", "delete": "delete"}[method] in allowed
    }
    name = prefix.replace("/<uuid:webhook_pk>/", "-")
    patterns = [path(f"{prefix}/", view.as_view(rows), name=f"api-{name}")]
    if {"create", "change"} <= allowed and view.upserts:
        upsert = view.as_view({"put": "upsert"})
        patterns.append(path(f"{prefix}/by-external-id/<path:external_id>/", upsert, name=f"api-{name}-by-external-id"))
    patterns.append(path(f"{prefix}/<uuid:pk>/", view.as_view(row), name=f"api-{name}-row"))
    actions: list[Any] = view.get_extra_actions()
    for action in actions:
        mapping = dict(action.mapping)
        where = f"{prefix}/<uuid:pk>/{action.url_path}/" if action.detail else f"{prefix}/{action.url_path}/"
        patterns.append(path(where, view.as_view(mapping, **action.kwargs), name=f"api-{name}-{action.url_name}"))
    return patterns


BULK = {
    "members": workspaces.MemberViewSet,
    "teams": workspaces.TeamViewSet,
    "values": workspaces.ValueViewSet,
    "cycles": goals.CycleViewSet,
    "goals": goals.GoalViewSet,
    "key-results": goals.KeyResultViewSet,
    "check-ins": goals.CheckInViewSet,
    "responsibilities": responsibilities.ResponsibilityViewSet,
    "assignments": responsibilities.AssignmentViewSet,
    "absences": handovers.AbsenceViewSet,
    "handovers": handovers.HandoverViewSet,
    "tasks": tasks.TaskViewSet,
}

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
    path("bulk/", integrations.BulkViewSet.as_view({"post": "create"}, resources=BULK), name="api-bulk"),
    path("me/", workspaces.MeViewSet.as_view({"get": "retrieve"}), name="api-me"),
    *resource("members", workspaces.MemberViewSet),
    *resource("teams", workspaces.TeamViewSet),
    *resource("values", workspaces.ValueViewSet, write="create change delete"),
    *resource("cycles", goals.CycleViewSet),
    *resource("goals", goals.GoalViewSet),
    *resource("key-results", goals.KeyResultViewSet, write="create change delete"),
    *resource("check-ins", goals.CheckInViewSet),
    *resource("responsibilities", responsibilities.ResponsibilityViewSet),
    *resource("assignments", responsibilities.AssignmentViewSet, write="create change delete"),
    *resource("absences", handovers.AbsenceViewSet, write="create change delete"),
    *resource("handovers", handovers.HandoverViewSet),
    *resource("tasks", tasks.TaskViewSet, write="create change delete"),
    *resource("consultations", tasks.ConsultationViewSet, write=""),
    path("insights/load/", load.LoadViewSet.as_view({"get": "list"}), name="api-insights-load"),
    *resource("reported-hours", load.ReportedHoursViewSet, write=""),
    path(
        "reported-hours/by-week/<str:week>/",
        load.ReportedWeekViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="api-reported-hours-by-week",
    ),
    *resource("inbox", notifications.InboxViewSet, write=""),
    *resource("exports", integrations.ExportViewSet, write="create delete"),
    *resource("webhooks", integrations.WebhookViewSet, write="create change delete"),
    *resource("webhooks/<uuid:webhook_pk>/deliveries", integrations.WebhookDeliveryViewSet, write=""),
]
