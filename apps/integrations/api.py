"""What serves programs alone: many upserts at once, and webhooks."""

from collections.abc import Mapping
from typing import Any, ClassVar, Never

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api_schema import (
    FIND_ERRORS,
    IDEMPOTENCY_KEY,
    KEY_ERRORS,
    READ_ERRORS,
    WRITE_ERRORS,
    describe,
    row_action,
)
from apps.core.filters import FilterSet, by_choice, by_flag, by_text, by_time
from apps.core.idempotency import idempotent
from apps.core.jobs import ring
from apps.core.parsers import JSONRenderer
from apps.core.problems import details_of
from apps.core.viewsets import UNCHANGED, ApiViewSet, ResourceViewSet
from apps.integrations import access
from apps.integrations.models import EVENTS, Export, Webhook, WebhookDelivery
from apps.integrations.serializers import (
    BulkAnswerSerializer,
    BulkRowGiven,
    BulkSerializer,
    ExportSerializer,
    WebhookDeliverySerializer,
    WebhookSerializer,
)
from apps.integrations.services import exports, webhooks
from apps.integrations.services.webhooks import WebhookFields
from apps.integrations.tasks import run_exports
from apps.integrations.views.archives import archive_response
from apps.workspaces.models import Member

Views = dict[str, ResourceViewSet[Any, Any]]  # of the resources of one request, each of other rows


