"""Progress, status and charts. Geometry comes from apps.core.charts; what stands in a row of a long table is built without a template."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from apps.core import charts
from apps.core.templatetags.core.dates import day_and_month
from apps.core.templatetags.core.registry import register
from apps.core.templatetags.core.words import number, percent_filter, plain, reading

STATUSES = {
    "on_track": ("on", gettext_lazy("On track")),
    "at_risk": ("risk", gettext_lazy("At risk")),
    "off_track": ("off", gettext_lazy("Off track")),
    "achieved": ("achieved", gettext_lazy("Achieved")),
    "missed": ("missed", gettext_lazy("Missed")),
    "dropped": ("dropped", gettext_lazy("Dropped")),
}
HEAT = {
    "done": gettext_lazy("checked in"),
    "late": gettext_lazy("checked in late"),
    "missed": gettext_lazy("no check-in"),
    "none": gettext_lazy("not due"),
}


@register.simple_tag
def status(confidence: object, none: str = "") -> SafeString:
    """`{% status goal.confidence %}`: a shape and a word for on_track, at_risk, off_track, achieved, missed, dropped; else none's."""
    css, words = STATUSES.get(str(confidence), ("none", none or _("No check-in yet")))
    return format_html('<span class="status {}">{}</span>', css, words)


def _bar(share: float, tick: float | None, tone: str, label: str) -> SafeString:
    x = min(100 * charts.clamp(tick), 99.6) if tick is not None else None
    mark = format_html('<rect class="tick" x="{}%" y="0" width="2" height="14" rx="1"/>', charts.at(x)) if x is not None else ""
    return format_html(
        '<svg class="bar {}" width="100%" height="14" role="img" aria-label="{}"><rect class="rail" y="4" width="100%" height="6" rx="3"/>'
        '<rect class="fill" y="4" width="{}%" height="6" rx="3"/>{}</svg>',
        tone, label, charts.at(100 * charts.clamp(share)), mark,
    )  # fmt: skip


@register.simple_tag
def progress(value: object, expected: object = None, label: str = "", tone: str = "", figure: bool = True) -> SafeString:
    """`{% progress goal.progress goal.expected "Progress" %}`: a bar of 0..1 with a tick where time says it should be, and the figure.

    No value: “No measure yet”. Tone "relations" makes it coral; `figure=False` leaves the number to the label.
    """
    share, tick = charts.finite(value), charts.finite(expected)
    if share is None:
        return format_html('<span class="progress unmeasured muted">{}</span>', _("No measure yet"))
    words = percent_filter(share)
    said = _("%(done)s, expected %(expected)s") % {"done": words, "expected": percent_filter(tick)} if tick is not None else words
    bar = _bar(share, tick, plain(tone), f"{plain(label)}: {said}" if label else said)
    shown = format_html('<span class="num" aria-hidden="true">{}</span>', words) if figure else ""
    return format_html('<span class="progress">{}{}</span>', bar, shown)


@register.simple_tag
def spark(values: Sequence[object], label: str = "", width: int = 96, height: int = 24) -> SafeString:
    """A line of the size of a word. `label` says what it shows, with the last value; without one it is decoration."""
    points, last = charts.spark(values)
    if last is None:
        return SafeString("")
    said = format_html('role="img" aria-label="{}"', plain(label)) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="spark" width="{}" height="{}" {}><svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">'
        '<polyline points="{}"/></svg><circle cx="{}%" cy="{}%" r="2.5"/></svg>',
        int(width), int(height), said, points, last[0], last[1],
    )  # fmt: skip


@register.inclusion_tag("components/_line_chart.html")
def line_chart(
    title: str,
    readings: Iterable[tuple[date, object]],
    start: object = None,
    target: object = None,
    starts_on: date | None = None,
    due_on: date | None = None,
    unit: str = "",
    heading: bool = True,
) -> dict[str, Any]:
    """A key result's line: readings [(day, value)], the line expected from start to target, and the same figures as a table."""
    rows = list(readings)
    drawn = charts.line(rows, start, target, starts_on, due_on)
    first, goal = charts.finite(start), charts.finite(target)
    dated = starts_on is not None and due_on is not None
    table = [
        {
            "on": mark.on,
            "value": reading(mark.value, unit),
            "expected": reading(charts.expected_value(mark.on, first, goal, starts_on, due_on), unit)  # type: ignore[arg-type]
            if dated and first is not None and goal is not None and mark.on
            else "",
        }
        for mark in drawn.marks
    ]
    now = reading(drawn.last.value, unit) if drawn.last else ""
    words = {"title": title, "from": reading(start, unit), "now": now or _("no reading yet"), "target": reading(target, unit)}
    return {
        "chart": drawn,
        "title": title,
        "heading": heading,
        "now": now,
        "target": reading(target, unit) if goal is not None else "",
        "target_low": bool(drawn.target_y) and float(drawn.target_y or 0) > 50,
        "table": table[::-1],
        "with_expected": any(row["expected"] for row in table),
        "description": _("%(title)s: from %(from)s, now %(now)s, target %(target)s") % words,
    }


