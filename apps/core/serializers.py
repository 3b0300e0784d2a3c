"""One declaration of a resource, for what comes in, what goes out and the schema."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.core.fields import Reference
from apps.core.markdown import render

if TYPE_CHECKING:
    from apps.workspaces.models import Member

Row = TypeVar("Row", bound=Model)
Shown = dict[str, object]  # one row as it goes out

# What a value must be in JSON, by the kind of field.
_JSON_TYPES: tuple[tuple[tuple[type, ...], tuple[type, ...], StrPromise], ...] = (
    ((serializers.BooleanField,), (bool,), _("Say true or false.")),
    ((serializers.CharField, serializers.DateField, serializers.DateTimeField), (str,), _("Give a text.")),
    ((serializers.IntegerField, serializers.DecimalField, serializers.FloatField), (int, float), _("Give a number.")),
)


def _is_naive(text: str) -> bool:
    try:
        found = parse_datetime(text)
    except ValueError:
        return False  # the field itself says what is wrong
    return found is not None and timezone.is_naive(found)


class StrictSerializer(serializers.Serializer[object]):
    """Refuses fields it does not know, and values of another type than the schema says, by name."""

    def to_internal_value(self, data: object) -> dict[str, object]:
        """The validated fields. Raises ValidationError."""
        if isinstance(data, dict):
            refused = {str(name): error for name, value in data.items() if (error := self._refusal(name, value))}
            if refused:
                raise serializers.ValidationError({name: [refused[name]] for name in sorted(refused)})
        validated: dict[str, object] = super().to_internal_value(data)
        return validated

    def _refusal(self, name: object, value: object) -> ErrorDetail | None:
        """What is wrong with a value before its field reads it: REST framework turns numbers into text and back."""
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            return ErrorDetail(str(_("There is no such field.")), "unknown_field")
        for kinds, taken, words in _JSON_TYPES:
            if isinstance(field, kinds) and value is not None and type(value) not in taken:
                return ErrorDetail(str(words), "invalid")
        if isinstance(field, serializers.DateTimeField) and isinstance(value, str) and _is_naive(value):
            return ErrorDetail(str(_("Give a time with its zone, for example 2026-03-04T10:00:00Z.")), "invalid")
        return None


class ResourceSerializer(StrictSerializer):
    """Names, types and limits of a resource's fields.

    In: an unknown field is an error; a field that is only read is ignored, so that what was read can be sent back.
    Out: `select()` reads exactly the declared columns with values(), which is several times faster than model instances
    (docs/decisions/api-rows.md). A field's column is its `source`, an id for a Reference; `annotations()` adds what is
    computed.
    """

    html_fields: ClassVar[tuple[str, ...]] = ()

    id = serializers.UUIDField(read_only=True)
    external_id = serializers.CharField(
        max_length=255, required=False, allow_blank=True, help_text="Your own id for it."
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """The declared fields, and each long text rendered, which is there with `?render=html`."""
        rendered = {f"{name}_html": serializers.CharField(read_only=True) for name in self.html_fields}
        return {**super().get_fields(), **rendered}

    @classmethod
    def annotations(cls, member: "Member") -> Mapping[str, object]:
        """What the database computes for each row, by column name."""
        return {}

    @classmethod
    def finish(cls, row: Shown, member: "Member") -> None:
        """A last touch to one row, in Python."""

    @classmethod
    def columns(cls) -> dict[str, str]:
        """Field → column."""
        columns = {}
        for name, field in cls._declared_fields.items():
            if field.write_only:
                continue
            source = field.source or name
            columns[name] = (
                f"{source}_id" if isinstance(field, Reference) and not source.startswith("seen_") else source
            )
        return columns

    @classmethod
    def select(cls, queryset: QuerySet[Row], *, member: "Member", also: Iterable[str] = ()) -> QuerySet[Row, Shown]:
        """The declared columns of the rows (and `also` others, for the order of a list) as dictionaries."""
        columns = dict.fromkeys([*cls.columns().values(), *also])
        selected: QuerySet[Row, Shown] = queryset.annotate(**cls.annotations(member)).values(*columns)
        return selected

    @classmethod
    def shape(cls, selected: Iterable[Shown], *, member: "Member", html: bool = False) -> list[Shown]:
        """Selected rows as they go out. With `html` every long text also stands rendered, as `<name>_html`."""
        columns = cls.columns().items()
        rows = [{name: row[column] for name, column in columns} for row in selected]
        for row in rows:
            cls.finish(row, member)
        return [cls.with_html(row) for row in rows] if html else rows

    @classmethod
    def with_html(cls, row: dict[str, Any]) -> Shown:
        """The row with each long text rendered beside it."""
        kind = row.get("note_format", "markdown")
        return row | {f"{name}_html": str(render(row[name], kind)) for name in cls.html_fields}
