"""What serves programs alone: many upserts at once."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api_schema import IDEMPOTENCY_KEY, KEY_ERRORS, READ_ERRORS, WRITE_ERRORS
from apps.core.idempotency import idempotent
from apps.core.problems import details_of
from apps.core.viewsets import ApiViewSet, ResourceViewSet
from apps.integrations.serializers import BulkAnswerSerializer, BulkSerializer


class BulkViewSet(ApiViewSet):
    """Up to 1,000 upserts of mixed resources in one transaction."""

    resources: ClassVar[Mapping[str, type[ResourceViewSet]]] = {}
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
        memo: dict[Any, Any] = {}
        results = [self._upsert(number, row, memo) for number, row in enumerate(shape.validated_data["rows"])]
        return Response({"results": results}, status=status.HTTP_200_OK)

    def _upsert(self, number: int, row: dict[str, Any], memo: dict[Any, Any]) -> dict[str, Any]:
        view = self._view_of(number, row["resource"], memo)
        try:
            found, outcome = view.upsert_row(row["external_id"], row["fields"])
        except exceptions.ValidationError as error:
            raise exceptions.ValidationError({f"rows.{number}": error.detail}) from error
        except DjangoValidationError as error:
            raise exceptions.ValidationError({f"rows.{number}": details_of(error)}) from error
        except DjangoPermissionDenied as error:
            detail = [exceptions.ErrorDetail(str(error), "permission_denied")]
            raise exceptions.ValidationError({f"rows.{number}": detail}) from error
        return {"resource": row["resource"], "external_id": row["external_id"], "id": found.pk, "outcome": outcome}

    def _view_of(self, number: int, name: str, memo: dict[Any, Any]) -> ResourceViewSet:
        resource = self.resources.get(name)
        if resource is None:
            choices = ", ".join(sorted(self.resources))
            message = _("There is no such resource here. Choose from: %(choices)s.") % {"choices": choices}
            raise exceptions.ValidationError({f"rows.{number}.resource": [message]})
        view = resource()
        view.request, view.args, view.kwargs, view.format_kwarg, view.action = self.request, (), {}, None, "upsert"
        view.references = memo
        for permission in view.get_permissions():
            permission.has_permission(self.request, view)
        return view
