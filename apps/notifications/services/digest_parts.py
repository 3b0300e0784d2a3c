"""What a digest may hold. Each app declares its own parts in AppConfig.ready; apps.routines makes digests of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from apps.core.registries import Registry
from apps.notifications.services.messages import Section
from apps.workspaces.models import Member


@dataclass(frozen=True)
class DigestRequest:
    """A digest that one person is due: for which of their days, with which parts, and what it takes up.

    The morning digest tells of what came up after `since`; `news` are the notices it takes up.
    """

    member: Member
    day: date
    since: datetime
    daily: bool
    weekly: bool
    news: tuple[UUID, ...] = ()


Words = Callable[[], Sequence[Section]]
"""What a part says to one person, in the language and time zone that are active when it is called. It reads nothing."""
Told = Mapping[UUID, Words]
Read = Callable[[Sequence[DigestRequest], date, datetime], Told]
"""What one part has to say to each of these people, by the member's id: called with the digests, what day it is for
them and the moment. Who is left out is told nothing."""


@dataclass(frozen=True)
class DigestPart:
    """One part of the morning digest, or of the weekly one: the lower its place, the higher it stands. A part that is
    no `news` comes only beside others.
    """

    name: str
    place: int
    weekly: bool
    read: Read
    news: bool = True


DIGEST_PARTS: Registry[DigestPart] = Registry(
    "DIGEST_PARTS",
    "the parts of the morning and the weekly digest: what each says to many people at once, in a number of queries "
    "that does not grow, and only of what each may see",
)


def digest_parts() -> list[DigestPart]:
    """All of them in the order in which they stand."""
    return sorted(DIGEST_PARTS, key=lambda part: part.place)
