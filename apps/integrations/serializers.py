"""The shape of what serves programs."""

from typing import Any, TypedDict

from rest_framework import serializers

from apps.core.fields import Reference
from apps.core.serializers import ResourceSerializer, StrictSerializer
from apps.integrations import access
from apps.integrations.models import EVENTS, Export, WebhookDelivery

ROWS_MAX = 1_000


class BulkRowSerializer(StrictSerializer):
    """One upsert."""

    resource = serializers.CharField(max_length=40, help_text="As in the address: `goals`, `key-results`, …")
    external_id = serializers.CharField(max_length=255)
    fields_ = serializers.DictField(source="fields", help_text="As in PUT /<resource>/by-external-id/….")

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a name Django REST framework needs for itself; in JSON it is plain."""
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        found["fields"].source = None
        return found


class BulkRowGiven(TypedDict):
    """What BulkRowSerializer lets through."""

    resource: str
    external_id: str
    fields: dict[str, object]


class BulkSerializer(StrictSerializer):
    """Up to 1,000 of them."""

    rows: serializers.ListSerializer[object] = serializers.ListSerializer(
        child=BulkRowSerializer(), min_length=1, max_length=ROWS_MAX
    )


class BulkResultSerializer(serializers.Serializer[object]):
    """What became of one row."""

    resource = serializers.CharField()
    external_id = serializers.CharField()
    id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged"])


class BulkAnswerSerializer(serializers.Serializer[object]):
    """What became of the rows, in their order."""

    results = BulkResultSerializer(many=True)


class ExportSerializer(ResourceSerializer):
    """An export: ask again until its state is `done`, then fetch `download/` beneath it."""

    external_id = None  # type: ignore[assignment]
    file_name = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=Export.State.choices, read_only=True)
    rows_done = serializers.IntegerField(read_only=True)
    rows_known = serializers.IntegerField(read_only=True, help_text="0 until its writing begins.")
    size = serializers.IntegerField(read_only=True, help_text="Of the archive, in bytes.")
    error = serializers.CharField(read_only=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)


class WebhookSerializer(ResourceSerializer):
    """An address that is told of changes. The secret is only written; without one we make one and show it there."""

    url = serializers.URLField(max_length=2_000)
    events = serializers.ListField(child=serializers.ChoiceField(choices=sorted(EVENTS)), min_length=1, max_length=100)
    secret = serializers.CharField(write_only=True, required=False, max_length=100)
    is_active = serializers.BooleanField(required=False)
    failing_since = serializers.DateTimeField(read_only=True, allow_null=True)
    paused_at = serializers.DateTimeField(read_only=True, allow_null=True)


class WebhookDeliverySerializer(ResourceSerializer):
    """One message to a webhook, and what came of it."""

    external_id = None  # type: ignore[assignment]
    webhook = Reference(access.visible_webhooks, read_only=True)
    type = serializers.CharField(read_only=True)
    payload = serializers.JSONField(read_only=True, allow_null=True)
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices, read_only=True)
    attempts = serializers.IntegerField(read_only=True)
    next_try_at = serializers.DateTimeField(read_only=True)
    delivered_at = serializers.DateTimeField(read_only=True, allow_null=True)
    status_code = serializers.IntegerField(read_only=True, allow_null=True)
    response = serializers.CharField(read_only=True)
    error = serializers.CharField(read_only=True)
