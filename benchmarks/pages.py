"""The pages: speed beside the same bytes made by f-strings, how it changes with size, queries, bytes."""

import gzip
import itertools
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from benchmarks.bench import PAGE, Bench, MeasuredDatabase
from benchmarks.calling import counted
from benchmarks.measuring import Figure, at_least, at_most, compare, measurement

KIB = 1024
DETAILS = 20
DEEP = 40
LISTS = {
    "goal_table": f"{PAGE}/goals/?view=table",
    "goal_tree": f"{PAGE}/goals/",
    "attention": f"{PAGE}/attention/?scope=teams",
    "cycle_list": f"{PAGE}/cycles/",
    "member_list": f"{PAGE}/people/",
}
BUDGETS = {"goal_table": 4, "goal_tree": 4, "attention": 12, "cycle_list": 4, "member_list": 4, "goal_detail": 8}
FLOORED = {"goal_table": at_least(0.18), "goal_tree": at_least(0.18)}
GROWTH = {"goal_table": at_most(1.25), "goal_tree": at_most(1.25), "goal_detail": at_most(1.1)}


def addresses(place: MeasuredDatabase) -> dict[str, list[str]]:
    """The pages that are measured; of goals several, so that not always the same rows are read."""
    goals = [f"{PAGE}/goals/{pk}/" for pk in place.goals(DETAILS)]
    return {name: [address] for name, address in LISTS.items()} | {"goal_detail": goals}


def visits(place: MeasuredDatabase, of_page: list[str]) -> Any:
    """A call that visits the next of these pages."""
    turn = itertools.cycle(of_page)
    return lambda: place.reader.get(next(turn))


@measurement
def hello(bench: Bench) -> Iterator[Figure]:
    """The smallest answer through all our middleware beside the smallest one Django can give."""
    with bench.at(bench.place) as place:
        ours, limit = compare(
            lambda: place.reader.get("/health/live"), lambda: bench.floor.get("/hello/"), rounds=bench.rounds
        )
    yield Figure("hello", "/health/live through all middleware ÷ a bare view", "requests/s", 1 / ours, 1 / limit)


@measurement
def pages(bench: Bench) -> Iterator[Figure]:
    """HTML pages beside f-strings over raw SQL that make as many bytes."""
    with bench.at(bench.place) as place:
        for name, of_page in addresses(place).items():
            size = len(place.reader.get(of_page[0]).body)
            rows = 1 if name == "goal_detail" else 50
            floor = bench.lines(place, rows=rows, size=size)
            visit = visits(place, of_page)
            ours, limit = compare(visit, partial(bench.floor.get, floor), rounds=bench.rounds)
            yield Figure(
                name,
                f"the page ÷ f-strings over raw SQL of {rows} rows, same bytes",
                "requests/s",
                1 / ours,
                1 / limit,
                FLOORED.get(name),
                {"bytes": size},
            )


@measurement
def growth(bench: Bench) -> Iterator[Figure]:
    """The same pages with ten times the goals and check-ins."""
    large, small = bench.place, bench.small

    def on(place: MeasuredDatabase, of_page: list[str]) -> Any:
        visit = visits(place, of_page)

        def run() -> None:
            with bench.at(place):
                visit()

        return run

    with bench.at(small):
        of_small = addresses(small)
    with bench.at(large):
        of_large = addresses(large)
    for name, of_page in of_large.items():
        ours, limit = compare(on(large, of_page), on(small, of_small[name]), rounds=bench.rounds)
        yield Figure(
            f"{name}_grows", "ten times the goals ÷ a tenth of them", "ms", ours * 1e3, limit * 1e3, GROWTH.get(name)
        )


@measurement
def queries(bench: Bench) -> Iterator[Figure]:
    """SQL statements of a page, session and permission included."""
    with bench.at(bench.place) as place:
        for name, of_page in addresses(place).items():
            place.reader.get(of_page[0])
            with counted() as statements:
                place.reader.get(of_page[0])
            what = "statements of the page, with session and permission ÷ its budget"
            yield Figure(f"{name}_queries", what, "queries", len(statements), BUDGETS[name], at_most(1))


@measurement
def weight(bench: Bench) -> Iterator[Figure]:
    """Bytes over the wire, gzipped: all of the first page, and the pages after it."""
    with bench.at(bench.place) as place:
        html = {name: place.reader.get(of_page[0]) for name, of_page in addresses(place).items()}
    first = html["goal_tree"]
    files = {name: packed(static_content(name)) for name in sorted(static_names(first.text))}
    total = packed(first.body) + sum(files.values())
    what = "the first page with styles, scripts and icons, gzipped ÷ 60 KiB"
    yield Figure("first_load", what, "bytes", total, 60 * KIB, at_most(1), {"files": len(files)})
    for name, answer in html.items():
        what = "a later page, gzipped ÷ 15 KiB"
        yield Figure(f"{name}_later", what, "bytes", packed(answer.body), 15 * KIB, at_most(1))


def packed(content: bytes) -> int:
    """How many bytes gzip makes of it."""
    return len(gzip.compress(content, 6))


def static_names(text: str) -> set[str]:
    """The static files that a page names."""
    return set(re.findall(rf'(?:href|src)="{re.escape(settings.STATIC_URL)}([^"?#]+)', text))


def static_content(name: str) -> bytes:
    """A static file's content: collected, or (while developing) as it lies in its folder."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            content: bytes = file.read()
            return content
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_bytes()


@measurement
def deep_page(bench: Bench) -> Iterator[Figure]:
    """A page far down the table beside the first one."""
    with bench.at(bench.place) as place:
        first = LISTS["goal_table"]
        deep, steps = first, 0
        for _step in range(DEEP):
            found = re.search(r"[?&](?:amp;)?after=([\w-]+)", place.reader.get(deep).text)
            if not found:
                break
            deep, steps = f"{first}&after={found[1]}", steps + 1
        ours, limit = compare(lambda: place.reader.get(deep), lambda: place.reader.get(first), rounds=bench.rounds)
    what = f"page {steps + 1} of the table ÷ its first page"
    yield Figure("deep_page", what, "ms", ours * 1e3, limit * 1e3, at_most(1.25))
