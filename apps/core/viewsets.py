"""The machinery that every resource of the API declares itself to."""

from __future__ import annotations  # a method called `list` hides the type in the class body

import functools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.core.actor import actor
from apps.core.ahead import Ahead, look_up
from apps.core.etag import check_conditions, check_if_match, etag_of, etag_of_body, is_unchanged
from apps.core.fields import References
from apps.core.filters import FilterSet
from apps.core.idempotency import idempotent
from apps.core.pagination import Keyset, KeysetPosition, Page
from apps.core.parsers import Encoded
from apps.core.permissions import READING, HasScope
from apps.core.problems import PreconditionFailed, database_problem
from apps.core.serializers import ResourceSerializer, Shown, StrictSerializer

if TYPE_CHECKING:
    from apps.workspaces.models import Member

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
Row = TypeVar("Row", bound=Model)
Given = TypeVar("Given", bound=Mapping[str, object])
Rows = list[Shown]  # inside the class, `list` is a method
PAGE_SIZE = 50
PAGE_SIZE_MAX = 200
PAGE_SIZE_DIGITS = 3


def refuse_changes(row: object, fields: Mapping[str, object], *names: str) -> None:
    """Raise ValidationError where one of the named fields, which stay as they are, is given and differs."""
    for name in names:
        if name in fields and fields[name] != getattr(row, name):
            raise exceptions.ValidationError({name: [_("This cannot be changed.")]})


class ApiViewSet(GenericViewSet[Any]):
    """What every view of the API shares: the scope, the limits, and one transaction for every change."""

    scope_family: ClassVar[str] = ""
    permission_classes = (HasScope,)
    rate: dict[str, int] | None = None

    @property
    def member(self) -> Member:
        """Who acts."""
        return actor(self.request)

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Every change in one transaction with its idempotency key; half a change is none."""
        if request.method in READING:
            return super().dispatch(request, *args, **kwargs)
        try:
            with transaction.atomic():
                response = super().dispatch(request, *args, **kwargs)
                if response.status_code >= status.HTTP_400_BAD_REQUEST:
                    transaction.set_rollback(True)
        except (DatabaseError, InterfaceError) as error:  # at the beginning or the commit; DRF answers all between
            return database_problem(error)
        return response

    def options(self, request: HttpRequest, *args: object, **kwargs: object) -> Response:
        """Which methods there are (RFC 9110, 9.3.7); `Allow` says it in every answer."""
        return Response(status=status.HTTP_204_NO_CONTENT)

    def conditional(self, data: dict[str, object], shown: Shown | None = None) -> Response:
        """The data (or its `shown` form) with its tag; 304 where the caller has it already."""
        if shown is None:
            data = Encoded(data)
            tag = etag_of_body(data.body)
        else:
            tag = etag_of(data, shown)
        if is_unchanged(self.request, tag):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return Response(data if shown is None else shown, headers={"ETag": tag})

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        """Add the RateLimit headers; answers belong to one person, so no cache may share them."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.rate:
            for name, value in self.rate.items():
                response[f"RateLimit-{name.capitalize()}"] = str(value)
        response.setdefault("Cache-Control", "private, no-cache")
        return response


