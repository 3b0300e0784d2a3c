"""Every measurement runs on a small workspace and says what it found in one well-formed line. No times are asserted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import databases, jobs, measuring, run
from benchmarks.bench import Bench
from benchmarks.measuring import MEASUREMENTS, Figure, at_least, at_most, compare
from benchmarks.size import WorkspaceSize

SIZE = WorkspaceSize.scaled(0.002)
SCALE = "small"
KEYS = {"name", "ours", "limit", "ratio", "unit", "target", "met", "what", "scale", "machine", "at"}


@pytest.fixture
def bench(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """A run over the generated workspace beside the session's own database."""
    monkeypatch.setattr(databases, "FOLDER", tmp_path)
    monkeypatch.setattr(measuring, "BATCH_SECONDS", 0)
    monkeypatch.setattr(jobs, "SMALLEST", 160)
    with django_db_blocker.unblock():
        yield Bench(SIZE, rounds=1)
        databases.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MEASUREMENTS))
def test_measurement_prints_well_formed_lines(bench: Bench, name: str):
    results = list(MEASUREMENTS[name](bench))
    assert results
    for result in results:
        line = result.line(SCALE)
        assert "\n" not in line
        content = json.loads(line)
        assert content.keys() >= KEYS
        assert content["ours"] > 0
        assert content["limit"] > 0
        assert content["unit"] in {"requests/s", "ms", "queries", "bytes", "goals/s", "rows/s", "mails/s", "s"}


def test_result_says_whether_the_target_is_met():
    for ours, target, met in ((2.0, at_least(2), True), (1.9, at_least(2), False), (2.1, at_most(2), False)):
        content = json.loads(Figure("name", "what", "ms", ours, 1.0, target).line(SCALE))
        assert (content["ratio"], content["met"]) == (ours, met)


def test_result_without_a_target_is_neither_met_nor_missed():
    assert json.loads(Figure("name", "what", "ms", 1.0, 2.0).line(SCALE))["met"] is None


def test_compare_lets_both_sides_take_turns_in_being_first():
    calls: list[str] = []
    compare(lambda: calls.append("ours"), lambda: calls.append("limit"), rounds=2)
    turns = [name for place, name in enumerate(calls) if not place or calls[place - 1] != name]
    assert turns[-3:] == ["limit", "ours", "limit"]
    assert calls.count("ours") == calls.count("limit")


def test_every_measurement_has_a_place_in_the_run():
    assert run.names() == ["generate", *MEASUREMENTS]
    assert {function.__module__ for function in MEASUREMENTS.values()} == {
        module.__name__ for module in run.ALL_OF_THEM
    }
