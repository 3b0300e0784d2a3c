"""What only chance finds is counted in one place, and a full run tries all of it."""

import re
import subprocess
import sys
from subprocess import CompletedProcess
from typing import Any

import pytest

import dev
from tests.counts import FULL, VARIABLE, times
from tests.servers import ROOT

ROW = re.compile(r"^\| (?P<what>[^|]+) \| (?P<full>[\d,]+) \| (?P<daily>[\d,]+) \|$", re.MULTILINE)


def told() -> dict[str, tuple[int, int]]:
    """What CONTRIBUTING says of each count: in full, and every day."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    number = lambda written: int(written.replace(",", ""))  # noqa: E731 - of one line
    return {row["what"]: (number(row["full"]), number(row["daily"])) for row in ROW.finditer(text)}


def test_the_table_tells_the_counts_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "full")
    assert {what: times(count) for what, count in FULL.items()} == {what: full for what, (full, _day) in told().items()}
    monkeypatch.delenv(VARIABLE)
    assert {what: times(count) for what, count in FULL.items()} == {what: day for what, (_full, day) in told().items()}


def test_every_day_is_a_tenth_and_never_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert [times(full) for full in (1, 9, 10, 200)] == [1, 1, 1, 20]


def test_every_count_is_used_and_examples_follow_it() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    assert [what for what in FULL if not any(f'times(FULL["{what}"])' in text for text in sources.values())] == []
    assert [str(path) for path, text in sources.items() if re.search(r"max_examples=\d", text)] == []


@pytest.mark.parametrize("arguments", [["tests/goals", "--full"], ["--full", "-k", "race"], ["tests/goals"]])
def test_full_is_taken_by_dev_and_told_to_the_tests(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str]) -> CompletedProcess[Any]:
        called.append((command, env))
        return CompletedProcess(command, 0)

    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(subprocess, "run", run)
    dev.COMMANDS["test"](None, arguments)  # type: ignore[arg-type]
    ((command, environment),) = called
    assert command == [sys.executable, "-m", "pytest", *(each for each in arguments if each != "--full")]
    assert environment.get(VARIABLE) == ("full" if "--full" in arguments else None)
