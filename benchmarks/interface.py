"""The API: its answers beside raw SQL and orjson in a bare view that makes the same bytes."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db import connection

from apps.core.models import new_id
from benchmarks.bench import Bench, MeasuredDatabase
from benchmarks.calling import counted, taken_back
from benchmarks.jobs import columns, undone
from benchmarks.measuring import Figure, at_least, at_most, compare, measurement

GOALS = "/api/v1/goals/"
ROWS = 100
LIST = f"{GOALS}?page_size={ROWS}&status=active"
DETAILS = 20
GOAL = {
    "title": "Halve the waiting time on the phone",
    "reason": "Customers hang up.",
    "importance": 4,
    "labels": ["phone"],
}
JSON = "application/json"


def floor(place: MeasuredDatabase, size: int, **chosen: object) -> str:
    """The address of the floor under a list or one object."""
    return f"/objects/?{urlencode({'workspace': place.member.workspace_id, 'size': size, **chosen})}"


@measurement
def api(bench: Bench) -> Iterator[Figure]:
    """List and detail, with token, scope, permission and visibility in force."""
    with bench.at(bench.place) as place:
        answer = place.program.get(LIST)
        rows = len(orjson.loads(answer.body)["results"])
        below = floor(place, len(answer.body), rows=ROWS, status="active")
        ours, limit = compare(lambda: place.program.get(LIST), lambda: bench.floor.get(below), rounds=bench.rounds)
        what = f"{rows} goals of a filtered list ÷ raw SQL and orjson in a bare view, same bytes"
        yield Figure("api_list", what, "requests/s", 1 / ours, 1 / limit, at_least(0.5), {"bytes": len(answer.body)})
        with counted() as statements:
            place.program.get(LIST)
        what = "statements of the list, with token and permission ÷ its budget"
        yield Figure("api_list_queries", what, "queries", len(statements), 4, at_most(1))

        goals = place.goals(DETAILS)
        size = len(place.program.get(f"{GOALS}{goals[0]}/").body)
        turn = itertools.cycle(goals)
        ours, limit = compare(
            lambda: place.program.get(f"{GOALS}{next(turn)}/"),
            lambda: bench.floor.get(floor(place, size, rows=1, pk=next(turn))),
            rounds=bench.rounds,
        )
        yield Figure("api_detail", "one goal ÷ raw SQL and orjson in a bare view", "requests/s", 1 / ours, 1 / limit)
        with counted() as statements:
            place.program.get(f"{GOALS}{goals[0]}/")
        what = "statements of one goal, with token and permission ÷ its budget"
        yield Figure("api_detail_queries", what, "queries", len(statements), 8, at_most(1))


@measurement
def api_unchanged(bench: Bench) -> Iterator[Figure]:
    """304 for what the caller has already."""
    with bench.at(bench.place) as place:
        address = f"{GOALS}{place.goals(1)[0]}/"
        tag = place.program.get(address).headers["ETag"]
        ours, limit = compare(
            lambda: place.program.get(address, expect=304, HTTP_IF_NONE_MATCH=tag),
            lambda: bench.floor.get("/hello/"),
            rounds=bench.rounds,
        )
    yield Figure("api_304", "304 for one goal ÷ a bare hello", "requests/s", 1 / ours, 1 / limit, at_least(0.55))


@measurement
def api_grows(bench: Bench) -> Iterator[Figure]:
    """The list with ten times the goals."""

    def on(place: MeasuredDatabase) -> Any:
        def run() -> None:
            with bench.at(place):
                place.program.get(LIST)

        return run

    ours, limit = compare(on(bench.place), on(bench.small), rounds=bench.rounds)
    what = "ten times the goals ÷ a tenth of them"
    yield Figure("api_list_grows", what, "ms", ours * 1e3, limit * 1e3, at_most(1.25))


@measurement
def api_create(bench: Bench) -> Iterator[Figure]:
    """A goal made through the service, with its event, beside one bare INSERT of such a row; all taken back."""
    with bench.at(bench.place) as place, taken_back():
        body = orjson.dumps({**GOAL, "cycle": str(place.cycle.pk)})
        pattern = place.goals(1)[0]
        with connection.cursor() as cursor:
            names = columns(cursor, "goals_goal")
        copied = ", ".join({"id": "%s", "external_id": "''"}.get(name, name) for name in names.split(", "))
        statement = f"INSERT INTO goals_goal ({names}) SELECT {copied} FROM goals_goal WHERE id = %s"

        def insert() -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement, [new_id(), pattern])

        ours, limit = compare(
            undone(lambda: place.program.post(GOALS, body, JSON, expect=201)), undone(insert), rounds=bench.rounds
        )
        with counted() as statements:
            place.program.post(GOALS, body, JSON, expect=201)
    what = "a goal with event and history ÷ one bare INSERT of such a row"
    yield Figure("api_create", what, "requests/s", 1 / ours, 1 / limit, None, {"queries": len(statements)})
