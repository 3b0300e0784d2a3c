"""What the schema says of the operations of every resource, written once."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.idempotency import idempotent
from apps.core.serializers import ResourceSerializer, StrictSerializer

View = TypeVar("View", bound=type)
Acting = TypeVar("Acting")
Row = TypeVar("Row")
Given = TypeVar("Given")
NAMES = {"partial_update": "update", "destroy": "delete"}


class ProblemErrorSerializer(serializers.Serializer[object]):
    """One thing that is wrong, and where."""

    field = serializers.CharField(
        allow_blank=True, help_text="The field, e.g. `title` or `rows.3.title`; empty for the whole."
    )
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[object]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]  # the fields of a class are another thing


class ApiSchema(AutoSchema):
    """Operations are named by what they do (`goals_list`, `goals_achieve`) and stand under their family."""

    def get_tags(self) -> list[str]:
        """The family of the scopes; what needs none is general."""
        return [getattr(self.view, "scope_family", "") or "general"]

    def get_operation_id(self) -> str:
        """The path's words and the view's action."""
        view: Any = self.view
        action_name: str = view.action
        words = [word.replace("-", "_") for word in self.path.removeprefix("/api/v1/").split("/") if "{" not in word]
        base = "_".join(word for word in words if word and word not in {"by_external_id", action_name})
        return f"{base}_{NAMES.get(action_name, action_name)}"


def problem_answer(description: str) -> OpenApiResponse:
    """An error answer of the schema."""
    return OpenApiResponse(ProblemSerializer, description=description)


READ_ERRORS = {
    (401, "application/problem+json"): problem_answer("No valid token and no session."),
    (403, "application/problem+json"): problem_answer("The token lacks the scope, or the member may not do this."),
    (406, "application/problem+json"): problem_answer("Answers come as application/json only."),
    (429, "application/problem+json"): problem_answer("Too many requests; see Retry-After."),
    (503, "application/problem+json"): problem_answer("The database cannot be reached just now."),
}
FIND_ERRORS = {(404, "application/problem+json"): problem_answer("It does not exist, or not for the caller.")}
QUERY_ERRORS = {
    (400, "application/problem+json"): problem_answer("A parameter is unknown or does not fit; `errors` names it.")
}
REFUSED = {
    (400, "application/problem+json"): problem_answer("Something does not fit; `errors` names the field."),
    (409, "application/problem+json"): problem_answer("Somebody else changed the same at this moment; send it again."),
}
WRITE_ERRORS = {
    **REFUSED,
    (413, "application/problem+json"): problem_answer("The body is too large."),
    (415, "application/problem+json"): problem_answer("The body must be application/json."),
}
KEY_ERRORS = {
    (422, "application/problem+json"): problem_answer("This Idempotency-Key came with another request before.")
}
MATCH_ERRORS = {(412, "application/problem+json"): problem_answer("It has changed since the version If-Match names.")}
NOT_MODIFIED = {304: OpenApiResponse(description="Unchanged since the version If-None-Match names.")}

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="Only if the ETag is still this one.")
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="304 if the ETag is this one."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key within a day gives the same answer again.",
)
RENDER = OpenApiParameter(
    "render", OpenApiTypes.STR, enum=["html"], description="Also give long texts rendered, as `…_html`."
)


def describe(singular: str, plural: str, about: str) -> Callable[[View], View]:
    """Class decorator: summaries, parameters, answers and errors of a resource's operations, from its declaration."""

    def decorate(view: View) -> View:
        operations = _operations(view, singular, plural, about)
        described: Any = extend_schema_view(**{name: operations[name] for name in operations if name != "upsert"})(view)
        described.upsert = operations["upsert"](_own_copy(described.upsert))
        return cast("View", described)

    return decorate


def _own_copy(method: Callable[..., Response]) -> Callable[..., Response]:
    """The inherited method as the class's own, so that what is said of it here is not said of its siblings."""

    @functools.wraps(method)
    def own(view: object, request: Request, *args: object, **kwargs: object) -> Response:
        return method(view, request, *args, **kwargs)

    return own


