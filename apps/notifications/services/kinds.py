"""The kinds of news there are. Each app declares its own in AppConfig.ready; what they say is asked when it is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django_stubs_ext import StrOrPromise

from apps.notifications.models import Notice, Reach
from apps.notifications.services.messages import Fact
from apps.workspaces.models import Member


@dataclass(frozen=True)
class Said:
    """The words of one notice, plain text in the active language.

    `title` is the line in the inbox and the subject of a mail of its own, `text` a sentence or two. `action` and `url`
    are the one thing to do (`url` is a path on this site), `about` and `about_url` the page under which the inbox
    groups it, `reason` why its reader gets it. A mail passes through other people's servers: `outside`, where given,
    stands there for the title; apart from `title` and `about` nothing names what is private.
    """

    title: str
    text: str
    url: str
    action: str
    about: str
    about_url: str
    reason: str
    facts: tuple[Fact, ...] = ()
    quote: str = ""
    outside: str = ""


Describe = Callable[[Sequence[Notice], datetime], dict[UUID, Said]]
"""Words for notices of one kind, perhaps of many recipients (`recipient` with user and workspace is at hand), in a
number of queries that does not grow with them. A notice left out says nothing: its reader may no longer see what it
speaks of, or it is no longer needed."""


@dataclass(frozen=True)
class NoticeKind:
    """One kind of news, as people choose on their page of preferences how far it reaches them.

    `group` is the heading it stands under, `default` its reach where nobody chose. `act` does the thing a notice asks
    for at the press of a button; without it the notice only leads there. `again` says after how many working days of
    the recipient it is said a second time, and a last time, while it is not done; as many days as between the last two
    later `escalate` is called with notices that were said to the end.
    """

    name: str
    label: StrOrPromise
    group: StrOrPromise
    default: Reach
    describe: Describe
    help: StrOrPromise = ""
    act: Callable[[Notice, Member, datetime], None] | None = None
    again: tuple[int, ...] = ()
    escalate: Callable[[Sequence[Notice], datetime], None] | None = None


KINDS: dict[str, NoticeKind] = {}


def add_kinds(*kinds: NoticeKind) -> None:
    """Let people be told of these. Called in AppConfig.ready of the app whose things they speak of."""
    for kind in kinds:
        KINDS[kind.name] = kind
