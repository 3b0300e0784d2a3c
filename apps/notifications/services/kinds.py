"""The kinds of news there are. Each app declares its own in AppConfig.ready; what they say is asked when it is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django_stubs_ext import StrOrPromise

from apps.core.registries import Registry
from apps.notifications.models import Notice, Reach
from apps.notifications.services.messages import Fact
from apps.workspaces.models import Member


@dataclass(frozen=True)
class NoticeWords:
    """The words of one notice, plain text in the active language.

    `title` is the line in the inbox, and the subject and first sentence of a mail of its own; `text` is a sentence or
    two of ours that need not repeat it, `quote` what a person wrote. `action` and `url` are the one thing to do (`url`
    is a path on this site), `about` and `about_url` the page under which the inbox groups it, `reason` why its reader
    gets it. A mail passes through other people's servers: `outside`, where given, stands there for the title; apart
    from `title` and `about` nothing names what is private.
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

    @property
    def words(self) -> str:
        """What stands under the title where there is room for one text only."""
        return self.text or self.quote


Row = TypeVar("Row")
Found = TypeVar("Found", bound=Model)


@dataclass(frozen=True)
class NoticeKind(Generic[Row]):
    """One kind of news, as people choose on their page of preferences how far it reaches them.

    `read` gives what notices of this kind speak of, by the notice's id, where their recipients still see it and it
    still is so. They are perhaps of many recipients (`recipient` with user and workspace is at hand), of any language;
    the number of queries does not grow with them. A notice left out says nothing any more. `say` makes the words of one
    notice from its row, in the language and time zone that are active then. It makes no queries, so that what was read
    once can be said to many people, each in their own language.

    `group` is the heading it stands under, `default` its reach where nobody chose. `act` does the thing a notice asks
    for at the press of a button; without it the notice only leads there. `again` says after how many working days of
    the recipient it is said a second time, and a last time, while it is not done; as many days as between the last two
    later `escalate` is called with notices that were said to the end.
    """

    name: str
    label: StrOrPromise
    group: StrOrPromise
    default: Reach
    read: Callable[[Sequence[Notice], datetime], Mapping[UUID, Row]]
    say: Callable[[Notice, Row], NoticeWords]
    help: StrOrPromise = ""
    act: Callable[[Notice, Member, datetime], None] | None = None
    again: tuple[int, ...] = ()
    escalate: Callable[[Sequence[Notice], datetime], None] | None = None


KINDS: Registry[NoticeKind[Any]] = Registry(
    "KINDS",
    "kinds of news, as people choose how far they reach them: what its notices speak of and the words for it, default "
    "reach, its one action, when it is said again, whom it escalates to",
)


def asking_kinds() -> list[str]:
    """The names of the kinds that ask for something: they have an action or are said again while it is not done."""
    return [kind.name for kind in KINDS if kind.act or kind.again]


def subjects_of(
    notices: Sequence[Notice], rows: QuerySet[Found], holds: Callable[[Notice, Found], bool] | None = None
) -> dict[UUID, Found]:
    """The subjects of notices, by the notice's id: those that are among the rows, and of which `holds` is true.

    One query. Whether the recipients see them is not asked here.
    """
    found = {row.pk: row for row in rows.filter(pk__in={notice.subject_id for notice in notices})}
    return {
        notice.pk: row
        for notice in notices
        if (row := found.get(notice.subject_id)) and (holds is None or holds(notice, row))
    }
