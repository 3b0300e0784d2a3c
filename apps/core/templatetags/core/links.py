"""Addresses and icons."""

import re
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide import _render_icon

from apps.core.templatetags.core.registry import register
from apps.core.urls import reverse_in

PLACE_KEYS = ("after", "before", "page")


@lru_cache(maxsize=512)
def icon_markup(name: str, size: int = 18, css: str = "") -> SafeString:
    """The inline SVG of a lucide icon, hidden from screen readers. IconDoesNotExist for a name lucide does not know.

    How all of them are drawn (no fill, round lines in the colour of the text) says base.css once.
    """
    svg = _render_icon(name, size, **{"class": f"icon {css}".strip(), "aria-hidden": "true"})
    short = re.sub(r' (?:fill="none"|stroke(?:-[a-z]+)?="[^"]*")(?=[^>]*class="icon)', "", " ".join(svg.split()))
    return mark_safe(short.replace("> <", "><").replace(" />", "/>"))  # noqa: S308 - from the wheel, the rest is ours


@register.simple_tag
def icon(name: str, size: int = 18, css: str = "") -> SafeString:
    """`{% icon "target" %}`: an icon in the colour of its text. It says nothing by itself: put a word with it."""
    return icon_markup(name, size, css)


@register.simple_tag(takes_context=True)
def at(context: Context, name: str, *args: Any) -> str:
    """`{% at "goals:goal_detail" goal.pk %}`: the address of a page inside the current workspace."""
    return reverse_in(context["workspace"], name, *args)


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """The page's own query string with changes: `<a href="{% query_with sort="due" team=None %}">`.

    None or an empty text takes a key away. Where it changes anything but the place in the list, the list starts anew.
    """
    request = context.get("request")
    query: QueryDict = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if not any(key in changes for key in PLACE_KEYS):
        for key in PLACE_KEYS:
            query.pop(key, None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        elif isinstance(value, list | tuple):
            query.setlist(key, [str(item) for item in value])
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def chip(text: object, tone: str = "", icon: str = "", url: str = "") -> SafeString:
    """A small label: `{% chip team.name icon="users" url=url %}`. Tones: results, relations, on, risk, off."""
    css = f"chip {tone}".strip()
    mark = icon_markup(icon, 13) if icon else ""
    if url:
        return format_html('<a class="{}" href="{}">{}<bdi>{}</bdi></a>', css, url, mark, text)
    return format_html('<span class="{}">{}<bdi>{}</bdi></span>', css, mark, text)
