"""Two things measured in turn in one run, A B A B …, by the medians of their times; and the line that tells of it."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

BATCH_SECONDS = 0.1
CALLS_MOST = 200


@dataclass(frozen=True)
class Target:
    """What the ratio should be: at least or at most a number."""

    sign: str
    number: float

    def is_met(self, ratio: float) -> bool:
        """Whether the ratio is on the right side of the number."""
        return ratio >= self.number if self.sign == ">=" else ratio <= self.number

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}"


def at_least(number: float) -> Target:
    """A ratio that should be large."""
    return Target(">=", number)


def at_most(number: float) -> Target:
    """A ratio that should be small."""
    return Target("<=", number)


@dataclass(frozen=True)
class Figure:
    """One measurement: ours beside what limits it, both in `unit`."""

    name: str
    what: str
    unit: str
    ours: float
    limit: float
    target: Target | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Ours ÷ the limit."""
        return self.ours / self.limit if self.limit else 0.0

    def line(self, scale: str) -> str:
        """One line of JSON."""
        content = {
            "name": self.name,
            "ours": rounded(self.ours),
            "limit": rounded(self.limit),
            "ratio": rounded(self.ratio),
            "unit": self.unit,
            "target": str(self.target) if self.target else None,
            "met": self.target.is_met(self.ratio) if self.target else None,
            "what": self.what,
            **self.more,
            "scale": scale,
            "machine": machine(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        return json.dumps(content, ensure_ascii=False)


def rounded(number: float) -> float:
    """Four figures are more than a shared machine can tell."""
    return float(f"{number:.4g}")


def machine() -> str:
    """What it ran on, and how busy that was."""
    cpu = platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        models = [
            line for line in information.read_text(encoding="utf-8").splitlines() if line.startswith("model name")
        ]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} of {cpu}; Python {platform.python_version()}, Django {version('django')}; load {load}"


Run = Callable[[], object]


def compare(ours: Run, limit: Run, *, rounds: int) -> tuple[float, float]:
    """The median seconds of one call of each. They take turns, and turns in being first."""
    calls = {run: calibrate(run) for run in (ours, limit)}
    times: dict[Run, list[float]] = {ours: [], limit: []}
    for turn in range(rounds):
        for run in (ours, limit) if turn % 2 else (limit, ours):
            times[run].append(timed(run, calls[run]))
    return statistics.median(times[ours]), statistics.median(times[limit])


def calibrate(run: Run) -> int:
    """Warm up; how many calls make a batch of about BATCH_SECONDS."""
    run()
    once = timed(run, 1)
    return max(1, min(CALLS_MOST, int(BATCH_SECONDS / max(once, 1e-6))))


def timed(run: Run, calls: int) -> float:
    """Seconds a call."""
    began = time.perf_counter()
    for _call in range(calls):
        run()
    return (time.perf_counter() - began) / calls


Measurement = Callable[[Any], Iterator[Figure]]
MEASUREMENTS: dict[str, Measurement] = {}


def measurement(function: Measurement) -> Measurement:
    """Put a generator of results on the list, under its own name."""
    MEASUREMENTS[function.__name__] = function
    return function
