"""The caller's inbox."""

from typing import Never

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api_schema import IDEMPOTENCY_KEY, KEY_ERRORS, READ_ERRORS, WRITE_ERRORS, describe, row_action
from apps.core.filters import FilterSet, by_flag, by_text, by_time
from apps.core.idempotency import idempotent
from apps.core.serializers import StrictSerializer
from apps.core.viewsets import ResourceViewSet
from apps.notifications import access
from apps.notifications.models import Notice
from apps.notifications.serializers import NoticeSerializer
from apps.notifications.services import inbox
from apps.workspaces.models import Member


class ReadAllSerializer(StrictSerializer):
    """How many notices were not read before."""

    count = serializers.IntegerField(read_only=True, min_value=0)


@describe(
    "notice",
    "notices",
    "What the caller is told of, and nobody else's. A list holds what is not done yet, unless `is_done` says "
    "otherwise; what is done elsewhere leaves by itself.",
)
class InboxViewSet(ResourceViewSet[Notice, Never]):
    """The inbox."""

    scope_family = "inbox"
    serializer_class = NoticeSerializer
    upserts = False
    filterset = FilterSet(
        filters={
            "kind": by_text("kind"),
            "is_read": by_flag(lambda value: Q(read_at__isnull=not value)),
            "is_done": by_flag(lambda value: Q(done_at__isnull=not value)),
            "created_since": by_time("created_at__gte"),
        },
        orderings={"created_at": "created_at"},
    )

    def visible(self, member: Member) -> QuerySet[Notice]:
        """One's own; of a list those that are open, if it is not asked for others."""
        notices = access.visible_notices(member)
        is_list = self.action == "list" and "is_done" not in self.request.query_params
        return notices.open() if is_list else notices

    @row_action("Take a notice as read", NoticeSerializer)
    def read(self, row: Notice, fields: dict[str, object]) -> None:
        """It stays in the inbox."""
        inbox.mark_read([row.pk], by=self.member, at=self.now())

    @row_action("Take a notice as not read", NoticeSerializer)
    def unread(self, row: Notice, fields: dict[str, object]) -> None:
        """The bell counts it again."""
        inbox.mark_unread([row.pk], by=self.member, at=self.now())

    @row_action("Put a notice away", NoticeSerializer)
    def done(self, row: Notice, fields: dict[str, object]) -> None:
        """It leaves the inbox; nothing happens to what it speaks of."""
        inbox.put_away([row.pk], by=self.member, at=self.now())

    @row_action("Do what a notice asks for", NoticeSerializer)
    def act(self, row: Notice, fields: dict[str, object]) -> None:
        """What its button in the inbox does, where it has one; a notice that asks for more answers 400."""
        inbox.do_act(row, by=self.member, at=self.now())

    @extend_schema(
        summary="Take all notices as read",
        description="They stay in the inbox.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: ReadAllSerializer, **WRITE_ERRORS, **READ_ERRORS, **KEY_ERRORS},
    )
    @action(detail=False, methods=["post"], url_path="read-all", url_name="read-all")
    @idempotent
    def read_all(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Every open notice of the caller."""
        return Response({"count": inbox.mark_all_read(by=self.member, at=self.now())})
