"""Geometry of the charts, as plain functions: numbers and dates in, positions out. No Django, no markup.

Every position is a percentage of the plot, from its left and its top edge, so that a chart takes any width
and its words keep their size.
Positions that go into markup are strings already (`at`): a template would write 12.5 as 12,5 in a German page.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

Number = float | int | Decimal
MIDDLE = 50
NEAR_EDGE = 25
LABELS_TURN = 55
ROOM_AT_EDGE = 36.0  # pixels from the outermost place of the scatter to the edge, less half a dot
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def at(position: float) -> str:
    """A position as an SVG attribute wants it: at most two decimals, a point, never an exponent."""
    return f"{position:.2f}".rstrip("0").rstrip(".") or "0"


TOO_LARGE_FOR_DECIMALS = 1e13


def whole_percent(value: float) -> int:
    """A share of 0..1 as whole per cent. 0 and 100 are said of what is exactly so: 997 of 1,000 is 99 %."""
    if abs(value) > TOO_LARGE_FOR_DECIMALS:
        return int(value) * 100
    exact = round(value * 100, 9)  # the sum of ten tenths is one
    whole = round(exact)
    if whole != exact and whole in {0, 100}:
        return whole + (1 if exact > whole else -1)
    return whole


def finite(value: object) -> float | None:
    """The number as a float; None for what is none, not a number, or too large to draw."""
    if isinstance(value, str) or value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever has no float is caught below
    except (TypeError, ValueError, OverflowError, InvalidOperation):
        return None
    return number if math.isfinite(number) else None


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """The value, moved into low..high."""
    return max(low, min(high, value))


def share(value: float, low: float, high: float) -> float:
    """Where a value lies between low and high, as 0..1; the middle where low and high are the same."""
    if high == low:
        return 0.5
    return clamp((value - low) / (high - low))


def span(values: Iterable[float], margin: float = 0.08) -> tuple[float, float]:
    """Lowest and highest value to draw, with a margin; a flat or empty set gets a range of one around it."""
    found = list(values)
    if not found:
        return 0.0, 1.0
    low, high = min(found), max(found)
    if low == high:
        return low - 0.5, high + 0.5
    pad = (high - low) * margin
    return low - pad, high + pad


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """The `points` attribute of a line."""
    return " ".join(f"{at(x)},{at(y)}" for x, y in points)


def day_share(day: date, first: date, last: date) -> float:
    """Where a day lies between two others, as 0..1."""
    return share(day.toordinal(), first.toordinal(), last.toordinal())


@dataclass(frozen=True)
class Mark:
    """One drawn point: its position, and the day and value it stands for."""

    x: str
    y: str
    on: date
    value: float
    expected: float | None


@dataclass(frozen=True)
class LineChart:
    """A line chart: what was read, what was expected, and where the target lies."""

    actual: str
    expected: str
    target_y: str
    target_low: bool
    marks: tuple[Mark, ...]
    last: Mark | None
    anchor: str
    below: bool


def _label_place(marks: Sequence[Mark]) -> tuple[str, bool]:
    """Where the last value's words stand: on the side of its dot that neither the read nor the expected line crosses.

    A falling line leaves the space above to the right free, a rising one that above to the left; at an edge it is the
    other side, below.
    """
    x = float(marks[-1].x)
    rising = len(marks) > 1 and float(marks[-2].y) > float(marks[-1].y)
    if rising:
        return ("end", False) if x > NEAR_EDGE else ("start", True)
    return ("start", False) if x < 100 - NEAR_EDGE else ("end", True)


def expected_value(day: date, start: float, target: float, starts_on: date, due_on: date) -> float:
    """The value that even progress would have on a day: start + (target - start) · passed / whole, held at the ends."""
    return start + (target - start) * day_share(day, starts_on, due_on)


def line(
    readings: Sequence[tuple[date, object]],
    start: object,
    target: object,
    starts_on: date | None,
    due_on: date | None,
) -> LineChart:
    """The chart of one key result. Readings that are no numbers are left out; missing dates come from the readings."""
    read = sorted((day, number) for day, value in readings if (number := finite(value)) is not None)
    days = [day for day, _value in read] + [day for day in (starts_on, due_on) if day]
    first, last = (min(days), max(days)) if days else (date.min, date.max)
    begin, goal = finite(start), finite(target)
    low, high = span([value for _day, value in read] + [end for end in (begin, goal) if end is not None])
    starts, due = starts_on or first, due_on or last

    def place(day: date, value: float) -> tuple[float, float]:
        return 100 * day_share(day, first, last), 100 * (1 - share(value, low, high))

    def expected(day: date) -> float | None:
        return None if begin is None or goal is None else expected_value(day, begin, goal, starts, due)

    marks = tuple(Mark(at(x), at(y), day, value, expected(day)) for day, value in read for x, y in [place(day, value)])
    ends = [] if begin is None or goal is None else [place(starts, begin), place(due, goal)]
    target_y = None if goal is None else place(due, goal)[1]
    anchor, below = _label_place(marks) if marks else ("start", False)
    return LineChart(
        actual=polyline([place(*point) for point in read]),
        expected=polyline(ends),
        target_y="" if target_y is None else at(target_y),
        target_low=target_y is not None and target_y > MIDDLE,
        marks=marks,
        last=marks[-1] if marks else None,
        anchor=anchor,
        below=below,
    )


def spark(values: Sequence[object]) -> tuple[str, tuple[str, str] | None]:
    """The points of a spark line, evenly spaced, and the place of its last value; gaps are left out."""
    known = [(index, number) for index, value in enumerate(values) if (number := finite(value)) is not None]
    if not known:
        return "", None
    low, high = span([number for _, number in known], margin=0.15)
    width = max(len(values) - 1, 1)
    points = [(100 * index / width, 100 * (1 - share(number, low, high))) for index, number in known]
    return polyline(points), (at(points[-1][0]), at(points[-1][1]))


def spiral(index: int, gap: float) -> tuple[float, float]:
    """The offset of the index-th of several things at one place: a sunflower, the first in the middle.

    r = gap · sqrt(n), angle = n · golden angle (Vogel 1979, "A better way to construct the sunflower head").
    """
    radius = gap * math.sqrt(index)
    return radius * math.cos(index * GOLDEN_ANGLE), radius * math.sin(index * GOLDEN_ANGLE)


@dataclass(frozen=True)
class Dot:
    """One point of a scatter: its place in per cent, and its offset in whole pixels from others at the same place."""

    x: str
    y: str
    dx: str
    dy: str
    label_end: bool


def scatter(places: Sequence[tuple[object, object]], low: float, high: float, gap: float = 27.0) -> list[Dot | None]:
    """A dot for each (x, y) on a scale of low..high, in the same order; None where a number is missing.

    Equal places are spread around the first, always in the same way; at an edge, so many that they would not stay in
    the picture are moved into it together.
    """
    together = Counter(places)
    seen: dict[tuple[float, float], int] = {}
    dots: list[Dot | None] = []
    margin = (high - low) / 8
    for raw_x, raw_y in places:
        x, y = finite(raw_x), finite(raw_y)
        if x is None or y is None:
            dots.append(None)
            continue
        place = (100 * share(x, low - margin, high + margin), 100 * (1 - share(y, low - margin, high + margin)))
        index = seen.get(place, 0)
        seen[place] = index + 1
        dx, dy = spiral(index, gap)
        inward = max(0.0, gap * math.sqrt(together[raw_x, raw_y] - 1) - ROOM_AT_EDGE)
        dx, dy = dx + inward * _from_edge(place[0]), dy + inward * _from_edge(place[1])
        dots.append(Dot(at(place[0]), at(place[1]), at(round(dx)), at(round(dy)), place[0] > LABELS_TURN))
    return dots


def _from_edge(place: float) -> int:
    """Which way leads inward from a place in per cent: 1, -1, or 0 where no edge is near."""
    if place < NEAR_EDGE:
        return 1
    return -1 if place > 100 - NEAR_EDGE else 0


@dataclass(frozen=True)
class Bar:
    """A bar of a timeline; `cut_start` and `cut_end` say that it goes on outside the window."""

    x: str
    width: str
    cut_start: bool
    cut_end: bool


def time_bar(start: date | None, end: date | None, first: date, last: date) -> Bar | None:
    """The bar of start..end within the window first..last; None where it lies outside or has no end at all."""
    if start is None and end is None:
        return None
    begin, finish = start or first, end or last
    if finish < first or begin > last or finish < begin:
        return None
    left, right = 100 * day_share(begin, first, last), 100 * day_share(finish, first, last)
    width = max(right - left, 0.8)
    return Bar(at(min(left, 100 - width)), at(width), begin < first, finish > last)


def month_starts(first: date, last: date, most: int = 14) -> list[tuple[str, date]]:
    """Place and day of each first of a month in the window; every second, third … where there are more than `most`."""
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = max(1, math.ceil((end - begin + 1) / most))
    days = [date(month // 12, month % 12 + 1, 1) for month in range(begin, end + 1, step)]
    return [(at(100 * day_share(day, first, last)), day) for day in days if day >= first]


@dataclass(frozen=True)
class Segment:
    """One piece of a stacked bar."""

    x: str
    width: str
    index: int


def stack(amounts: Sequence[object], capacity: object, scale: object = None) -> tuple[list[Segment], str | None, bool]:
    """Pieces of a load bar, the place of the capacity on it (None for none), and whether the load is over it.

    The bar is as long as the largest of load, capacity and `scale`; bars that are to be compared are given one scale.
    What is missing, negative or no number counts as nothing.
    """
    numbers = [max(finite(amount) or 0.0, 0.0) for amount in amounts]
    limit = finite(capacity)
    whole = max(sum(numbers), limit or 0.0, finite(scale) or 0.0)
    if whole <= 0 or not math.isfinite(whole):
        return [], None, False
    segments, left = [], 0.0
    for index, number in enumerate(numbers):
        width = 100 * (number / whole)  # in this order: the largest floats have no hundredfold
        if width > 0:
            segments.append(Segment(at(left), at(width), index % 6))
        left += width
    tick = at(100 * (limit / whole)) if limit is not None and limit > 0 else None
    return segments, tick, limit is not None and sum(numbers) > limit
