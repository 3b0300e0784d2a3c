"""The parts of a digest: each is read for many people at once, in a number of queries that does not grow, whatever
languages they speak and wherever they live; the words are made later, for one after the other."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from apps.core.urls import reverse_in
from apps.notifications.services.digest_parts import DigestRequest
from apps.notifications.services.messages import Item, Section
from apps.workspaces.models import Member

TITLE_MAX = 90
TEXT_MAX = 120
SHOWN = 6
UNSEEN = {
    **dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
}
"""Control characters, and those that turn the direction of all that follows (Unicode Standard Annex 9, section 2)."""


def members_of(asked: Sequence[DigestRequest]) -> dict[UUID, Member]:
    """Whose digests these are, by id."""
    return {each.member.pk: each.member for each in asked}


def section(title: str, items: Sequence[Item], *, after: str = "", count: int | None = None) -> Section:
    """The first SHOWN of these lines under a heading; says how many there are beside (of `count`, where given, else of
    the lines), and what `after` adds.
    """
    left = (len(items) if count is None else count) - SHOWN
    more = ngettext("And %(count)s more.", "And %(count)s more.", left) % {"count": left} if left > 0 else ""
    return Section(title, tuple(items[:SHOWN]), " ".join(part for part in (more, after) if part))


def quoted(title: str) -> str:
    """How a mail names a thing.

    What is private it does not name, since mail passes through other people's servers: it has sentences of its own for
    that, as languages bend “a private goal” in the middle of one.
    """
    return _("“%(title)s”") % {"title": cut(title, TITLE_MAX)}


def goal_url(member: Member, pk: UUID, name: str = "goals:goal_detail") -> str:
    """The whole address of a goal's page."""
    return settings.SITE_URL + reverse_in(member.workspace, name, pk)


def cut(text: str, longest: int) -> str:
    """The text on one line, cut at a word where it is longer; without what makes other text invisible or turns it."""
    line = " ".join(text.translate(UNSEEN).split())
    if len(line) <= longest:
        return line
    return line[: longest - 1].rsplit(" ", 1)[0] + "…"


def day_note(day: date, today: date) -> str:
    """“today”, “tomorrow”, or the day; with “since” where it is over."""
    return _day_note(day, today, get_language() or "")


@lru_cache(maxsize=2_000)
def _day_note(day: date, today: date, _language: str) -> str:
    """The mails of one morning speak of the same few days."""
    days = (day - today).days
    if days in {0, 1}:
        return pgettext("due", "today") if days == 0 else pgettext("due", "tomorrow")
    return _day(day) if days > 0 else since_note(day)


def since_note(day: date) -> str:
    """“since 2 March”."""
    return _("since %(day)s") % {"day": _day(day)}


def _day(day: date) -> str:
    return date_format(day, pgettext("date format", "j F"))
