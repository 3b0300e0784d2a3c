"""A digest's lines as far as they fit into a mail under its limit, whatever people write and however it is encoded."""

from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext as _

from apps.notifications.services.messages import LARGEST_BYTES, Item, Section
from apps.notifications.services.mime import BASE64_GROWS
from apps.workspaces.models import Member


@dataclass(frozen=True)
class MailSize:
    """The bytes of what a mail says, in its text and its HTML together: as quoted-printable, and before encoding."""

    quoted: int
    plain: int

    def __add__(self, other: "MailSize") -> "MailSize":
        return MailSize(self.quoted + other.quoted, self.plain + other.plain)

    @property
    def fits(self) -> bool:
        """Whether a mail of this size is under the limit: each of its parts is sent in the shorter encoding."""
        return min(self.quoted, self.plain * BASE64_GROWS) < LARGEST_BYTES


FRAME = MailSize(7 * 1024, 7 * 1024)
"""A digest without a line, written of and to people with short names, is about 5,200 bytes; more for long addresses."""
NAMED = 3
"""So many times both parts name the workspace: above (and the subject, in the HTML), in the opening, at the end."""
A_LINE, A_PART = MailSize(175, 155), MailSize(260, 220)
"""The marks around a line and around a part, in the text and in the HTML, that stand there beside the words."""


def fitted(sections: Sequence[Section], member: Member) -> tuple[Section, ...]:
    """The first of these lines, as many as the mail of this person has room for.

    Where some are left out the last part says so. In the active language.
    """
    names = [member.workspace.name] * NAMED + [member.name]
    if _surely_fits(sections, names):
        return tuple(sections)
    used = FRAME + size(*names) + A_PART + size(_rest())
    kept: list[Section] = []
    for each in sections:
        used += A_PART + size(each.title, each.more)
        items, used = _fitting(each.items, used)
        if used.fits:
            kept.append(Section(each.title, items, each.more))
            continue
        last = kept.pop() if kept and not items else Section(each.title, items)
        return (*kept, Section(last.title, last.items, _rest()))
    return tuple(kept)


def _surely_fits(sections: Sequence[Section], names: Sequence[str]) -> bool:
    """Whether all fits even in the longer encoding: true of nearly every digest, and told by one look at all of it."""
    items = [item for each in sections for item in each.items]
    words = [word for item in items for word in (item.title, item.text, item.note, item.url)]
    words += [word for each in sections for word in (each.title, each.more)]
    whole = "".join([*names, *words])
    marks = FRAME.plain + len(items) * A_LINE.plain + len(sections) * A_PART.plain
    return MailSize(LARGEST_BYTES, marks + len(whole.encode()) + len(escape(whole).encode())).fits


def _fitting(items: Iterable[Item], used: MailSize) -> tuple[tuple[Item, ...], MailSize]:
    """The items that fit beside what is used, and what is used then: more than fits where not all do."""
    kept = []
    for item in items:
        used += A_LINE + size(item.title, item.text, item.note, item.url)
        if not used.fits:
            break
        kept.append(item)
    return tuple(kept), used


def _rest() -> str:
    return _("There is more than fits into a mail.")


def size(*texts: str) -> MailSize:
    """What texts take that stand once in the text and once in the HTML, where they are escaped."""
    parts = [part.encode() for text in texts for part in (text, escape(text))]
    plain = sum(len(part) for part in parts)
    quoted = sum(len(b2a_qp(part, istext=False)) for part in parts)
    return MailSize(quoted + quoted // 70, plain)  # a line of quoted-printable ends in "=" and two more
