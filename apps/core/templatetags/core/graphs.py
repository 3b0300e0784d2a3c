"""Charts: each with a title, a description and the same figures as a table. Geometry comes from apps.core.charts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from apps.core import charts
from apps.core.templatetags.core.dates import day_and_month
from apps.core.templatetags.core.figures import STATUSES
from apps.core.templatetags.core.registry import register
from apps.core.templatetags.core.words import plain, reading

MOST_WEEKS = 60
DEEPEST = 4
ROOM_FOR_MONTH, ROOM_FOR_YEAR = 95, 88  # percent of the width; beyond it a label would be cut at the edge
HEAT = {
    "done": gettext_lazy("checked in"),
    "late": gettext_lazy("checked in late"),
    "missed": gettext_lazy("no check-in"),
    "none": gettext_lazy("not due"),
}


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
) -> dict[str, object]:
    """A key result's line: readings [(day, value)], the line expected from start to target, and a table of the same."""
    drawn = charts.line(list(readings), start, target, starts_on, due_on)
    table = [
        {
            "on": mark.on,
            "value": reading(mark.value, unit),
            "expected": "" if mark.expected is None else reading(mark.expected, unit),
        }
        for mark in drawn.marks
    ]
    now = reading(drawn.last.value, unit) if drawn.last else ""
    words = {
        "title": title,
        "from": reading(start, unit),
        "now": now or _("no reading yet"),
        "target": reading(target, unit),
    }
    return {
        "chart": drawn,
        "title": title,
        "heading": heading,
        "now": now,
        "target": reading(target, unit) if drawn.target_y else "",
        "target_low": drawn.target_low,
        "table": table[::-1],
        "with_expected": any(row["expected"] for row in table),
        "description": _("%(title)s: from %(from)s, now %(now)s, target %(target)s") % words,
    }


@register.inclusion_tag("components/_scatter.html")
def scatter(
    points: Iterable[Mapping[str, object]],
    title: str,
    low: float = 1,
    high: float = 5,
    x_label: str = "",
    y_label: str = "",
    corners: Sequence[str] = (),
) -> dict[str, object]:
    """The priority map. Points: {x, y, label, url, status?, detail?}; those without x or y are listed under it.

    `corners` names the quarters: top left, top right, bottom left, bottom right. Without it they are those of the
    priority map.
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
        "x_label": x_label or _("Urgency"),
        "y_label": y_label or _("Importance"),
        "corners": list(corners) or [_("Plan"), _("Do first"), _("Let go"), _("Keep short")],
    }


class _Window(NamedTuple):
    first: date
    last: date


def _window(rows: Sequence[Mapping[str, object]], first: date | None, last: date | None, today: date) -> _Window:
    days = [day for row in rows for day in (row.get("start"), row.get("end")) if isinstance(day, date)]
    begin, finish = first or min([*days, today]), last or max([*days, today])
    return _Window(begin, finish) if finish > begin else _Window(finish, begin + timedelta(days=28))


def _stretch(row: Mapping[str, Any], window: _Window, today: date) -> dict[str, object]:
    ends = [day for day in (row.get("start"), row.get("end")) if isinstance(day, date)]
    bar = charts.time_bar(row.get("start"), row.get("end"), *window)
    done = charts.finite(row.get("progress"))
    return {
        **row,
        "bar": bar,
        "done": charts.at(float(bar.width) * charts.clamp(done)) if bar and done is not None else "",
        "css": STATUSES.get(str(row.get("status")), ("none", ""))[0],
        "dates": " \N{EN DASH} ".join(day_and_month(day, today, short=True) for day in ends),
        "level": min(int(row.get("level") or 0), DEEPEST),
    }


def _month_label(x: float, day: date) -> str:
    """A month's name where it has room before the right edge, January with its year."""
    if x > ROOM_FOR_MONTH:
        return ""
    return date_format(day, pgettext("date format", "M Y") if day.month == 1 and x < ROOM_FOR_YEAR else "M")


@register.inclusion_tag("components/_timeline.html")
def timeline(
    rows: Iterable[Mapping[str, object]],
    title: str,
    first: date | None = None,
    last: date | None = None,
    today: date | None = None,
    what: str = "",
) -> dict[str, object]:
    """Bars over time, of goals unless `what` heads their column otherwise.

    Rows: {label, url, start, end, progress?, status?, level?}, or {label, group: True}, a heading.

    The window is first..last, else what the rows need.
    """
    found = list(rows)
    now = today or timezone.localdate()
    window = _window(found, first, last, now)
    inside = window.first <= now <= window.last
    return {
        "title": title,
        "what": what,
        "rows": [_stretch(row, window, now) for row in found],
        "months": [(x, _month_label(float(x), day)) for x, day in charts.month_starts(*window)],
        "today_x": charts.at(100 * charts.day_share(now, *window)) if inside else "",
    }


@register.simple_tag
def heat_strip(weeks: Iterable[Mapping[str, object]], title: str) -> SafeString:
    """Regularity of check-ins, a square a week. Weeks: {on, state: done | late | missed | none}, oldest first."""
    rows = list(weeks)[-MOST_WEEKS:]
    cells = [(index * 15, _state(row), _week_words(row)) for index, row in enumerate(rows)]
    kept = sum(1 for row in rows if _state(row) == "done")
    due = sum(1 for row in rows if _state(row) != "none")
    said = _("%(title)s: on time in %(kept)s of %(due)s weeks") % {"title": title, "kept": kept, "due": due}
    squares = format_html_join(
        "", '<rect class="{1}" x="{0}" y="1" width="12" height="12" rx="3"><title>{2}</title></rect>', cells
    )
    listed = format_html_join("", "<li>{}</li>", [(words,) for _x, _s, words in cells[::-1]])
    width = max(len(rows) * 15 - 3, 1)
    return format_html(
        '<div class="heat"><svg width="{}" height="14" viewBox="0 0 {} 14" role="img" aria-label="{}">{}</svg>'
        '<details class="figures"><summary>{}</summary><ul>{}</ul></details></div>',
        width, width, plain(said), squares, _("Figures"), listed,
    )  # fmt: skip


def _state(row: Mapping[str, object]) -> str:
    return str(row.get("state")) if row.get("state") in HEAT else "none"


def _week_words(row: Mapping[str, object]) -> str:
    day = row.get("on")
    words = HEAT[_state(row)]
    return f"{date_format(day, 'DATE_FORMAT')}: {words}" if isinstance(day, date) else str(words)


@register.inclusion_tag("components/_stacked_bar.html")
def stacked_bar(
    parts: Iterable[Mapping[str, object]], title: str, capacity: object = None, unit: str = ""
) -> dict[str, object]:
    """Load against capacity. Parts: {label, value, url?}; the tick is the capacity; what goes past it is said."""
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
        "rows": [
            {**row, "shown": reading(row.get("value"), unit), "tone": index % 6} for index, row in enumerate(rows)
        ],
    }
