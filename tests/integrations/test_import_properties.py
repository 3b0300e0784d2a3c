"""Any file at all: an answer in words, never a crash, and never anything half written."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.goals.models import Goal
from apps.integrations.models import Reason
from apps.integrations.services.imports.report import OUTCOMES
from apps.workspaces.models import Member
from tests.counts import times
from tests.integrations.files import run, sample

BROAD = settings(max_examples=times(600), deadline=None, suppress_health_check=list(HealthCheck))

odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**30, 10**40), st.floats(), st.text(max_size=30),
    st.sampled_from(["", "ana", "g/1", "2021-04-31", "0000-00-00", "2024-06-01T99", "\0", "\ud800", "x" * 1_200]),
    st.lists(st.one_of(st.text(max_size=5), st.integers(), st.none()), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip


def _places(node: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a file, as keys and indexes."""
    if isinstance(node, dict):
        inner = [_places(value, (*above, key)) for key, value in node.items()]
    elif isinstance(node, list):
        inner = [_places(value, (*above, index)) for index, value in enumerate(node)]
    else:
        inner = []
    return [way for ways in inner for way in ways] + ([above] if above else [])


PLACES = _places(sample())


@st.composite
def mutated(draw: Any) -> bytes:
    """The harbour's file with a few values anywhere replaced, removed or doubled."""
    data: Any = sample()
    for way in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5)):
        node = data
        try:
            for step in way[:-1]:
                node = node[step]
            _mutate(node, way[-1], draw)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took that place away
    return json.dumps(data, allow_nan=True).encode("utf-8", "surrogatepass")


def _mutate(node: Any, place: Any, draw: Any) -> None:
    deed = draw(st.sampled_from(["replace", "remove", "double"]))
    if deed == "remove":
        del node[place]
    elif deed == "double" and isinstance(node, list):
        node.append(node[place])
    else:
        node[place] = draw(odd)


def _try(content: bytes, by: Member) -> None:
    """Import within a savepoint that is rolled back afterwards."""
    before = Goal.objects.count()
    with transaction.atomic():
        try:
            report = run(content, by)
        except ValidationError as error:
            refused = error.messages
        else:
            refused = []
            connection.check_constraints()
            assert {line.reason for line in report.lines} <= set(Reason.values)
            assert all(set(row) == set(OUTCOMES) and min(row.values()) >= 0 for row in report.counts.values())
            again = run(content, by)
            assert all(row["created"] == row["updated"] == 0 for row in again.counts.values())
        assert all(refused)
        assert not refused or Goal.objects.count() == before
        transaction.set_rollback(True)


@pytest.mark.django_db
@BROAD
@given(content=mutated())
def test_a_mutated_file_gives_a_report_and_a_second_time_changes_nothing(alice: Member, content: bytes) -> None:
    _try(content, alice)


@pytest.mark.django_db
@BROAD
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
)
def test_any_bytes_give_a_report(alice: Member, content: bytes) -> None:
    _try(content, alice)


cell = st.one_of(
    st.text(max_size=20), st.sampled_from(["=1+1", "2021-02-30", "a;b", '"', "x" * 1_100, "6", "private", "team"])
)


@pytest.mark.django_db
@BROAD
@given(
    rows=st.lists(st.lists(cell, min_size=6, max_size=6), max_size=4),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_any_table_gives_a_report(alice: Member, rows: list[list[str]], separator: str) -> None:
    quoted = [["title", "owner", "due_on", "visibility", "parent", "importance"], *rows]
    lines = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in quoted]
    _try("\r\n".join(lines).encode("utf-8", "replace"), alice)
