"""Faces and names."""

import unicodedata
import zlib
from functools import lru_cache
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.templatetags.core.registry import register
from apps.core.templatetags.core.words import plain

HUES = 12
SIZES = {"s", "m", "l", "xl"}


def name_of(member: object) -> str:
    """What to call somebody: the name, else the key they were imported under, else the address."""
    for attribute in ("name", "key", "external_id", "email"):
        text = plain(getattr(member, attribute, "") or "")
        if text:
            return text
    return plain(member) or "?"


def _first(word: str) -> str:
    """The first letter of a word as it is read: with the marks that belong to it."""
    letters = word[0]
    for character in word[1:]:
        if not unicodedata.combining(character):
            break
        letters += character
    return letters.upper()


@lru_cache(maxsize=5_000)
def initials(name: str) -> str:
    """Two letters for a name of several words, one for a single word or a script without capitals."""
    words = [kept for word in name.split() if (kept := "".join(c for c in word if unicodedata.category(c)[0] in "LNM"))]
    words = [word for word in words if not unicodedata.combining(word[0])]
    if not words:
        return "?"
    first = _first(words[0])
    if len(words) == 1 or first == first.lower():
        return first
    return first + _first(words[-1])


def hue(member: object) -> int:
    """One of twelve colours, the same for a person for ever."""
    identity = getattr(member, "pk", None) or getattr(member, "id", None) or name_of(member)
    return zlib.crc32(str(identity).encode()) % HUES


@register.simple_tag
def avatar(member: object, size: str = "m") -> SafeString:
    """`{% avatar goal.owner "l" %}`: initials in the person's colour; a dashed ring for nobody. Sizes s, m, l, xl.

    It is hidden from screen readers, because the name stands beside it. Where it stands alone use `{% face %}`.
    """
    css = size if size in SIZES else "m"
    if not member:
        return format_html('<span class="face nobody {}" aria-hidden="true"></span>', css)
    text = escape(initials(name_of(member)))
    return SafeString(f'<span class="face hue-{hue(member)} {css}" aria-hidden="true">{text}</span>')


@register.simple_tag
def face(member: object, size: str = "m") -> SafeString:
    """An avatar that stands without a name: the name is its label and its hover text."""
    name = name_of(member) if member else _("Nobody yet")
    picture = avatar(member, size)
    return format_html('<span class="face-box" role="img" aria-label="{}" title="{}">{}</span>', name, name, picture)


@register.simple_tag
def person(member: object, url: str = "", size: str = "m", detail: object = "") -> SafeString:
    """`{% person goal.owner url=owner_url detail="lead" %}`: face and name; “Nobody yet” for none."""
    if not member:
        return format_html('<span class="person muted">{}<span>{}</span></span>', avatar(None, size), _("Nobody yet"))
    name = f"<bdi>{escape(name_of(member))}</bdi>"
    if url:
        name = f'<a href="{escape(url)}">{name}</a>'
    small = format_html(" <small>{}</small>", detail) if detail else ""
    return SafeString(f'<span class="person">{avatar(member, size)}<span>{name}{small}</span></span>')


@register.simple_tag
def faces(members: object, most: int = 5, size: str = "s") -> SafeString:
    """Several faces side by side, at most `most`, then how many more."""
    people = list(members) if hasattr(members, "__iter__") else []
    shown = [face(one, size) for one in people[:most]]
    rest = len(people) - len(shown)
    more = format_html('<span class="more">{}</span>', _("+%(count)s") % {"count": rest}) if rest > 0 else ""
    return format_html('<span class="faces">{}{}</span>', SafeString("".join(shown)), more)