class BulkViewSet(ApiViewSet):
    """Up to 1,000 upserts of mixed resources in one transaction."""

    resources: ClassVar[Mapping[str, type[ResourceViewSet[Any, Any]]]] = {}
    serializer_class = BulkSerializer

    @extend_schema(
        summary="Upsert many rows at once",
        description="In order, in one transaction, all or nothing. Later rows may name earlier ones by external_id. "
        "Errors name the row: `rows.3.title`.",
        parameters=[IDEMPOTENCY_KEY],
        request=BulkSerializer,
        responses={200: BulkAnswerSerializer, **WRITE_ERRORS, **READ_ERRORS, **KEY_ERRORS},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Each row by the upsert of its own resource."""
        shape = BulkSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        rows: list[BulkRowGiven] = shape.validated_data["rows"]
        results = []
        views: Views = {}
        for number, row in enumerate(rows):
            if row["resource"] not in views:
                views[row["resource"]] = self._view_of(number, rows, views)
            results.append(self._upsert(number, row, views))
        return Response({"results": results}, status=status.HTTP_200_OK)

    def _upsert(self, number: int, row: BulkRowGiven, views: Views) -> dict[str, object]:
        view = views[row["resource"]]
        try:
            pk, outcome = view.upsert_row(row["external_id"], row["fields"])
        except exceptions.ValidationError as error:
            raise exceptions.ValidationError({f"rows.{number}": error.detail}) from error
        except DjangoValidationError as error:
            raise exceptions.ValidationError({f"rows.{number}": details_of(error)}) from error
        except DjangoPermissionDenied as error:
            detail = [exceptions.ErrorDetail(str(error), "permission_denied")]
            raise exceptions.ValidationError({f"rows.{number}": detail}) from error
        if outcome != UNCHANGED:
            for each in views.values():
                each.forget(made=row["external_id"] if each is view else "")
        return {"resource": row["resource"], "external_id": row["external_id"], "id": pk, "outcome": outcome}

    def _view_of(self, number: int, rows: list[BulkRowGiven], views: Views) -> ResourceViewSet[Any, Any]:
        """The view of a row's resource, which has looked at all of the request's rows that are its own."""
        name = rows[number]["resource"]
        resource = self.resources.get(name)
        if resource is None:
            choices = ", ".join(sorted(self.resources))
            message = _("There is no such resource here. Choose from: %(choices)s.") % {"choices": choices}
            raise exceptions.ValidationError({f"rows.{number}.resource": [message]})
        view = resource()
        view.request, view.args, view.kwargs, view.format_kwarg, view.action = self.request, (), {}, None, "upsert"
        for permission in view.get_permissions():
            permission.has_permission(self.request, view)
        view.references = next((each.references for each in views.values()), {})
        view.read_ahead([(row["external_id"], row["fields"]) for row in rows if row["resource"] == name])
        return view


@describe(
    "webhook", "webhooks", "An address that is told of events, signed by Standard Webhooks. You see your own only."
)
class WebhookViewSet(ResourceViewSet[Webhook, WebhookFields]):
    """Webhooks."""

    scope_family = "webhooks"
    serializer_class = WebhookSerializer
    filterset = FilterSet(
        filters={"external_id": by_text("external_id"), "is_active": by_flag(lambda value: Q(is_active=value))},
        orderings={"created_at": "created_at", "updated_at": "updated_at"},
    )

    def visible(self, member: Member) -> QuerySet[Webhook]:
        """One's own."""
        return access.visible_webhooks(member)

    def create_row(self, fields: WebhookFields) -> Webhook:
        """services.webhooks.create_webhook."""
        return webhooks.create_webhook(fields, by=self.member, at=self.now())

    def update_row(self, row: Webhook, fields: WebhookFields) -> Webhook:
        """services.webhooks.update_webhook."""
        return webhooks.update_webhook(row, fields, by=self.member, at=self.now())

    def delete_row(self, row: Webhook) -> None:
        """services.webhooks.delete_webhook."""
        webhooks.delete_webhook(row, by=self.member, at=self.now())


@describe(
    "webhook delivery", "webhook deliveries", "A message to a webhook: what was sent, what came back, what comes next."
)
class WebhookDeliveryViewSet(ResourceViewSet[WebhookDelivery, Never]):
    """Messages to a webhook, beneath it."""

    scope_family = "webhooks"
    serializer_class = WebhookDeliverySerializer
    upserts = False
    filterset = FilterSet(
        filters={
            "state": by_choice("state", list(WebhookDelivery.State.values)),
            "type": by_choice("type", sorted(EVENTS)),
            "created_since": by_time("created_at__gte"),
        },
        orderings={"created_at": "created_at"},
    )

    def visible(self, member: Member) -> QuerySet[WebhookDelivery]:
        """Those to the webhook in the address, if it is one's own; a webhook that is not makes Http404."""
        webhook = get_object_or_404(access.visible_webhooks(member), pk=self.kwargs["webhook_pk"])
        return access.visible_webhook_deliveries(member).filter(webhook=webhook)

    @row_action("Send a message again", WebhookDeliverySerializer)
    def redeliver(self, row: WebhookDelivery, fields: dict[str, object]) -> None:
        """With the same id and content."""
        webhooks.redeliver(row, by=self.member, at=self.now())


class ZipRenderer(JSONRenderer):
    """Lets callers ask for a zip; what goes wrong is still said in JSON."""

    media_type = "application/zip"
    format = "zip"


@describe(
    "export",
    "exports",
    "An archive of all the caller may see when it is written, as JSON and CSV; kept for a week. You see your own only.",
)
class ExportViewSet(ResourceViewSet[Export, Mapping[str, object]]):
    """Exports of the workspace."""

    scope_family = "exports"
    serializer_class = ExportSerializer
    upserts = False
    filterset = FilterSet(
        filters={"state": by_choice("state", list(Export.State.values))}, orderings={"created_at": "created_at"}
    )

    def visible(self, member: Member) -> QuerySet[Export]:
        """One's own."""
        return access.visible_exports(member)

    def create_row(self, fields: Mapping[str, object]) -> Export:
        """services.exports.create_export."""
        export = exports.create_export(by=self.member, at=self.now())
        ring(run_exports)
        return export

    def delete_row(self, row: Export) -> None:
        """services.exports.delete_export."""
        exports.delete_export(row, by=self.member, at=self.now())

    @row_action("Stop an export that is being written", ExportSerializer)
    def cancel(self, row: Export, fields: dict[str, object]) -> None:
        """What is written so far is dropped."""
        exports.cancel_export(row, by=self.member, at=self.now())

    @extend_schema(
        summary="Fetch the archive of a finished export",
        description="404 until it is `done`; 403 once it holds a goal that is no longer for the caller: start another.",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **READ_ERRORS, **FIND_ERRORS},
    )
    @action(detail=True, methods=["get"], renderer_classes=[JSONRenderer, ZipRenderer])
    def download(self, request: Request, *args: object, **kwargs: object) -> StreamingHttpResponse:
        """The archive, a piece at a time."""
        return archive_response(get_object_or_404(self.get_queryset(), pk=kwargs["pk"]), self.member)
