"""The shape of an inbox for programs."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from apps.core.serializers import ResourceSerializer, Row, Shown
from apps.notifications.models import Notice
from apps.notifications.services.inbox import describe
from apps.notifications.services.kinds import NoticeWords
from apps.workspaces.models import Member

MADE_OF = ("dedupe_key", "subject_id", "about_id", "step", "data")
WORDS = ("subject", "text", "about", "url", "action")


class NoticeSerializer(ResourceSerializer):
    """One thing the caller is told of, in their language. Its words are empty once it is done."""

    external_id = None  # type: ignore[assignment]
    kind = serializers.CharField(read_only=True, help_text="What kind of news, e.g. `check_in_due`.")
    subject = serializers.CharField(read_only=True, help_text="One line, as in the inbox.")
    text = serializers.CharField(read_only=True, help_text="A sentence or two; may be empty.")
    about = serializers.CharField(read_only=True, help_text="The name of what it is about.")
    url = serializers.CharField(read_only=True, help_text="The page of the one thing to do.")
    action = serializers.CharField(read_only=True, help_text="What one does there, in a word or two.")
    read_at = serializers.DateTimeField(read_only=True, allow_null=True)
    done_at = serializers.DateTimeField(read_only=True, allow_null=True)

    @classmethod
    def columns(cls) -> dict[str, str]:
        """Field → column; the words have none."""
        return {name: column for name, column in super().columns().items() if name not in WORDS}

    @classmethod
    def select(cls, queryset: QuerySet[Row], *, member: Member, also: Iterable[str] = ()) -> QuerySet[Row, Shown]:
        """With the columns of which the words are made."""
        return super().select(queryset, member=member, also=[*also, *MADE_OF])

    @classmethod
    def shape(cls, selected: Iterable[Shown], *, member: Member, html: bool = False) -> list[Shown]:
        """The rows with their words, asked of their kinds for all at once.

        An open one without words is left out: the caller may no longer see what it speaks of.
        """
        rows = list(selected)
        at = timezone.now()
        notices = [Notice(**row) for row in rows]
        said = describe([notice for notice in notices if notice.done_at is None], by=member, at=at)
        shaped: list[dict[str, Any]] = super().shape(rows, member=member, html=html)
        for row in shaped:
            row.update(_words(said.get(row["id"])))
        return [row for row in shaped if row["done_at"] is not None or row["id"] in said]


def _words(said: NoticeWords | None) -> dict[str, str]:
    if said is None:
        return dict.fromkeys(WORDS, "")
    found = (said.title, said.words, said.about, settings.SITE_URL + said.url, said.action)
    return dict(zip(WORDS, found, strict=True))
