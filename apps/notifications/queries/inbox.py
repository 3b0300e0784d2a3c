"""The inbox as its page reads it: the newest notice of each thing, and all open notices about these things."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from apps.core.pagination import Page, keyset_page
from apps.notifications import access
from apps.notifications.models import Notice
from apps.workspaces.models import Member

THINGS_A_PAGE = 25
NOTICES_A_PAGE = 500
COUNTED_MAX = 100


def unread_count(member: Member) -> int:
    """How many open notices the person has not read; counting ends at COUNTED_MAX, since the bell says “99+” then."""
    return access.visible_notices(member).unread()[:COUNTED_MAX].count()


def newest_of_things(member: Member, place: Mapping[str, str], *, only_unread: bool = False) -> Page[Notice]:
    """A page of things the person was told of, as the newest open notice of each, the newest first."""
    mine = access.visible_notices(member)
    counted = mine.unread() if only_unread else mine.open()
    newer = counted.filter(
        Q(created_at__gt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__gt=OuterRef("pk")),
        about_id=OuterRef("about_id"),
    )
    heads = counted.filter(~Exists(newer))
    return keyset_page(heads, place, order=("created_at", "id"), descending=True, size=THINGS_A_PAGE)


def notices_about(member: Member, things: Collection[UUID], *, only_unread: bool = False) -> list[Notice]:
    """The open notices about these things, the newest first, at most NOTICES_A_PAGE."""
    if not things:
        return []
    mine = access.visible_notices(member)
    counted = mine.unread() if only_unread else mine.open()
    return list(counted.filter(about_id__in=things).order_by("-created_at", "-id")[:NOTICES_A_PAGE])
