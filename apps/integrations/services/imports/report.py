"""The report while it grows: counts per kind, and lines of what was not taken whole."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from apps.integrations.models import Kind

LINES_MAX = 20_000
VALUE_MAX = 300
KEY_MAX = 255
FIELD_MAX = 100
NAMELESS = "#"
COUNTED = [kind.value for kind in Kind if kind != Kind.FILE]
OUTCOMES = ("created", "updated", "unchanged", "reported")


@dataclass(slots=True)
class Line:
    """One line: of which row what was not taken, and why; `count` rows at once where a line speaks of many."""

    kind: str
    key: str
    reason: str
    field: str = ""
    value: str = ""
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind, "key": self.key, "reason": self.reason, "field": self.field, "value": self.value,
            "count": self.count,
        }  # fmt: skip


@dataclass
class Report:
    """Collects what an import says. Beyond LINES_MAX lines the rest is counted per kind, reason and field.

    A row without a key is called # and its place; what is told of it is told in one go.
    """

    lines: list[Line] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    _told: dict[str, set[str]] = field(default_factory=dict)
    _many: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _nameless: Counter[str] = field(default_factory=Counter)
    _last: dict[str, str] = field(default_factory=dict)

    def tell(self, kind: str, key: str, reason: str, field: str = "", value: str = "") -> None:
        """Take one line down."""
        key = key[:KEY_MAX]
        if not key.startswith(NAMELESS):
            self._told.setdefault(kind, set()).add(key)
        elif self._last.get(kind) != key:  # a file may hold millions of them: they are counted and not remembered
            self._last[kind] = key
            self._nameless[kind] += 1
        if len(self.lines) < LINES_MAX:
            self.lines.append(Line(kind, key, reason, field[:FIELD_MAX], value[:VALUE_MAX]))
        else:
            self._many[kind, reason, field[:FIELD_MAX]] += 1

    def count(self, kind: str, *, created: int, updated: int, total: int) -> None:
        """What became of the rows of a kind that were taken."""
        self.counts[kind] = {"created": created, "updated": updated, "unchanged": total - created - updated}

    def finish(self) -> None:
        """Close the report: the lines that speak of many, and the count of rows reported of each kind."""
        for (kind, reason, name), count in sorted(self._many.items()):
            self.lines.append(Line(kind, "", reason, name, count=count))
        for kind in COUNTED:
            told = len(self._told.get(kind, ())) + self._nameless[kind]
            empty = dict.fromkeys(OUTCOMES, 0)
            self.counts[kind] = {**empty, **self.counts.get(kind, {}), "reported": told}

    def summary(self) -> dict[str, Any]:
        """What the job keeps of it beside the lines: the counts, and how often each reason was given."""
        reasons: Counter[tuple[str, str]] = Counter()
        for line in self.lines:
            reasons[line.kind, line.reason] += line.count
        return {
            "counts": self.counts,
            "reasons": [{"kind": kind, "reason": reason, "count": n} for (kind, reason), n in sorted(reasons.items())],
            "lines": len(self.lines),
        }