@register.inclusion_tag("components/_scatter.html")
def scatter(
    points: Iterable[Mapping[str, Any]],
    title: str,
    low: float = 1,
    high: float = 5,
    x_label: str = "",
    y_label: str = "",
    corners: Sequence[str] = (),
) -> dict[str, Any]:
    """The priority map. Points: {x, y, label, url, status?, detail?}; those without x or y are listed under it.

    `corners` names the quarters: top left, top right, bottom left, bottom right. The defaults are those of the priority map.
    """
    rows = list(points)
    dots = charts.scatter([(row.get("x"), row.get("y")) for row in rows], float(low), float(high))
    drawn = [
        {**row, "dot": dot, "css": STATUSES.get(str(row.get("status")), ("none", ""))[0], "index": index}
        for index, (row, dot) in enumerate(zip(rows, dots, strict=True), start=1)
        if dot
    ]
    return {
        "title": title,
        "points": drawn,
        "left_out": [row for row, dot in zip(rows, dots, strict=True) if not dot],
        "named": len(drawn) <= 24,
        "x_label": x_label or _("Urgency"),
        "y_label": y_label or _("Importance"),
        "corners": list(corners) or [_("Plan"), _("Do first"), _("Let go"), _("Keep short")],
    }


class _Window(NamedTuple):
    first: date
    last: date


def _window(rows: Sequence[Mapping[str, Any]], first: date | None, last: date | None, today: date) -> _Window:
    days = [day for row in rows for day in (row.get("start"), row.get("end")) if isinstance(day, date)]
    begin, finish = first or min([*days, today]), last or max([*days, today])
    return _Window(begin, finish if finish > begin else begin.replace(year=min(begin.year + 1, 9999), day=1))


@register.inclusion_tag("components/_timeline.html")
def timeline(
    rows: Iterable[Mapping[str, Any]], title: str, first: date | None = None, last: date | None = None, today: date | None = None
) -> dict[str, Any]:
    """Bars over time. Rows: {label, url, start, end, progress?, status?, owner?, group?, level?}; a row with only a label and `group=True` is a heading."""
    found = list(rows)
    now = today or timezone.localdate()
    window = _window(found, first, last, now)
    drawn = []
    for row in found:
        bar = charts.time_bar(row.get("start"), row.get("end"), *window)
        done = charts.finite(row.get("progress"))
        width = charts.at(float(bar.width) * charts.clamp(done)) if bar and done is not None else ""
        css = STATUSES.get(str(row.get("status")), ("none", ""))[0]
        dates = " – ".join(day_and_month(day, now, short=True) for day in (row.get("start"), row.get("end")) if isinstance(day, date))
        drawn.append({**row, "bar": bar, "done": width, "css": css, "dates": dates, "level": min(int(row.get("level") or 0), 4)})
    inside = window.first <= now <= window.last
    return {
        "title": title,
        "rows": drawn,
        "months": [(x, date_format(day, pgettext("date format", "M Y") if day.month == 1 else "M")) for x, day in charts.month_starts(*window)],
        "today_x": charts.at(100 * charts.day_share(now, *window)) if inside else "",
    }


@register.simple_tag
def heat_strip(weeks: Iterable[Mapping[str, Any]], title: str) -> SafeString:
    """Regularity of check-ins: a square a week. Weeks: {on, state: done | late | missed | none}, oldest first, at most 60."""
    rows = list(weeks)[-60:]
    cells = [(index * 15, _state(row), _week_words(row)) for index, row in enumerate(rows)]
    kept = sum(1 for row in rows if _state(row) == "done")
    due = sum(1 for row in rows if _state(row) != "none")
    said = _("%(title)s: on time in %(kept)s of %(due)s weeks") % {"title": title, "kept": kept, "due": due}
    squares = format_html_join("", '<rect class="{1}" x="{0}" y="1" width="12" height="12" rx="3"><title>{2}</title></rect>', cells)
    listed = format_html_join("", "<li>{}</li>", [(words,) for _x, _s, words in cells[::-1]])
    return format_html(
        '<div class="heat"><svg width="{}" height="14" role="img" aria-label="{}">{}</svg><details class="figures"><summary>{}</summary><ul>{}</ul></details></div>',
        max(len(rows) * 15 - 3, 1), plain(said), squares, _("Figures"), listed,
    )  # fmt: skip


def _state(row: Mapping[str, Any]) -> str:
    return str(row.get("state")) if row.get("state") in HEAT else "none"


def _week_words(row: Mapping[str, Any]) -> str:
    day = row.get("on")
    words = HEAT[_state(row)]
    return f"{date_format(day, 'DATE_FORMAT')}: {words}" if isinstance(day, date) else str(words)


@register.inclusion_tag("components/_stacked_bar.html")
def stacked_bar(parts: Iterable[Mapping[str, Any]], title: str, capacity: object = None, unit: str = "") -> dict[str, Any]:
    """Load against capacity. Parts: {label, value, url?}; the tick is the capacity, and what goes past it is said in words."""
    rows = list(parts)
    segments, tick, over = charts.stack([row.get("value") for row in rows], capacity)
    total = sum(max(charts.finite(row.get("value")) or 0.0, 0.0) for row in rows)
    limit = charts.finite(capacity)
    said = _("%(total)s of %(capacity)s") if limit is not None else "%(total)s"
    return {
        "title": title,
        "segments": segments,
        "tick": tick,
        "over": reading(total - limit, unit) if over and limit is not None else "",
        "said": said % {"total": reading(total, unit), "capacity": reading(capacity, unit)},
        "rows": [{**row, "shown": reading(row.get("value"), unit), "tone": index % 6} for index, row in enumerate(rows)],
    }


@register.simple_tag
def counted(value: object) -> str:
    """A count with its thousands set apart: 10,000."""
    return number(value, 0)
