"""Fields of the API's serializers."""

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from apps.core.models import ExternalId

if TYPE_CHECKING:
    from apps.workspaces.models import Member

References = dict[tuple[str, str, object], ExternalId]  # rows found already, by rule, column and value
REFERENCE_IN: dict[str, object] = {
    "oneOf": [
        {"type": "string", "format": "uuid"},
        {
            "type": "object",
            "properties": {"external_id": {"type": "string"}},
            "required": ["external_id"],
            "additionalProperties": False,
        },
    ],
    "description": 'The id of the row, or {"external_id": …}.',
}
REFERENCE_OUT: dict[str, object] = {"type": "string", "format": "uuid"}


class Reference(serializers.Field):  # type: ignore[type-arg]
    """A row the caller can see, by its id or by `{"external_id": "…"}`; what they cannot see is "not there"."""

    default_error_messages: ClassVar[dict[str, StrOrPromise]] = {
        "invalid": _("Give an id, or an object with an external_id."),
        "does_not_exist": _("There is no such row."),
    }

    def __init__(self, visible: Callable[["Member"], QuerySet[ExternalId]], **kwargs: Any) -> None:
        self.visible = visible
        super().__init__(**kwargs)

    def to_internal_value(self, data: object) -> ExternalId:
        """The row itself. Raises ValidationError."""
        value: UUID | str
        match data:
            case str():
                lookup, value = "pk", self._uuid(data)
            case {"external_id": str(external_id), **rest} if not rest and external_id and "\x00" not in external_id:
                lookup, value = "external_id", external_id
            case _:
                self.fail("invalid")
        memo = cast("dict[str, References]", self.context).setdefault("references", {})
        key = (self.visible.__name__, lookup, value)
        if key not in memo:
            try:
                row = self.visible(self.context["member"]).filter(**{lookup: value}).first()
            except ValueError:
                row = None
            if row is None:
                self.fail("does_not_exist")
            memo[key] = row
        return memo[key]

    def _uuid(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            self.fail("invalid")
            raise  # unreachable: fail raises

    def to_representation(self, value: object) -> object:
        """The id. Rows come from apps.core.serializers, which put ids there themselves."""
        return value


class ReferenceSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """The schema's word for it: an id in answers; an id or an object with an external_id in requests."""

    target_class = "apps.core.fields.Reference"

    def map_serializer_field(self, auto_schema: object, direction: str) -> dict[str, object]:
        """By direction."""
        return deepcopy(REFERENCE_IN if direction == "request" else REFERENCE_OUT)  # drf-spectacular adds to it
