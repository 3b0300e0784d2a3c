"""Numbers and text as people read them."""

import json
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.core import markdown as markdown_module
from apps.core.charts import finite, whole_percent
from apps.core.templatetags.core.registry import register

NOTHING = "\N{EN DASH}"
_BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: object) -> str:
    """Text for an attribute: without control characters and without marks that turn the direction of what follows."""
    text = str(text)
    if text.isascii() and text.isprintable():  # most are, and lists call this for each line
        return text.strip()
    return "".join(c for c in text if c not in _BIDI_CONTROLS and unicodedata.category(c) != "Cc").strip()


@register.filter
def number(value: object, places: int = 2) -> str:
    """A number in the reader's language with at most `places` decimals; a dash for none and for what is no number."""
    if isinstance(value, bool) or finite(value) is None:
        return NOTHING
    try:
        exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places))
    except InvalidOperation:
        return f"{finite(value):.3g}"
    text = f"{exact:f}"
    decimals = len(text.partition(".")[2].rstrip("0"))
    return number_format(exact, decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.filter(name="percent")
def percent_filter(value: object) -> str:
    """A share of 0..1 as whole per cent, as in `62 %`; a dash for none. See charts.whole_percent."""
    share = finite(value)
    if share is None or isinstance(value, bool):
        return NOTHING
    return _percent(share, get_language() or "")


@lru_cache(maxsize=5_000)
def _percent(share: float, _language: str) -> str:
    """Lists show the same shares in many lines."""
    return _("%(value)s %%") % {"value": number(whole_percent(share), 0)}


@register.simple_tag
def percent(value: object) -> str:
    """The same as a tag: `{% percent goal.progress %}`."""
    return percent_filter(value)


@register.simple_tag
def reading(value: object, unit: str = "") -> str:
    """A key result's value with its unit: `{% reading 11.2 "days" %}`. The unit `%` takes values of 0..100."""
    figure = number(value)
    return f"{figure} {plain(unit)}".strip() if figure != NOTHING else NOTHING


@register.filter
def markdown(text: str | None) -> SafeString:
    """Markdown as safe markup: `{{ goal.reason|markdown }}`; stand it in an element of class `prose`."""
    return markdown_module.render(text)


@register.simple_tag
def note(text: str | None, form: str = "markdown") -> SafeString:
    """A note of the form "markdown", "html" or "text" in its prose box; nothing for an empty one."""
    body = markdown_module.render(text, form)
    return format_html('<div class="prose" dir="auto">{}</div>', body) if body else SafeString("")


@register.filter
def pretty_json(value: object) -> str:
    """A value as indented JSON, for people to read."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
