"""The shape of what serves programs."""

from typing import Any

from rest_framework import serializers

from apps.core.serializers import StrictSerializer

ROWS_MAX = 1_000


class BulkRowSerializer(StrictSerializer):
    """One upsert."""

    resource = serializers.CharField(max_length=40, help_text="As in the address: `goals`, `key-results`, …")
    external_id = serializers.CharField(max_length=255)
    fields_ = serializers.DictField(source="fields", help_text="As in PUT /<resource>/by-external-id/….")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a name Django REST framework needs for itself; in JSON it is plain."""
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        found["fields"].source = None
        return found


class BulkSerializer(StrictSerializer):
    """Up to 1,000 of them."""

    rows = BulkRowSerializer(many=True, min_length=1, max_length=ROWS_MAX)


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of one row."""

    resource = serializers.CharField()
    external_id = serializers.CharField()
    id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged"])


class BulkAnswerSerializer(serializers.Serializer[Any]):
    """What became of the rows, in their order."""

    results = BulkResultSerializer(many=True)
