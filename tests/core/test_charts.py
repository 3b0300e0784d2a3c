"""The geometry of the charts: rules on positions, whatever comes in."""

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.core import charts

DAY = date(2026, 11, 22)
anything = st.one_of(st.none(), st.floats(), st.integers(), st.decimals(), st.text(max_size=5), st.booleans())


@pytest.mark.parametrize(
    ("position", "text"), [(0, "0"), (12.5, "12.5"), (100, "100"), (33.3333, "33.33"), (1e-9, "0"), (-3.25, "-3.25")]
)
def test_at_writes_a_point_whatever_the_language(position: float, text: str):
    assert charts.at(position) == text


@pytest.mark.parametrize("value", [None, "12", "x", float("nan"), float("inf"), Decimal("NaN"), object(), 10**400])
def test_finite_refuses_what_cannot_be_drawn(value: object):
    assert charts.finite(value) is None


@pytest.mark.parametrize(("value", "number"), [(1, 1.0), (Decimal("2.5"), 2.5), (-0.5, -0.5)])
def test_finite_takes_numbers(value: object, number: float):
    assert charts.finite(value) == number


def test_share_of_an_empty_range_is_its_middle():
    assert charts.share(5, 3, 3) == 0.5


def test_span_of_nothing_and_of_one_value_has_room():
    assert charts.span([]) == (0.0, 1.0)
    assert charts.span([4]) == (3.5, 4.5)


def test_expected_value_moves_evenly_and_stays_at_its_ends():
    start, due = DAY, DAY + timedelta(days=10)
    assert charts.expected_value(DAY + timedelta(days=5), 14, 9, start, due) == 11.5
    assert charts.expected_value(DAY - timedelta(days=5), 14, 9, start, due) == 14
    assert charts.expected_value(DAY + timedelta(days=50), 14, 9, start, due) == 9


def test_line_runs_from_left_to_right_in_order_of_days():
    drawn = charts.line([(DAY, 3), (DAY - timedelta(days=9), 1)], 0, 10, DAY - timedelta(days=9), DAY)
    assert [mark.value for mark in drawn.marks] == [1, 3]
    assert drawn.marks[0].x == "0"
    assert drawn.last is not None
    assert drawn.last.x == "100"


def test_line_of_a_falling_measure_has_its_target_at_the_foot():
    drawn = charts.line([(DAY, 14)], 14, 9, DAY, DAY + timedelta(days=30))
    assert drawn.target_low
    assert drawn.marks[0].expected == 14


def test_line_without_target_draws_only_what_was_read():
    drawn = charts.line([(DAY, 3)], None, None, None, None)
    assert (drawn.expected, drawn.target_y) == ("", "")
    assert drawn.actual


def test_line_without_anything_is_empty():
    drawn = charts.line([], None, None, None, None)
    assert (drawn.actual, drawn.marks, drawn.last) == ("", (), None)


@given(
    st.lists(st.tuples(st.dates(), anything), max_size=12),
    anything,
    anything,
    st.none() | st.dates(),
    st.none() | st.dates(),
)
def test_line_stays_in_its_plot(
    readings: list, start: object, target: object, starts_on: date | None, due_on: date | None
):
    drawn = charts.line(readings, start, target, starts_on, due_on)
    for mark in drawn.marks:
        assert 0 <= float(mark.x) <= 100
        assert 0 <= float(mark.y) <= 100


@given(st.lists(anything, max_size=20))
def test_spark_stays_in_its_plot(values: list):
    points, last = charts.spark(values)
    assert (last is None) == (points == "")
    for pair in points.split():
        assert all(0 <= float(part) <= 100 for part in pair.split(","))


def test_scatter_spreads_equal_places_and_always_the_same_way():
    places = [(3, 3)] * 30
    first, second = charts.scatter(places, 1, 5), charts.scatter(places, 1, 5)
    assert first == second
    spots = [(float(dot.dx), float(dot.dy)) for dot in first if dot]
    nearest = min(math.dist(one, other) for index, one in enumerate(spots) for other in spots[:index])
    assert nearest > 22


def test_scatter_keeps_a_crowd_at_an_edge_in_the_picture():
    dots = [dot for dot in charts.scatter([(3, 5)] * 14, 1, 5) if dot]
    assert min(float(dot.dy) for dot in dots) >= -36
    assert dots[0].dx == "0"
    assert next(dot.dy for dot in charts.scatter([(3, 5)] * 2, 1, 5) if dot) == "0"


def test_scatter_leaves_out_what_has_no_place_and_keeps_the_order():
    dots = charts.scatter([(1, 5), (None, 3), (5, 1)], 1, 5)
    assert dots[1] is None
    assert dots[0] is not None
    assert dots[2] is not None
    assert float(dots[0].x) < float(dots[2].x)
    assert float(dots[0].y) < float(dots[2].y)


def test_time_bar_is_cut_at_the_window():
    bar = charts.time_bar(DAY - timedelta(days=99), DAY + timedelta(days=5), DAY, DAY + timedelta(days=10))
    assert bar == charts.Bar("0", "50", True, False)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, None),
        (DAY - timedelta(days=9), DAY - timedelta(days=3)),
        (DAY + timedelta(days=4), DAY + timedelta(days=2)),
    ],
)
def test_time_bar_is_nothing_outside_the_window(start: date | None, end: date | None):
    assert charts.time_bar(start, end, DAY, DAY + timedelta(days=10)) is None


@given(st.none() | st.dates(), st.none() | st.dates(), st.dates(), st.dates())
def test_time_bar_never_leaves_its_row(start: date | None, end: date | None, first: date, last: date):
    bar = charts.time_bar(start, end, min(first, last), max(first, last))
    if bar:
        assert float(bar.x) >= 0
        assert float(bar.x) + float(bar.width) <= 100.02


def test_month_starts_are_few_however_long_the_window():
    months = charts.month_starts(date(1990, 1, 1), date(2026, 1, 1))
    assert 2 <= len(months) <= 14
    assert [day.day for _x, day in months] == [1] * len(months)
    assert len(charts.month_starts(date.min, date.max)) <= 14
    assert [day for _x, day in charts.month_starts(date(9999, 11, 2), date.max)] == [date(9999, 12, 1)]


def test_stack_without_capacity_fills_its_bar():
    segments, tick, over = charts.stack([1, 3], None)
    assert [piece.width for piece in segments] == ["25", "75"]
    assert (tick, over) == (None, False)


def test_stack_over_capacity_says_so():
    segments, tick, over = charts.stack([30, 20], 40)
    assert (tick, over) == ("80", True)
    assert len(segments) == 2


@example([1.797693134862316e306], None)
@example([], 1.797693134862316e306)
@given(st.lists(anything, max_size=8), anything)
def test_stack_never_is_longer_than_its_bar(amounts: list, capacity: object):
    segments, _tick, _over = charts.stack(amounts, capacity)
    assert all(float(piece.x) + float(piece.width) <= 100.1 for piece in segments)