class ResourceViewSet(ApiViewSet, Generic[Row, Given]):
    """One resource: list, retrieve, and whichever of create, change and delete the subclass has a service for.

    `Row` is its model, `Given` the fields that its serializer lets through; Never where nothing is written.

    A subclass gives `serializer_class`, `filterset`, `visible(member)` and any of `create_row(fields)`,
    `update_row(row, fields)`, `delete_row(row)`, each of them one call of a service.
    """

    serializer_class: type[ResourceSerializer]
    filterset: ClassVar[FilterSet] = FilterSet()
    upserts: ClassVar[bool] = True
    ahead: Ahead | None = None

    def visible(self, member: Member) -> QuerySet[Row]:
        """The rows that exist for the member."""
        raise exceptions.MethodNotAllowed(self.request.method or "")

    def get_queryset(self) -> QuerySet[Row]:
        """As `visible`."""
        return self.visible(self.member)

    def create_row(self, fields: Given) -> Row:
        """Make a row; a resource without a service for it answers 405."""
        raise exceptions.MethodNotAllowed("POST")

    def update_row(self, row: Row, fields: Given) -> Row:
        """Change a row; a resource without a service for it answers 405."""
        raise exceptions.MethodNotAllowed("PATCH")

    def delete_row(self, row: Row) -> None:
        """Delete a row; a resource without a service for it answers 405."""
        raise exceptions.MethodNotAllowed("DELETE")

    @functools.cached_property
    def references(self) -> References:
        """One memo of looked-up references per request."""
        return {}

    # ---- reading

    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        """One page of the rows the caller may see."""
        params = single_values(request)
        order = self.filterset.order(params)
        keyset = Keyset(*order, types=self.filterset.types)
        given, size = self.filterset.given(params), page_size(params)
        cursor = params.get("cursor", "")
        place = keyset.place(self.get_queryset().model, cursor) if cursor else KeysetPosition()
        # Only guests see some people and teams and not others; for the rest the question would be one too many.
        hidden = self.member.is_guest and self.filterset.names_hidden(given, self.member)
        rows: Rows = [] if hidden else self.page_rows(given, params, keyset, place, size)
        page: Page[Shown] = keyset.gathered(rows, place, size)
        results = self.serializer_class.shape(page.rows, member=self.member, html=self.wants_html())
        data: Shown = {"next": self._link(page.next), "previous": self._link(page.previous), "results": results}
        return self.conditional(data)

    def page_rows(
        self, given: Mapping[str, object], params: dict[str, str], keyset: Keyset, place: KeysetPosition, size: int
    ) -> Rows:
        """The selected rows of a page (and one more where there are more), of those that pass the `given` filters."""
        rows = self.filterset.searched(self.asked(self.member, given, keyset), params)
        return list(keyset.cut(rows, place, size))

    def asked(self, member: Member, given: Mapping[str, object], keyset: Keyset) -> QuerySet[Row, Shown]:
        """What the member sees and that passes the filters, as the columns of its rows."""
        also = [each.name for each in keyset.keys]
        selected = self.serializer_class.select(self.visible(member), member=member, also=also)
        return selected.filter(self.filterset.keep(given))

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        """One row."""
        only_known(request, {"render"})
        row = self._one(self.kwargs["pk"])
        return self.conditional(row, self._rendered(row))

    def wants_html(self) -> bool:
        """Whether long texts are to come rendered, too. Raises ValidationError for any other form."""
        wanted = self.request.query_params.get("render", "")
        if wanted not in {"", "html"}:
            raise exceptions.ValidationError({"render": [_("The only format here is “html”.")]})
        return wanted == "html"

    def _one(self, pk: object) -> Shown:
        row = self._found(pk)
        if row is None:
            raise Http404
        return row

    def _found(self, pk: object) -> Shown | None:
        selected = self.serializer_class.select(self.visible(self.member).filter(pk=pk), member=self.member)
        return next(iter(self.serializer_class.shape(selected, member=self.member)), None)

    def _rendered(self, row: Shown) -> Shown | None:
        return self.serializer_class.with_html(row) if self.wants_html() else None

    def _link(self, cursor: str) -> str | None:
        if not cursor:
            return None
        params = {**single_values(self.request), "cursor": cursor}
        return link_to(f"{self.request.path}?{urlencode(params)}")

    # ---- writing

    @idempotent
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Make a row; the same Idempotency-Key gives the same answer again."""
        row = self.create_row(self._validated())
        return self.written(row.pk, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Change the given fields of a row, if it is still what If-Match says."""
        row = self.locked(pk=self.kwargs["pk"])
        check_if_match(request, etag_of(self._one(row.pk)))
        self.update_row(row, self._validated(partial=True))
        return self.written(row.pk)

    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Delete a row, if it is still what If-Match says."""
        row = self.locked(pk=self.kwargs["pk"])
        check_if_match(request, etag_of(self._one(row.pk)))
        self.delete_row(row)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def upsert(self, request: Request, external_id: str, *args: object, **kwargs: object) -> Response:
        """Make the row of this external id, or change it; what is the same already stays untouched."""
        if "\x00" in external_id:
            raise exceptions.ValidationError({"external_id": [_("An external id holds no null character.")]})
        pk, outcome = self.upsert_row(external_id, request.data)
        return self.written(pk, status.HTTP_201_CREATED if outcome == CREATED else status.HTTP_200_OK)

    def read_ahead(self, rows: Sequence[tuple[str, object]]) -> None:
        """Read together what `upsert_row` asks for these rows (external id, fields), which follow in this order."""
        ids = [external_id for external_id, _fields in rows]
        everybodys = self.get_queryset().model._base_manager.filter(workspace_id=self.member.workspace_id)
        taken = everybodys.filter(external_id__in=ids).values_list("external_id", flat=True)
        self.ahead = Ahead(ids, taken, self._shown_as)
        look_up(self._shape, (fields for _external_id, fields in rows), self.references, self.member)

    def forget(self, *, made: str) -> None:
        """What was read ahead, for something was written; `made` is the external id of a row of this resource."""
        if self.ahead is not None:
            self.ahead.written(made)

    def _shown_as(self, external_ids: Sequence[str]) -> dict[str, Shown]:
        rows = self.visible(self.member).filter(external_id__in=external_ids)
        selected = self.serializer_class.select(rows, member=self.member)
        return {str(row["external_id"]): row for row in self.serializer_class.shape(selected, member=self.member)}

    def upsert_row(self, external_id: str, data: object) -> tuple[object, str]:
        """Upsert by external id: the row's id, and whether it was created, updated or unchanged. Bulk calls this too.

        Raises ValidationError, PermissionDenied, PreconditionFailed.
        """
        if isinstance(data, dict) and data.get("external_id", external_id) != external_id:
            raise exceptions.ValidationError({"external_id": [_("This is not the external id of the address.")]})
        data = {**data, "external_id": external_id} if isinstance(data, dict) else data
        shown = self.ahead.take(external_id) if self.ahead else None
        if shown and not self._differs(shown, self._validated(data=data, partial=True)):
            return shown["id"], UNCHANGED
        return self._upsert_locked(external_id, data)

    def _upsert_locked(self, external_id: str, data: object) -> tuple[object, str]:
        row = None
        if self.ahead is None or external_id not in self.ahead.absent:
            row = self.get_queryset().select_for_update(of=("self",)).filter(external_id=external_id).first()
        conditional = self.request.method == "PUT"  # in bulk there is one header for many rows
        if row is None:
            if conditional and "If-Match" in self.request.headers:
                raise PreconditionFailed
            return self.create_row(self._validated(data=data)).pk, CREATED
        current = self._one(row.pk)
        if conditional:
            check_conditions(self.request, etag_of(current))
        fields = self._validated(data=data, partial=True)
        if not self._differs(current, fields):
            return row.pk, UNCHANGED
        self.update_row(row, fields)
        same = self.ahead is not None and self._found(row.pk) == current  # of many rows, a service finds some the same
        return row.pk, UNCHANGED if same else UPDATED

    def _differs(self, current: Shown, fields: Mapping[str, object]) -> bool:
        """Whether any given field says something else than the row does. Lists are compared as sets."""
        names = {field.source: name for name, field in self._shape.fields.items()}
        if any(names[source] not in current for source in fields):  # what is only written cannot be compared
            return True
        return any(comparable(current[names[source]]) != comparable(value) for source, value in fields.items())

    def locked(self, **lookup: object) -> Row:
        """The one visible row, locked until the end of the request. Raises Http404."""
        row = self.get_queryset().select_for_update(of=("self",)).filter(**lookup).first()
        if row is None:
            raise Http404
        return row

    def _validated(self, *, data: object = None, partial: bool = False) -> Given:
        shape = self._partial_shape if partial else self._shape
        return cast("Given", dict(shape.run_validation(self.request.data if data is None else data)))

    @functools.cached_property
    def _shape(self) -> ResourceSerializer:
        """The serializer of this request; its fields serve one row after the other."""
        return self.serializer_class(context=self.get_serializer_context())

    @functools.cached_property
    def _partial_shape(self) -> ResourceSerializer:
        return self.serializer_class(partial=True, context=self.get_serializer_context())

    def get_serializer_context(self) -> dict[str, object]:
        """What fields need: the acting member, and one memo of looked-up references per request."""
        member = getattr(self.request, "member", None)
        return {**super().get_serializer_context(), "member": member, "references": self.references}

    def shaped(self, shape: type[StrictSerializer] | None) -> dict[str, Any]:
        """The body of an action, checked against its shape. Raises ValidationError."""
        if shape is None:
            return {}
        serializer = shape(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def written(self, pk: object, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is now, with its tag, and where it lies if it is new."""
        data = self._one(pk)
        shown = self._rendered(data)
        headers = {"ETag": etag_of(data, shown)}
        if code == status.HTTP_201_CREATED:
            base = self.request.path.split("/by-external-id/")[0].rstrip("/")
            headers["Location"] = link_to(f"{base}/{pk}/")
        return Response(data if shown is None else shown, status=code, headers=headers)

    def now(self) -> datetime:
        """The moment of this request."""
        return timezone.now()