def row_action(
    summary: str, answer: type[ResourceSerializer], shape: type[StrictSerializer] | None = None
) -> Callable[[Callable[[Acting, Row, Given], object]], Callable[..., Response]]:
    """Decorator: a POST beneath a row, `(view, row, fields)`. The row is locked, the body checked against `shape`, an
    Idempotency-Key honoured, and the row as it is afterwards is the answer."""

    def decorate(method: Callable[[Acting, Row, Given], object]) -> Callable[..., Response]:
        @functools.wraps(method)
        def act(view: Any, request: Request, *args: object, **kwargs: object) -> Response:
            row = view.locked(pk=kwargs["pk"])
            method(view, row, view.shaped(shape))
            return cast("Response", view.written(row.pk))

        schema = extend_schema(
            summary=summary,
            description=inspect.getdoc(method) or "",
            parameters=[IDEMPOTENCY_KEY],
            request=shape,
            responses={200: answer, **WRITE_ERRORS, **READ_ERRORS, **FIND_ERRORS, **KEY_ERRORS},
        )
        return schema(action(detail=True, methods=["post"])(idempotent(act)))

    return decorate


def _operations(view: Any, singular: str, plural: str, about: str) -> dict[str, Any]:
    serializer: type[ResourceSerializer] = view.serializer_class
    ok = {200: serializer}
    return {
        "list": extend_schema(
            summary=f"List {plural}",
            description=about,
            parameters=[*_list_parameters(view), RENDER, IF_NONE_MATCH],
            responses={200: _page_of(serializer), **NOT_MODIFIED, **QUERY_ERRORS, **READ_ERRORS},
        ),
        "retrieve": extend_schema(
            summary=f"Read a {singular}",
            description=about,
            parameters=[RENDER, IF_NONE_MATCH],
            responses={**ok, **NOT_MODIFIED, **QUERY_ERRORS, **READ_ERRORS, **FIND_ERRORS},
        ),
        "create": extend_schema(
            summary=f"Make a {singular}",
            description=about,
            parameters=[IDEMPOTENCY_KEY],
            responses={201: serializer, **WRITE_ERRORS, **READ_ERRORS, **KEY_ERRORS},
        ),
        "partial_update": extend_schema(
            summary=f"Change a {singular}",
            description="Only the given fields change.",
            parameters=[IF_MATCH],
            responses={**ok, **WRITE_ERRORS, **READ_ERRORS, **FIND_ERRORS, **MATCH_ERRORS},
        ),
        "destroy": extend_schema(
            summary=f"Delete a {singular}",
            description="It is gone at once, from all lists.",
            parameters=[IF_MATCH],
            responses={
                204: OpenApiResponse(description="Deleted."),
                **REFUSED,
                **READ_ERRORS,
                **FIND_ERRORS,
                **MATCH_ERRORS,
            },
        ),
        "upsert": extend_schema(
            summary=f"Make or change the {singular} of an external id",
            description="A sync can send the same again without making doubles.",
            parameters=[IF_MATCH],
            responses={**ok, 201: serializer, **WRITE_ERRORS, **READ_ERRORS, **FIND_ERRORS, **MATCH_ERRORS},
        ),
    }


def _list_parameters(view: Any) -> list[OpenApiParameter]:
    filterset = view.filterset
    declared = [
        OpenApiParameter(name, dict(each.schema), description=each.help or "")
        for name, each in filterset.filters.items()
    ]
    orders = [sign + name for name in sorted(filterset.orderings) for sign in ("", "-")]
    declared += [
        OpenApiParameter(
            "ordering", OpenApiTypes.STR, enum=orders, description=f"{filterset.default} unless told otherwise."
        ),
        OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="Comes with `next` and `previous`."),
    ]
    if filterset.search:
        declared.append(OpenApiParameter("search", OpenApiTypes.STR, description="Words to find."))
    return declared


def _page_of(serializer: type[ResourceSerializer]) -> Any:
    """The object around the rows of a list; the view's `list` alone would make drf-spectacular say it is an array."""
    name = serializer.__name__.removesuffix("Serializer")
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": serializer(many=True),
    }
    page = type(f"{name}PageSerializer", (serializers.Serializer,), fields)
    return extend_schema_serializer(many=False)(page)
