"""One declaration of a resource, for what comes in, what goes out and the schema."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.core.fields import Reference
from apps.core.markdown import render


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, by name."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated fields. Raises ValidationError."""
        if isinstance(data, dict):
            unknown = sorted(str(name) for name in data.keys() - self.fields.keys())
            if unknown:
                error = ErrorDetail(str(_("There is no such field.")), "unknown_field")
                raise serializers.ValidationError({name: [error] for name in unknown})
        return super().to_internal_value(data)


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
    def annotations(cls, member: Any) -> dict[str, Any]:
        """What the database computes for each row, by column name."""
        return {}

    @classmethod
    def finish(cls, row: dict[str, Any], member: Any) -> None:
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
    def select(cls, queryset: QuerySet[Any], *, member: Any, also: Iterable[str] = ()) -> QuerySet[Any, dict[str, Any]]:
        """The declared columns of the rows (and `also` others, for the order of a list) as dictionaries."""
        columns = dict.fromkeys([*cls.columns().values(), *also])
        selected: QuerySet[Any, dict[str, Any]] = queryset.annotate(**cls.annotations(member)).values(*columns)
        return selected

    @classmethod
    def shape(cls, selected: Iterable[dict[str, Any]], *, member: Any, html: bool = False) -> list[dict[str, Any]]:
        """Selected rows as they go out. With `html` every long text also stands rendered, as `<name>_html`."""
        columns = cls.columns().items()
        rows = [{name: row[column] for name, column in columns} for row in selected]
        for row in rows:
            cls.finish(row, member)
        return [cls.with_html(row) for row in rows] if html else rows

    @classmethod
    def with_html(cls, row: dict[str, Any]) -> dict[str, Any]:
        """The row with each long text rendered beside it."""
        kind = row.get("note_format", "markdown")
        return row | {f"{name}_html": str(render(row[name], kind)) for name in cls.html_fields}