def link_to(path: str) -> str:
    """The whole address of a path: at SITE_URL, never at the host or the port that a request claims."""
    return f"{settings.SITE_URL}{path}"


def single_values(request: Request) -> dict[str, str]:
    """The query parameters; one that is given twice is an error, not a silent choice."""
    twice = {name: [_("Give this once.")] for name, values in request.query_params.lists() if len(values) > 1}
    if twice:
        raise exceptions.ValidationError(twice)
    return request.query_params.dict()


def only_known(request: Request, known: set[str]) -> None:
    """Raise ValidationError naming each query parameter that means nothing here."""
    unknown = {name: [_("There is no such parameter here.")] for name in single_values(request) if name not in known}
    if unknown:
        raise exceptions.ValidationError(unknown)


def page_size(params: Mapping[str, str]) -> int:
    """The wanted page size, 1 to 200. Raises ValidationError."""
    text = params.get("page_size", "")
    if not text:
        return PAGE_SIZE
    is_number = text.isascii() and text.isdigit() and len(text) <= PAGE_SIZE_DIGITS
    if not is_number or not 1 <= int(text) <= PAGE_SIZE_MAX:
        raise exceptions.ValidationError({"page_size": [_("Give a number from 1 to 200.")]})
    return int(text)


def comparable(value: object) -> object:
    """A value as both sides of a comparison hold it.

    A row or an id as text, a decimal as number, a time in UTC, a list without order, an object without its nulls.
    """
    match value:
        case dict():
            return {key: comparable(each) for key, each in value.items() if each is not None}
        case list() | tuple():
            return sorted((comparable(each) for each in value), key=repr)
        case Decimal():
            return float(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bool() | int() | float() | None:
            return value
        case _:
            return str(value.pk if isinstance(value, Model) else value)
