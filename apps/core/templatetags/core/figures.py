"""Progress, status and what else stands in the rows of long tables: built without a template, which is slow there."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import charts
from apps.core.templatetags.core.registry import register
from apps.core.templatetags.core.words import number, percent_filter, plain

STATUSES = {
    "on_track": ("on", gettext_lazy("On track")),
    "at_risk": ("risk", gettext_lazy("At risk")),
    "off_track": ("off", gettext_lazy("Off track")),
    "achieved": ("achieved", gettext_lazy("Achieved")),
    "missed": ("missed", gettext_lazy("Missed")),
    "dropped": ("dropped", gettext_lazy("Dropped")),
}


@register.simple_tag
def status(confidence: object, none: str = "") -> SafeString:
    """`{% status goal.confidence %}`: a shape and a word for on_track, at_risk, off_track, achieved, missed, dropped.

    Anything else is said by `none`, in a dashed shape.
    """
    css, words = STATUSES.get(str(confidence), ("none", none or _("No check-in yet")))
    return _status(css, str(words))


@lru_cache(maxsize=500)
def _status(css: str, words: str) -> SafeString:
    return format_html('<span class="status {}">{}</span>', css, words)


@lru_cache(maxsize=5_000)
def _shapes(share: float, tick: float | None) -> SafeString:
    """What lies in a bar: its rail, how far it is, the tick."""
    x = min(100 * charts.clamp(tick), 99.6) if tick is not None else None
    mark = SafeString("")
    if x is not None:
        mark = format_html('<rect class="tick" x="{}%" y="0" width="2" height="14" rx="1"/>', charts.at(x))
    return format_html(
        '<rect class="rail" y="4" width="100%" height="6" rx="3"/>'
        '<rect class="fill" y="4" width="{}%" height="6" rx="3"/>{}',
        charts.at(100 * charts.clamp(share)), mark,
    )  # fmt: skip


def _bar(share: float, tick: float | None, tone: str, label: str) -> str:
    return (
        f'<svg class="bar {escape(tone)}" width="100%" height="14" role="img" aria-label="{escape(label)}">'
        f"{_shapes(share, tick)}</svg>"
    )


@register.simple_tag
def progress(
    value: object, expected: object = None, label: str = "", tone: str = "", figure: bool = True
) -> SafeString:
    """`{% progress goal.progress goal.expected "Progress" %}`: a bar of 0..1, its figure, a tick at what is expected.

    No value: “No measure yet”. Tone "relations" makes it coral; `figure=False` leaves the number to the label.
    """
    share, tick = charts.finite(value), charts.finite(expected)
    if share is None:
        return format_html('<span class="progress unmeasured muted">{}</span>', _("No measure yet"))
    words = percent_filter(share)
    said = words
    if tick is not None:
        said = _("%(done)s, expected %(expected)s") % {"done": words, "expected": percent_filter(tick)}
    bar = _bar(share, tick, plain(tone), f"{plain(label)}: {said}" if label else said)
    shown = f'<span class="num" aria-hidden="true">{escape(words)}</span>' if figure else ""
    return SafeString(f'<span class="progress">{bar}{shown}</span>')


@register.simple_tag
def spark(values: Sequence[object], label: str = "", width: int = 96, height: int = 24) -> SafeString:
    """A line of the size of a word. `label` says what it shows, with the last value; without one it is decoration."""
    points, last = charts.spark(values)
    if last is None:
        return SafeString("")
    said = format_html('role="img" aria-label="{}"', plain(label)) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="spark" width="{}" height="{}" {}>'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">'
        '<polyline points="{}"/></svg><circle cx="{}%" cy="{}%" r="2.5"/></svg>',
        int(width), int(height), said, points, last[0], last[1],
    )  # fmt: skip


@register.simple_tag
def counted(value: object) -> str:
    """A count with its thousands set apart: 10,000."""
    return number(value, 0)
